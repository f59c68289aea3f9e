/** What the index takes from a message of an identity feed: the person as it says, found as derived Patients are, and who is the same person (identities.ts). */
import { bannerName, preferredName } from "../../core/fhir/datatypes.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import { FEED_KIND, type FeedRecord } from "../../core/formats/identity-feed.ts";
import type { PersonRow, PersonIdOf } from "../derived/person.ts";
import { ROWS } from "../derived/person.ts";
import { withPersonIds, type DescribedResource, type ResourceDescriber } from "../describe-resources.ts";
import type { DescribedMessage } from "../index-port.ts";
import { MADE_PLACES } from "../resource-number.ts";
import { personIdentifier } from "../same-person.ts";
import type { WordRow } from "../values/index-row.ts";
import { readFeedMessage, type FeedReading } from "./feed-message.ts";

export interface FeedFacts {
  readonly id: string;
  /** The entry's place in the log. */
  readonly index: number;
  readonly receivedAt: string;
  readonly record: FeedRecord;
}

/** As many digits as a place among the listed systems has: such texts are in order. */
const DIGITS = 4;

/**
 * A message is described as a document is, so that a later one about the same person closes it at its place in the log (index-step.ts).
 * @throws AppError `invalid` for a message that joins nothing under these settings
 */
export async function describeFeed(
  { id, index, receivedAt, record }: FeedFacts,
  { describer, idOf, ...reading }: FeedReading & { readonly describer: Pick<ResourceDescriber, "alone">; readonly idOf: PersonIdOf },
): Promise<DescribedMessage> {
  const { patient, keys: all, replacedBy } = readFeedMessage(record, reading);
  const survivor = replacedBy && ("key" in replacedBy ? await idOf(replacedBy.key) : replacedBy.person);
  const ids = await Promise.all(all.map(idOf));
  const [first] = all;
  const keys = all.filter((_, at) => ids[at] !== survivor);
  const ranks = [...reading.systems];
  const rows = describer.alone("Patient", patient);
  // Who is left may be known by this message alone.
  const left = replacedBy && "key" in replacedBy ? personIdentifier(replacedBy.key, reading.systems) : undefined;
  const named = left && describer.alone("Patient", treeOf({ resourceType: "Patient", identifier: [left] }) as JsonObject);
  const known = [...rows, ...(named ?? [])].flatMap((row) =>
    row.kind === "word" && row.name === "identifier" ? [{ ...row, name: ROWS.fedIdentifier }] : [],
  );
  const resources = keys.map((key, at): DescribedResource => {
    const rank = String(ranks.indexOf(personIdentifier(key, reading.systems)?.system ?? "")).padStart(DIGITS, "0");
    const own: (PersonRow | WordRow)[] = [
      ...keys.map((one) => personRow(ROWS.person, one)),
      { ...personRow(ROWS.derived, key), system: "feed" },
      wordRow(ROWS.rank, rank),
      ...(survivor === undefined ? [] : [wordRow(ROWS.into, survivor)]),
    ];
    return { place: MADE_PLACES.Patient + at, type: "Patient", path: "", person: key, rows: [...rows, ...known, ...own] };
  });
  const name = preferredName(patient.objects("name"));
  const patientName = name && bannerName(name);
  const birthDate = patient.string("birthDate");
  // The messages before about the same person are what it takes the place of. Two may have come within one millisecond: the order of the log stands for the time.
  const order = `${FEED_KIND}:${await idOf(first)}`;
  return {
    summary: {
      ...{ id, title: "", type: "", status: "", timestamp: new Date(index).toISOString(), date: "", receivedAt },
      ...(patientName && { patientName }),
      ...(birthDate !== undefined && { patientBirthDate: birthDate }),
      ...{ patientIdentifiers: [], authors: [] },
    },
    links: { ownKeys: [order], claims: [{ relation: "replaces", key: order }], subjectKeys: [order], custodianKeys: [], compositionKeys: [order] },
    terms: [],
    facts: {
      ...{ patient: keys, custodian: [], organisation: [], type: [], confidentiality: [], labels: [], clearance: ["N"], status: [] },
      ...{ authors: [], related: [], codes: [], written: [] },
    },
    header: await withPersonIds(resources, idOf),
    isOfFeed: true,
  };
}

function personRow(name: string, key: string): PersonRow {
  return { kind: "person", name, key, before: "", part: 0 };
}

function wordRow(name: string, value: string): WordRow {
  return { kind: "word", name, value, part: 0 };
}
