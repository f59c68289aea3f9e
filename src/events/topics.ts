/** Topics of ours, by which subscriptions say what they want (R5 Subscriptions Backport 1.1.0, "Subscription Topics in R4"): R4 has no resource for one, so that its canonical address is its name. */
import { EVENT_KINDS, type EventKind } from "./subscription.ts";

/** What a guide of the Backport's is called by. */
export const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport";

/** By which the documents of a topic are filtered, each a search parameter of DocumentReference (`security-label`: of R4 too). */
export const TOPIC_FILTERS = ["type", "category", "patient", "custodian", "author", "status", "security-label"] as const;

/** The id of a topic. */
export function topicId(kind: EventKind): string {
  return `document-${kind}`;
}

/** Its canonical address. */
export function topicUrl(kind: EventKind, fhirBase: string): string {
  return `${fhirBase}/SubscriptionTopic/${topicId(kind)}`;
}

/** What a canonical address names; undefined for one that is no topic of ours. */
export function topicNamed(url: string, fhirBase: string): EventKind | undefined {
  return EVENT_KINDS.find((kind) => topicUrl(kind, fhirBase) === url);
}
