/** What is asked about subscriptions: how they stand, which events they have, and a token by which a websocket is bound (R5 Subscriptions Backport 1.1.0). */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { EventRows } from "../../../events/event-rows.ts";
import type { BindingTokens } from "../../../events/binding-tokens.ts";
import type { HeldSubscription, PayloadContent } from "../../../events/subscription.ts";
import { BACKPORT } from "../../../events/topics.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import { writeEntryBundle } from "../entry-bundle.ts";
import type { FhirOperation, OperationCall } from "../operation.ts";
import { callParameters } from "../operations/call-parameters.ts";
import { notificationBundle, statusEntry, statusOf } from "./notification.ts";
import { isOwner, type SubscriptionInteractions } from "./subscriptions.ts";
import { toldEvents, type TellingNeeds } from "./told-events.ts";

export interface SubscriptionOperationNeeds extends TellingNeeds {
  readonly subscriptions: Pick<SubscriptionInteractions, "own" | "held">;
  readonly eventRows: Pick<EventRows, "counts" | "events">;
  readonly definitions: Definitions;
  readonly bindingTokens: Pick<BindingTokens, "give">;
  /** Where websockets are opened: a `wss:` address. */
  readonly socketUrl: string;
}

/** Events in one answer: who wants more asks from the next number on. */
export const MOST_EVENTS = 500;
const CONTENTS: readonly string[] = ["empty", "id-only", "full-resource"] satisfies PayloadContent[];

export function subscriptionOperations(using: SubscriptionOperationNeeds): readonly FhirOperation[] {
  return [statusOperation(using), eventsOperation(using), tokenOperation(using)];
}

const ON_SUBSCRIPTIONS = { types: ["Subscription"], affectsState: false, isAskedByAddress: true } as const;

/** `$status`: of one, or of those that the caller may read. */
function statusOperation(using: SubscriptionOperationNeeds): FhirOperation {
  const { eventRows, definitions, fhirBase } = using;
  return {
    ...ON_SUBSCRIPTIONS,
    name: "status",
    definition: `${BACKPORT}/OperationDefinition/backport-subscription-status`,
    documentation:
      "How subscriptions stand: a searchset of the Backport's SubscriptionStatus. Upon the type, `id` and `status` choose among one's own.",
    levels: ["type", "instance"],
    parameters: [
      { name: "id", isSimple: true, type: "id", min: 0, max: "*" },
      { name: "status", isSimple: true, type: "code", min: 0, max: "*" },
    ],
    handle: async (asked, call) => {
      const given = callOf(call, ["id", "status"], definitions);
      const found = await asksFor(asked, call, given, using);
      const counts = await eventRows.counts(found.map(({ id }) => id));
      return {
        kind: "written",
        write: ({ form, pretty }) => {
          const entries = found.map((one) => {
            const content = one.channel.content ?? "id-only";
            const status = statusOf(one, { type: "query-status", count: counts.get(one.id)?.count ?? 0, events: [], content }, fhirBase);
            return { ...statusEntry(status, { form, definitions, fhirBase }), parts: [{ name: "search", values: [["mode", "match"]] }] } as const;
          });
          const bundle = { type: "searchset", total: entries.length, lastUpdated: new Date().toISOString(), entries, fhirBase } as const;
          return Promise.resolve(new TextEncoder().encode(writeEntryBundle(bundle, { form, pretty }, definitions)));
        },
      };
    },
  };
}

