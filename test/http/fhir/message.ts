/** Messages as a source sends them. */
import { randomUUID } from "node:crypto";

export interface MessageOptions {
  readonly bundleId?: string;
  readonly id?: string;
  readonly event?: object;
  /** The document's text, which stands in the message as it is. */
  readonly document?: string;
  /** Further documents. */
  readonly more?: readonly string[];
  readonly header?: object;
  readonly parameters?: object;
}

export const BASE = "https://documents.example.org/fhir";
export const EVENTS = `${BASE}/CodeSystem/message-events`;

/** A message with a document, or with Parameters, in JSON. */
export function message({ bundleId = randomUUID(), id = randomUUID(), event, document, more = [], header = {}, parameters }: MessageOptions): string {
  const focus = `urn:uuid:${randomUUIDOf(id)}`;
  const others = more.map((text) => ({ url: `urn:uuid:${randomUUID()}`, text }));
  const code = document === undefined ? "find-documents" : "deposit-document";
  const first = {
    resourceType: "MessageHeader",
    id,
    ...(event ?? { eventCoding: { system: EVENTS, code } }),
    source: { endpoint: "https://clinic.example.org/messages" },
    destination: [{ endpoint: `${BASE}/$process-message` }],
    focus: [{ reference: focus }, ...others.map(({ url }) => ({ reference: url }))],
    ...header,
  };
  const resource = document ?? JSON.stringify({ resourceType: "Parameters", ...parameters });
  const behind = others.map(({ url, text }) => `,{"fullUrl":"${url}","resource":${text}}`).join("");
  const entries = `[{"fullUrl":"urn:uuid:${id}","resource":${JSON.stringify(first)}},{"fullUrl":"${focus}","resource":${resource}}${behind}]`;
  return `{"resourceType":"Bundle","id":"${bundleId}","type":"message","timestamp":"2026-03-01T10:00:00Z","entry":${entries}}`;
}

/** Another one, the same for the same. */
function randomUUIDOf(id: string): string {
  return `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`;
}
