/** The events of our messages (R4 messagedefinition.html): which are taken, and which are sent to whoever subscribed for them. */
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";

/** An event, its direction, and what its messages are about. */
export interface MessageEvent {
  /** Its code in the code system of events, and the id of its MessageDefinition. */
  readonly code: string;
  readonly mode: "receiver" | "sender";
  readonly title: string;
  readonly description: string;
  readonly category: "consequence" | "currency" | "notification";
  readonly focus: { readonly code: string; readonly min: number; readonly max: string };
}

export const DEPOSIT_DOCUMENT = "deposit-document";
export const FIND_DOCUMENTS = "find-documents";

const sent = (code: string, title: string, what: string): MessageEvent => ({
  ...{ code, mode: "sender", title, category: "notification" },
  description: `${what} Sent to whoever subscribed for it with a channel of type message.`,
  focus: { code: "DocumentReference", min: 0, max: "*" },
});

export const MESSAGE_EVENTS: readonly MessageEvent[] = [
  {
    code: DEPOSIT_DOCUMENT,
    mode: "receiver",
    title: "Deposit a document",
    description:
      "The focus is the document: a Bundle of type document as an entry of the message, or a Binary that holds one. It is deposited as by POST of a Bundle: its submitted bytes are those that stand in the message. The answer says in its OperationOutcome what became of it, and leads to it by its focus.",
    category: "consequence",
    focus: { code: "Bundle", min: 1, max: "64" },
  },
  {
    code: FIND_DOCUMENTS,
    mode: "receiver",
    title: "Find documents",
    description:
      "The focus is a Parameters with search parameters of DocumentReference, each by its name with a valueString. The answer holds the DocumentReferences that the search finds.",
    category: "currency",
    focus: { code: "Parameters", min: 1, max: "1" },
  },
  sent("document-available", "A document is available", "A document was deposited."),
  sent("document-superseded", "A document was superseded", "Another document took the place of one."),
  sent("document-retracted", "A document was retracted", "A document was entered that says that it was entered in error."),
  sent("document-erased", "A document was erased", "A document was erased: nothing of it can be read any more."),
];

/** The code system of our events. */
export function messageEventSystem(fhirBase: string): string {
  return `${fhirBase}/CodeSystem/message-events`;
}

/** The canonical address of an event's MessageDefinition. */
export function messageDefinitionUrl(code: string, fhirBase: string): string {
  return `${fhirBase}/MessageDefinition/${code}`;
}

/** `MessageDefinition/{code}` and the code system, as they are served. `startedAt`: since when it is so. */
export function messageDefinitions({
  fhirBase,
  startedAt,
}: {
  readonly fhirBase: string;
  readonly startedAt: Date;
}): ReadonlyMap<string, () => JsonObject> {
  const date = startedAt.toISOString();
  const made = new Map<string, () => JsonObject>(
    MESSAGE_EVENTS.map((event) => [`MessageDefinition/${event.code}`, () => messageDefinition(event, { fhirBase, date })]),
  );
  return made.set("CodeSystem/message-events", () => eventCodes({ fhirBase, date }));
}

interface Facts {
  readonly fhirBase: string;
  /** An instant. */
  readonly date: string;
}

function messageDefinition({ code, title, description, category, focus, mode }: MessageEvent, { fhirBase, date }: Facts): JsonObject {
  return treeOf({
    resourceType: "MessageDefinition",
    id: code,
    url: messageDefinitionUrl(code, fhirBase),
    name: nameOf(code),
    ...{ title, status: "active", date, description },
    eventCoding: { system: messageEventSystem(fhirBase), code, display: title },
    category,
    focus: [focus],
    responseRequired: mode === "receiver" ? "always" : "never",
  }) as JsonObject;
}

function eventCodes({ fhirBase, date }: Facts): JsonObject {
  return treeOf({
    resourceType: "CodeSystem",
    id: "message-events",
    url: messageEventSystem(fhirBase),
    name: "MessageEvents",
    title: "Events of messages",
    ...{ status: "active", date, caseSensitive: true, content: "complete" },
    description: "The events of messages that are taken here, and of those that are sent from here.",
    count: MESSAGE_EVENTS.length,
    concept: MESSAGE_EVENTS.map(({ code, title, description }) => ({ code, display: title, definition: description })),
  }) as JsonObject;
}

function nameOf(code: string): string {
  return code.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** CapabilityStatement.messaging. What came is known again for ever: as many minutes as the element can say. */
export function messagingCapability(fhirBase: string, endpoint: string): object {
  return {
    endpoint: [{ protocol: { system: "http://terminology.hl7.org/CodeSystem/message-transport", code: "http" }, address: endpoint }],
    reliableCache: 2_147_483_647,
    documentation:
      "Messages that deposit documents are kept with their answers for ever: sent again, with the same Bundle.id or another, a message gets the stored answer. Bundle.id with another MessageHeader.id is an error. What was refused is not kept, and is looked at anew.",
    supportedMessage: MESSAGE_EVENTS.map(({ code, mode }) => ({ mode, definition: messageDefinitionUrl(code, fhirBase) })),
  };
}