/** At the instance, parameters choose nothing. */
async function asksFor(
  asked: Asked,
  { id }: OperationCall,
  given: readonly Parameter[],
  { subscriptions }: SubscriptionOperationNeeds,
): Promise<readonly HeldSubscription[]> {
  if (id !== undefined) return [await subscriptions.held(asked, id)];
  const values = (name: string): readonly string[] => given.flatMap(([one, value]) => (one === name ? value.split(",") : []));
  const [ids, statuses] = [values("id").map((one) => one.replace(/^Subscription\//, "")), values("status")];
  return (await subscriptions.own(asked)).filter(
    (one) => (ids.length === 0 || ids.includes(one.id)) && (statuses.length === 0 || statuses.includes(one.status)),
  );
}

/** `$events`: numbers were given for ever, so that they are answered for ever; what is told of them, by what the caller may know now. */
function eventsOperation(using: SubscriptionOperationNeeds): FhirOperation {
  const { eventRows, definitions, fhirBase } = using;
  return {
    ...ON_SUBSCRIPTIONS,
    name: "events",
    definition: `${BACKPORT}/OperationDefinition/backport-subscription-events`,
    documentation: `Events of a subscription by their numbers, as far back as there are any, at most ${MOST_EVENTS} in one answer. Of what was erased the id and 410; of what its owner may not see any more the number alone.`,
    levels: ["instance"],
    parameters: [
      { name: "eventsSinceNumber", isSimple: true, type: "string", min: 0, max: "1" },
      { name: "eventsUntilNumber", isSimple: true, type: "string", min: 0, max: "1" },
      { name: "content", isSimple: true, type: "code", min: 0, max: "1" },
    ],
    handle: async (asked, call) => {
      const given = callOf(call, ["eventsSinceNumber", "eventsUntilNumber", "content"], definitions);
      const held = await using.subscriptions.held(asked, call.id ?? "");
      const count = (await eventRows.counts([held.id])).get(held.id)?.count ?? 0;
      const span = spanOf(given, count, MOST_EVENTS);
      const content = contentOf(given) ?? held.channel.content ?? "id-only";
      return {
        kind: "written",
        write: async ({ form, pretty }) => {
          const events = span.to < span.from ? [] : await eventRows.events(held.id, span);
          const all = await toldEvents(asked, events, content === "full-resource" ? form : undefined, using);
          // Its owner was told of it before it was erased; whoever looks after subscriptions was not, and nothing is left to decide by.
          const told = isOwner(asked.caller, held.owner)
            ? all
            : all.map((one) => ({ ...one, foci: one.foci.filter(({ state }) => state !== "gone") }));
          const facts = { type: "query-event", count, events: told, content } as const;
          return new TextEncoder().encode(notificationBundle(held, facts, { form, pretty, definitions, fhirBase, at: new Date().toISOString() }));
        },
      };
    },
  };
}

/** By numbers, of which both bounds belong to it; at most so many. */
export function spanOf(given: readonly Parameter[], count: number, most: number): { readonly from: number; readonly to: number } {
  const from = numberIn(given, "eventsSinceNumber") ?? 1;
  const to = Math.min(numberIn(given, "eventsUntilNumber") ?? count, count);
  return { from: Math.max(1, from), to: Math.min(to, Math.max(1, from) + most - 1) };
}

function numberIn(given: readonly Parameter[], name: string): number | undefined {
  const value = given.find(([one]) => one === name)?.[1];
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new AppError("bad-query", `${name} is the number of an event, not "${value}".`);
  return Number(value);
}

function contentOf(given: readonly Parameter[]): PayloadContent | undefined {
  const value = given.find(([one]) => one === "content")?.[1];
  if (value === undefined || CONTENTS.includes(value)) return value as PayloadContent | undefined;
  throw new AppError("bad-query", `content is one of ${CONTENTS.join(", ")}, not "${value}".`);
}

/** `$get-ws-binding-token`: for one, or for several of one's own by `id`. */
function tokenOperation(using: SubscriptionOperationNeeds): FhirOperation {
  const { definitions, bindingTokens, socketUrl } = using;
  return {
    ...ON_SUBSCRIPTIONS,
    name: "get-ws-binding-token",
    definition: `${BACKPORT}/OperationDefinition/backport-subscription-get-ws-binding-token`,
    documentation: "A token by which a websocket is bound to subscriptions (bind-with-token): for a short time, and once.",
    levels: ["type", "instance"],
    parameters: [{ name: "id", isSimple: true, type: "id", min: 0, max: "*" }],
    handle: async (asked, call) => {
      const given = callOf(call, ["id"], definitions);
      const found = (await asksFor(asked, call, given, using)).filter(({ channel }) => channel.type === "websocket");
      if (found.length === 0) throw new AppError("not-found", "None of these is a subscription of yours whose channel is a websocket.");
      const { token, expiresAt } = await bindingTokens.give(found.map(({ id }) => id));
      const parameter = [
        { name: "token", valueString: token },
        { name: "expiration", valueDateTime: new Date(expiresAt).toISOString() },
        ...found.map(({ id }) => ({ name: "subscription", valueString: id })),
        { name: "websocket-url", valueUrl: socketUrl },
      ];
      return { kind: "resource", resource: treeOf({ resourceType: "Parameters", parameter }) as JsonObject };
    },
  };
}

/** What is given to an operation. AppError `bad-query` for a parameter that it does not have. */
export function callOf(call: OperationCall, names: readonly string[], definitions: Definitions): readonly Parameter[] {
  const given = callParameters(call, definitions);
  const strange = given.find(([name]) => !names.includes(name));
  if (strange) throw new AppError("bad-query", `There is no parameter "${strange[0]}": there are ${names.join(", ")}.`);
  return given;
}
