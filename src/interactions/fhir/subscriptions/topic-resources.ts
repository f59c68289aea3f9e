/** Topics as resources: R4 has none for them, and the Backport carries what R5 says of one in a Basic (1.2.0-ballot, "Subscription Topics in R4"). Their canonical addresses lead there. */
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { EVENT_KINDS, type EventKind } from "../../../events/subscription.ts";
import { BACKPORT, TOPIC_FILTERS, topicId, topicUrl } from "../../../events/topics.ts";

/** Of R5's SubscriptionTopic. */
const ELEMENT = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.";

const TOLD: Readonly<Record<EventKind, { readonly title: string; readonly description: string }>> = {
  deposited: { title: "A document is available", description: "A document was deposited. The focus is its DocumentReference." },
  superseded: {
    title: "A document was superseded",
    description:
      "Another document took the place of one. The focus is the DocumentReference of the one that was superseded, and with it stands that of the other.",
  },
  retracted: {
    title: "A document was retracted",
    description: "A document was deposited whose status says that it was entered in error. The focus is its DocumentReference.",
  },
  erased: {
    title: "A document was erased",
    description:
      "Nothing of a document can be read any more. The focus is the address of its DocumentReference. There is no filter: nothing is left that one could be held against.",
  },
};

export interface TopicFacts {
  readonly fhirBase: string;
  /** An instant: since when it is so. */
  readonly startedAt: Date;
}

/** `Basic/{id}` of each. */
export function topicResources(facts: TopicFacts): ReadonlyMap<string, () => JsonObject> {
  return new Map(EVENT_KINDS.map((kind) => [`Basic/${topicId(kind)}`, () => topicResource(kind, facts)] as const));
}

function topicResource(kind: EventKind, { fhirBase, startedAt }: TopicFacts): JsonObject {
  const { title, description } = TOLD[kind];
  const filters = kind === "erased" ? [] : TOPIC_FILTERS;
  return treeOf({
    resourceType: "Basic",
    id: topicId(kind),
    extension: [
      { url: `${ELEMENT}url`, valueUri: topicUrl(kind, fhirBase) },
      { url: `${ELEMENT}title`, valueString: title },
      { url: `${ELEMENT}date`, valueDateTime: startedAt.toISOString() },
      { url: `${ELEMENT}description`, valueMarkdown: description },
      ...filters.map((filter) => ({
        url: `${ELEMENT}canFilterBy`,
        extension: [
          { url: "resource", valueUri: "http://hl7.org/fhir/StructureDefinition/DocumentReference" },
          { url: "filterParameter", valueString: filter },
        ],
      })),
    ],
    modifierExtension: [{ url: `${ELEMENT}status`, valueCode: "active" }],
    code: { coding: [{ system: "http://hl7.org/fhir/fhir-types", code: "SubscriptionTopic" }], text: title },
    created: startedAt.toISOString().slice(0, 10),
  }) as JsonObject;
}

/** The CapabilityStatement's extensions that name them, upon its entry for Subscription. */
export function topicExtensions(fhirBase: string): object[] {
  return EVENT_KINDS.map((kind) => ({
    url: `${BACKPORT}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
    valueCanonical: topicUrl(kind, fhirBase),
  }));
}
