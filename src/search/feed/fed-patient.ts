/** What an identity feed says of a person, as a derived Patient: a function from data to data. */
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { subset } from "../../core/fhir/subset.ts";
import { JsonObject, treeOf, type JsonArray } from "../../core/fhir/tree/tree.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import type { FeedRecord } from "../../core/formats/identity-feed.ts";
import { personLinks, type PersonFacts } from "../derived/derived-patient.ts";
import type { FoundQuestion } from "../derived/found-question.ts";
import { tagSystem } from "../derived/project.ts";
import { readFeedMessage, type FeedReading } from "./feed-message.ts";

export const FED_TAG = {
  code: "identity-feed",
  display: "What an identity feed says of this person; it was taken out of no document, and is not attested",
};

const LEFT_OUT = ["resourceType", "id", "meta", "text", "_text", "link"] as const;
const REPLACED_BY = "replaced-by";

/** Who understands messages (search/feed). */
export interface FeedMessages {
  /** What a message says of a person, as texts. */
  texts(record: FeedRecord, question: FoundQuestion): readonly (string | undefined)[];
  /** Its Patient. AppError `invalid` when it joins nothing any more. */
  patient(record: FeedRecord): JsonObject;
}

/** As the feed's Patient says; of one who was replaced, that it is not active. */
export function fedPatient(
  id: string,
  patient: JsonObject,
  person: PersonFacts,
  { fhirBase, receivedAt }: Pick<FoundQuestion, "fhirBase" | "receivedAt">,
): JsonObject {
  const meta = treeOf({ lastUpdated: receivedAt, tag: [{ system: tagSystem(fhirBase), ...FED_TAG }] }) as JsonObject;
  const made = new JsonObject().add("resourceType", "Patient").add("id", id).add("meta", meta);
  const isReplaced = person.replacedBy !== undefined;
  const rest = isReplaced ? patient.without(...LEFT_OUT, "active", "_active") : patient.without(...LEFT_OUT);
  rest.names.forEach((name, at) => made.add(name, rest.values[at] ?? null));
  if (isReplaced) made.add("active", false);
  const links = treeOf(personLinks(person)) as JsonArray;
  // Whom the message names as the one that is left is told by its address here.
  for (const own of patient.objects("link")) if (!isReplaced || own.string("type") !== REPLACED_BY) links.add(own);
  return links.items.length === 0 ? made : made.add("link", links);
}

/** Resources of a message as texts, in the order in which they are wanted; undefined for all but the person. */
export function feedTexts(
  record: FeedRecord,
  question: FoundQuestion,
  { definitions, systems, parameters }: FeedReading & { readonly parameters: Pick<SearchParameters, "summary"> },
): (string | undefined)[] {
  const { patient } = readFeedMessage(record, { definitions, systems });
  return question.wanted.map(({ type, path, person }) => {
    if (type !== "Patient" || person === undefined) return undefined;
    const resource = subset(fedPatient(path, patient, person, question), question.shown, definitions, parameters.summary);
    return question.form === "xml" ? writeXml(resource, definitions, question) : writeJson(resource, question);
  });
}
