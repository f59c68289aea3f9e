/** What messages of identity feeds are understood by. A part of the composition root. */
import { randomUUID } from "node:crypto";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { canonicalJson } from "../core/fhir/canonical.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { readResource } from "../core/fhir/reading/read-resource.ts";
import type { FeedRecord } from "../core/formats/identity-feed.ts";
import { IdentityFeed, type FeedContext } from "../pipeline/identity-feed.ts";
import type { PersonIdOf } from "../search/derived/person.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { feedTexts, type FeedMessages } from "../search/feed/fed-patient.ts";
import { readFeedMessage, type FeedMessage, type FeedReading } from "../search/feed/feed-message.ts";
import type { IndexerOptions } from "../search/indexer.ts";
import { MergedPersons, type MergedNeeds } from "../reader/merged-persons.ts";
import type { MergedOf } from "../interactions/fhir/consents/consent-records.ts";
import { describerOf } from "./describer.ts";
import type { PatientSystems } from "../search/same-person.ts";

/** Who enters what feeds say. */
export function identityFeed({
  systems,
  definitions,
  personIdOf,
  ...using
}: Omit<FeedContext, "replacedBy" | "areSame"> & {
  readonly systems: PatientSystems;
  readonly definitions: Definitions;
  readonly personIdOf: PersonIdOf;
}): IdentityFeed {
  const canonical = ({ message, mediaType }: Pick<FeedRecord, "message" | "mediaType">): string | undefined => {
    const { resource } = readResource(message, mediaType, STORED_READ_LIMITS, definitions);
    return resource && canonicalJson(resource);
  };
  return new IdentityFeed({
    ...using,
    replacedBy: async (record) => {
      const replacedBy = understood(record, { definitions, systems })?.replacedBy;
      return replacedBy && ("key" in replacedBy ? personIdOf(replacedBy.key) : replacedBy.person);
    },
    areSame: (one, other) => canonical(one) === canonical(other),
  });
}

/** What interactions need to take what feeds say; `identityFeed` is undefined where the operator allows none. */
export function feedServices(
  { patientSystems: systems, hasIdentityFeed }: Pick<Config, "patientSystems" | "hasIdentityFeed">,
  record: Omit<Parameters<typeof identityFeed>[0], "newId" | "systems">,
): { readonly identityFeed: IdentityFeed | undefined; readonly personIdOf: PersonIdOf; readonly systems: PatientSystems } {
  const taken = hasIdentityFeed ? identityFeed({ ...record, systems, newId: () => randomUUID() }) : undefined;
  return { identityFeed: taken, personIdOf: record.personIdOf, systems };
}

/** What was understood when it was entered may join nothing any more, under other settings: then it replaces nobody. */
function understood(record: FeedRecord, by: FeedReading): FeedMessage | undefined {
  try {
    return readFeedMessage(record, by);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

export function feedMessages(by: {
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly systems: PatientSystems;
}): FeedMessages {
  return {
    texts: (record, question) => feedTexts(record, question, by),
    patient: (record) => readFeedMessage(record, by).patient,
  };
}

/** Whom feeds joined (reader/merged-persons.ts). */
export function mergedPersons({ systems, definitions, ...using }: Omit<MergedNeeds, "keysOf"> & FeedReading): MergedOf {
  const merged = new MergedPersons({
    ...using,
    keysOf: (record) => {
      const message = understood(record, { definitions, systems });
      return message ? [...message.keys, ...(message.replacedBy && "key" in message.replacedBy ? [message.replacedBy.key] : [])] : [];
    },
  });
  return (keys) => merged.of(keys);
}

/** What the index takes from messages. */
export function feedDescriber(...of: Parameters<typeof describerOf>): IndexerOptions["describeFeed"] {
  return describerOf(...of).describeFeed;
}
