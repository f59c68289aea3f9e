/**
 * Notifications as they are written (R5 Subscriptions Backport 1.1.0, "Notifications", and R4 messaging.html): pure. What stands in one is decided elsewhere (told-events.ts).
 */
import { sha256 } from "../../../core/crypto/digest.ts";
import { utf8 } from "../../../core/crypto/bytes.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { writeXml } from "../../../core/fhir/xml/write-xml.ts";
import type { SubscriptionEvent } from "../../../events/event-rows.ts";
import type { EventKind, HeldSubscription, PayloadContent } from "../../../events/subscription.ts";
import { BACKPORT, topicUrl } from "../../../events/topics.ts";
import { messageDefinitionUrl, messageEventSystem } from "../messages/message-definitions.ts";
import { writeEntryBundle, type BundleEntry } from "../entry-bundle.ts";

/** Something that an event is about, `Type/id`. */
export interface ToldFocus {
  readonly reference: string;
  /** `gone`: its document was erased. */
  readonly state: "known" | "gone";
  /** The resource, in the form of the notification; absent where content is not told. */
  readonly text?: string;
}

/** An event, and what of it may be told; nothing of one that its owner may not know by now. */
export interface ToldEvent {
  readonly event: SubscriptionEvent;
  readonly foci: readonly ToldFocus[];
}

export type StatusType = "handshake" | "heartbeat" | "event-notification" | "query-status" | "query-event";

export interface Writing {
  readonly form: "json" | "xml";
  readonly definitions: Definitions;
  readonly fhirBase: string;
}

/** What a status says. */
export interface StatusFacts {
  readonly type: StatusType;
  /** Events since the subscription began, whether they were told or not. */
  readonly count: number;
  readonly events: readonly ToldEvent[];
  readonly content: PayloadContent;
}

const STATUS_PROFILE = `${BACKPORT}/StructureDefinition/backport-subscription-status-r4`;
const NOTIFICATION_PROFILE = `${BACKPORT}/StructureDefinition/backport-subscription-notification-r4`;

/** The Backport's SubscriptionStatus, which R4 has as Parameters. */
export function statusOf(subscription: HeldSubscription, { type, count, events, content }: StatusFacts, fhirBase: string): JsonObject {
  const { id, wanted, status, shown } = subscription;
  const error = shown.string("error");
  const parameter = [
    { name: "subscription", valueReference: { reference: `${fhirBase}/Subscription/${id}` } },
    // Of an empty notification even that would say something.
    ...(wanted.kind === "topic" && content !== "empty" ? [{ name: "topic", valueCanonical: topicUrl(wanted.topic, fhirBase) }] : []),
    { name: "status", valueCode: status },
    { name: "type", valueCode: type },
    { name: "events-since-subscription-start", valueString: String(count) },
    ...events.map((event) => ({ name: "notification-event", part: partsOf(event, content, fhirBase) })),
    ...(error === undefined ? [] : [{ name: "error", valueCodeableConcept: { text: error } }]),
  ];
  const own = uuidOf(`status ${id} ${type} ${count} ${events.map(({ event }) => event.number).join()}`);
  return treeOf({ resourceType: "Parameters", id: own, meta: { profile: [STATUS_PROFILE] }, parameter }) as JsonObject;
}

function partsOf({ event, foci }: ToldEvent, content: PayloadContent, fhirBase: string): object[] {
  const told = content === "empty" ? [] : foci;
  return [
    { name: "event-number", valueString: String(event.number) },
    { name: "timestamp", valueInstant: event.at },
    ...told.map(({ reference }, at) => ({
      name: at === 0 ? "focus" : "additional-context",
      valueReference: { reference: `${fhirBase}/${reference}` },
    })),
  ];
}

/** The entry of a status: what is in it is what its operation answers. */
export function statusEntry(status: JsonObject, { form, definitions }: Writing): Pick<BundleEntry, "fullUrl" | "text"> {
  return { fullUrl: `urn:uuid:${status.string("id") ?? ""}`, text: form === "xml" ? writeXml(status, definitions) : writeJson(status) };
}

/** A notification as a Bundle of type history. @param at an instant: when it is put together */
export function notificationBundle(
  subscription: HeldSubscription,
  facts: StatusFacts,
  { at, pretty = false, ...writing }: Writing & { readonly at: string; readonly pretty?: boolean },
): string {
  const { fhirBase } = writing;
  const status = statusOf(subscription, facts, fhirBase);
  const entries: BundleEntry[] = [
    {
      ...statusEntry(status, writing),
      parts: [
        { name: "request", values: [["method", "GET"], ["url", `${fhirBase}/Subscription/${subscription.id}/$status`]] }, // prettier-ignore
        { name: "response", values: [["status", "200"]] },
      ],
    },
  ];
  const told = new Map(facts.content === "empty" ? [] : facts.events.flatMap(({ foci }) => foci).map((one) => [one.reference, one]));
  for (const { reference, state, text } of told.values())
    entries.push({
      fullUrl: `${fhirBase}/${reference}`,
      ...(facts.content === "full-resource" && { text }),
      parts: [
        { name: "request", values: [["method", "GET"], ["url", reference]] }, // prettier-ignore
        { name: "response", values: [["status", state === "gone" ? "410" : "200"]] },
      ],
    });
  // What tells of events is the same one when it is sent again; of anything else each is one by itself.
  const id = uuidOf(`notification ${status.string("id") ?? ""} ${facts.type === "event-notification" ? "" : at}`);
  const bundle = { type: "history", id, profile: NOTIFICATION_PROFILE, timestamp: at, lastUpdated: at, entries, fhirBase } as const;
  return writeEntryBundle(bundle, { form: writing.form, pretty }, writing.definitions);
}

/** By what the message of an event is called (message-definitions.ts). */
export function messageEventOf(kind: EventKind): string {
  return kind === "deposited" ? "document-available" : `document-${kind}`;
}

/** An event as a message: sent again it is the same message, so that whoever took it before knows it (R4 messaging.html, "Reliable Messaging"). */
export function eventMessage(
  { id, channel: { endpoint } }: HeldSubscription,
  { event, foci }: ToldEvent,
  { at, form, definitions, fhirBase, content }: Writing & { readonly at: string; readonly content: PayloadContent },
): string {
  const code = messageEventOf(event.kind);
  const told = content === "empty" ? [] : foci;
  const header = treeOf({
    resourceType: "MessageHeader",
    id: uuidOf(`message ${id} ${event.number}`),
    eventCoding: { system: messageEventSystem(fhirBase), code },
    destination: [{ endpoint }],
    source: { name: "Chartulary", endpoint: `${fhirBase}/$process-message` },
    ...(told.length > 0 && { focus: told.map(({ reference }) => ({ reference: `${fhirBase}/${reference}` })) }),
    definition: messageDefinitionUrl(code, fhirBase),
  }) as JsonObject;
  const entries: BundleEntry[] = [
    { fullUrl: `urn:uuid:${header.string("id") ?? ""}`, text: form === "xml" ? writeXml(header, definitions) : writeJson(header), parts: [] },
    ...told.flatMap(({ reference, text }) => (text === undefined ? [] : [{ fullUrl: `${fhirBase}/${reference}`, text, parts: [] }])),
  ];
  const bundle = { type: "message", id: uuidOf(`bundle ${id} ${event.number}`), timestamp: at, lastUpdated: at, entries, fhirBase } as const;
  return writeEntryBundle(bundle, { form, pretty: false }, definitions);
}

/** A UUID that the same text always gives (RFC 9562 section 5.8, version 8). */
function uuidOf(text: string): string {
  const hex = Buffer.from(sha256(utf8(text))).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
