/** Makes notifications ready to be sent: with what their owner may know of by now, in the form that they asked for, and in the audit trail before anything leaves. */
import { randomUUID } from "node:crypto";
import type { Asked } from "../../../core/asked.ts";
import { utf8 } from "../../../core/crypto/bytes.ts";
import { AppError } from "../../../core/errors.ts";
import type { NewTrailEvent } from "../../../core/formats/audit-trail.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { Callback } from "../../../events/callbacks.ts";
import { headersIn } from "../../../events/channel-headers.ts";
import type { SubscriptionEvent } from "../../../events/event-rows.ts";
import type { Prepared, Preparing, ToTell } from "../../../events/prepared.ts";
import { OWNER_GONE, type HeldSubscription, type OwnerNow } from "../../../events/subscription.ts";
import { isQueryFault } from "../../../search/query/query-fault.ts";
import type { Access } from "../../../security/access.ts";
import { Notes, type PatientOf } from "../../../security/trail/notes.ts";
import { eventMessage, notificationBundle, type ToldEvent, type Writing } from "./notification.ts";
import { toldEvents, type TellingNeeds } from "./told-events.ts";

export interface PreparingNeeds extends TellingNeeds {
  readonly access: Access;
  readonly definitions: Definitions;
  readonly ownerNow: OwnerNow;
  /** Where what is disclosed is written down; undefined where nothing is. */
  readonly disclosing: { record(events: readonly NewTrailEvent[]): Promise<void>; readonly patientOf: PatientOf } | undefined;
}

/** Events in one notification, where its owner did not say how many at most. */
const TOGETHER = 50;
/** Seconds that a receiver may take to answer, where its owner did not say. */
const PATIENCE = 20;

export function preparing(using: PreparingNeeds): Preparing {
  return { prepare: (subscription, toTell) => prepare(subscription, toTell, using) };
}

async function prepare(subscription: HeldSubscription, { type, events, count }: ToTell, using: PreparingNeeds): Promise<Prepared[]> {
  const { channel, purpose, wanted } = subscription;
  const owner = await using.ownerNow(subscription.owner);
  if (!owner) throw new AppError("forbidden", OWNER_GONE);
  const { definitions, fhirBase } = using;
  const form = formOf(channel);
  const content = channel.content ?? "full-resource";
  const at = new Date().toISOString();
  const writing = { form, definitions, fhirBase, at } as const;
  if (type !== "event-notification") {
    const bundle = notificationBundle(subscription, { type, count, events: [], content }, writing);
    return [{ calls: [posted(subscription, bundle)] }];
  }
  const notes = new Notes();
  const asked: Asked = { caller: owner, channel: "program", requestId: randomUUID(), noted: notes, ...(purpose !== undefined && { purpose }) };
  const isWhole = content === "full-resource" && (wanted.kind === "topic" || channel.payload !== undefined);
  const told = await toldToOwner(asked, events, isWhole ? form : undefined, using);
  const prepared =
    wanted.kind === "topic" && channel.type !== "message"
      ? inBundles(subscription, told, { ...writing, count, content })
      : told.map((one): Prepared => ({ calls: callsOf(subscription, one, { ...writing, content }), upTo: one.event.number }));
  if (told.some(({ foci }) => foci.length > 0)) await writeDown(subscription, { asked, notes, at }, using);
  return prepared;
}

/** What their owner may be told by now: nothing who may not subscribe any more, or whose scopes narrow by what nobody understands. */
async function toldToOwner(
  asked: Asked,
  events: readonly SubscriptionEvent[],
  form: "json" | "xml" | undefined,
  using: PreparingNeeds,
): Promise<readonly ToldEvent[]> {
  const nothing = events.map((event): ToldEvent => ({ event, foci: [] }));
  if (!(await using.access.grantOf(asked)).may("subscribe")) return nothing;
  return toldEvents(asked, events, form, using).catch((error: unknown) => {
    if (isQueryFault(error)) return nothing;
    throw error;
  });
}

