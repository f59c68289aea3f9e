/** The answer to a message: a message of its own (R4 messaging.html, MessageHeader.response). */
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { treeOf } from "../../core/fhir/tree/tree.ts";
import type { MessageFacts } from "./message-forms.ts";

/** http://hl7.org/fhir/response-code */
export type ResponseCode = "ok" | "transient-error" | "fatal-error";

export interface AnswerParts {
  readonly facts: MessageFacts;
  /** Ids of the answer: of its Bundle, of its header, of the OperationOutcome, and of what it gives back. */
  readonly ids: { readonly bundle: string; readonly header: string; readonly outcome: string; readonly result: string };
  /** An instant. */
  readonly at: string;
  readonly code: ResponseCode;
  readonly outcome: JsonObject;
  /** What it gives back: resources that the focus leads to, which must stand in the message (R4 messageheader.html, focus). */
  readonly resources?: readonly { readonly fullUrl: string; readonly resource: JsonObject }[];
}

/** Where messages are sent to. */
export function messageEndpoint(fhirBase: string): string {
  return `${fhirBase}/$process-message`;
}

export function messageAnswer({ facts, ids, at, code, outcome, resources = [] }: AnswerParts, fhirBase: string): JsonObject {
  const { system, code: event } = facts.event;
  const header = {
    resourceType: "MessageHeader",
    id: ids.header,
    ...(system === undefined ? { eventUri: event } : { eventCoding: { system, code: event } }),
    destination: [{ endpoint: facts.source }],
    source: { name: "Chartulary", software: "Chartulary", endpoint: messageEndpoint(fhirBase) },
    response: { identifier: facts.id, code, details: { reference: `urn:uuid:${ids.outcome}` } },
    ...(resources.length > 0 && { focus: resources.map(({ fullUrl }) => ({ reference: fullUrl })) }),
  };
  return treeOf({
    resourceType: "Bundle",
    id: ids.bundle,
    type: "message",
    timestamp: at,
    entry: [
      { fullUrl: `urn:uuid:${ids.header}`, resource: header },
      { fullUrl: `urn:uuid:${ids.outcome}`, resource: withId(outcome, ids.outcome) },
      ...resources.map((one) => ({ ...one })),
    ],
  }) as JsonObject;
}

function withId(resource: JsonObject, id: string): JsonObject {
  const made = treeOf({ resourceType: resource.string("resourceType") ?? "", id }) as JsonObject;
  for (const name of resource.names) if (name !== "resourceType" && name !== "id") made.add(name, resource.get(name) ?? null);
  return made;
}