/** Several events in one notification, at most so many as its owner wants. */
function inBundles(
  subscription: HeldSubscription,
  told: readonly ToldEvent[],
  {
    count,
    content,
    ...writing
  }: Writing & { readonly at: string; readonly count: number; readonly content: NonNullable<HeldSubscription["channel"]["content"]> },
): Prepared[] {
  const most = Math.min(subscription.channel.maxCount ?? TOGETHER, TOGETHER);
  const parts = Array.from({ length: Math.ceil(told.length / most) }, (_, at) => told.slice(at * most, (at + 1) * most));
  return parts.map((events) => {
    const last = events.at(-1)?.event.number ?? 0;
    const facts = { type: "event-notification", count: Math.max(count, last), events, content } as const;
    return { calls: [posted(subscription, notificationBundle(subscription, facts, writing))], upTo: last };
  });
}

/** One event as a message, or as R4 has it. Of what may not be known, and of what is gone, nothing is sent: R4 tells of no deletion (subscription.html). */
function callsOf(
  subscription: HeldSubscription,
  told: ToldEvent,
  writing: Writing & { readonly at: string; readonly content: NonNullable<HeldSubscription["channel"]["content"]> },
): Callback[] {
  const { channel, wanted } = subscription;
  if (told.foci.length === 0) return [];
  if (channel.type === "message") return [posted(subscription, eventMessage(subscription, told, writing))];
  if (wanted.kind !== "search" || told.foci.every(({ state }) => state === "gone")) return [];
  if (channel.payload === undefined) return [posted(subscription, undefined)];
  return told.foci.flatMap(({ reference, text }) => (text === undefined ? [] : [put(subscription, reference, text)]));
}

/**
 * A call that tells of no event. A rest-hook that knows what that is gets a heartbeat; R4's own form and messages have nothing that says nothing (an empty POST tells that something happened), and are asked by OPTIONS, with their headers,
 * whether somebody is there. @param count events since the subscription began
 */
export function testCall(subscription: HeldSubscription, count: number, { definitions, fhirBase }: Omit<Writing, "form">): Callback {
  const { channel } = subscription;
  const { content, type } = channel;
  if (type !== "rest-hook" || content === undefined) return { ...posted(subscription, undefined), method: "OPTIONS" };
  const form = formOf(channel);
  const facts = { type: "heartbeat", count, events: [], content } as const;
  return posted(subscription, notificationBundle(subscription, facts, { form, definitions, fhirBase, at: new Date().toISOString() }));
}

function formOf({ payload }: HeldSubscription["channel"]): Writing["form"] {
  return payload === "application/fhir+xml" ? "xml" : "json";
}

function posted(subscription: HeldSubscription, body: string | undefined): Callback {
  return { ...called(subscription, body), url: subscription.channel.endpoint ?? "", method: "POST" };
}

/** An update at `{endpoint}/{type}/{id}` (R4 subscription.html, "REST Hook"). */
function put(subscription: HeldSubscription, reference: string, body: string): Callback {
  const url = new URL(subscription.channel.endpoint ?? "");
  url.pathname = `${url.pathname.replace(/\/$/, "")}/${reference}`;
  return { ...called(subscription, body), url: url.href, method: "PUT" };
}

function called({ channel }: HeldSubscription, body: string | undefined): Pick<Callback, "headers" | "body" | "time"> {
  const { headers, payload, timeout = PATIENCE } = channel;
  return {
    headers: { ...headersIn(headers), ...(body !== undefined && { "Content-Type": payload ?? "application/fhir+json" }) },
    ...(body !== undefined && { body: utf8(body) }),
    time: timeout * 1_000,
  };
}

/** A notification is a disclosure to its owner, at the address that they gave. */
async function writeDown(
  { id, version, channel }: HeldSubscription,
  { asked, notes, at }: { readonly asked: Asked; readonly notes: Notes; readonly at: string },
  { disclosing }: PreparingNeeds,
): Promise<void> {
  if (!disclosing) return;
  notes.resource(`Subscription/${id}/_history/${version}`);
  // An address may have a secret in it.
  const where = channel.endpoint === undefined ? "by websocket" : `to ${new URL(channel.endpoint).origin}`;
  const told = {
    caller: asked.caller,
    kind: "read",
    action: "R",
    outcome: 0,
    form: "resource",
    at,
    text: `notification of Subscription/${id} ${where}`,
  } as const;
  await disclosing.record(await notes.events(told, disclosing.patientOf));
}
