/** `$resend` (R5 Subscriptions Backport 1.2.0-ballot): events are told once more, now, to their receiver; where it stands is not moved, so that nothing else is told twice. */
import { AppError } from "../../../core/errors.ts";
import { operationOutcome, type Issue } from "../../../core/fhir/issue.ts";
import type { Callbacks } from "../../../events/callbacks.ts";
import type { Preparing } from "../../../events/prepared.ts";
import { BACKPORT } from "../../../events/topics.ts";
import type { FhirOperation } from "../operation.ts";
import { callOf, spanOf, type SubscriptionOperationNeeds } from "./subscription-operations.ts";
import { isOwner } from "./subscriptions.ts";

export interface ResendNeeds extends Pick<SubscriptionOperationNeeds, "subscriptions" | "eventRows" | "definitions"> {
  readonly preparing: Preparing;
  readonly callbacks: Pick<Callbacks, "call">;
}

/** Events that are told by one call: whoever asks waits for it. */
const MOST_RESENT = 100;

export function resendOperation(using: ResendNeeds): FhirOperation {
  return {
    name: "resend",
    definition: `${BACKPORT}/OperationDefinition/backport-subscription-resend`,
    documentation: `Tells events once more, by their numbers, at most ${MOST_RESENT} at a time, of a subscription of one's own that is active. The answer says what became of it.`,
    levels: ["instance"],
    types: ["Subscription"],
    affectsState: true,
    isAskedByAddress: true,
    parameters: [
      { name: "eventsSinceNumber", isSimple: true, type: "string", min: 0, max: "1" },
      { name: "eventsUntilNumber", isSimple: true, type: "string", min: 0, max: "1" },
    ],
    handle: async (asked, call) => {
      const given = callOf(call, ["eventsSinceNumber", "eventsUntilNumber"], using.definitions);
      const held = await using.subscriptions.held(asked, call.id ?? "");
      if (!isOwner(asked.caller, held.owner)) throw new AppError("forbidden", "Events are told to their owner alone, when they ask for it.");
      if (held.channel.type === "websocket") throw new AppError("invalid", "Whoever opens a websocket asks for what they missed by $events.");
      if (held.status !== "active") throw new AppError("invalid", `The subscription is ${held.status}: nothing is sent to its receiver.`);
      const count = (await using.eventRows.counts([held.id])).get(held.id)?.count ?? 0;
      const { from, to } = spanOf(given, count, MOST_RESENT);
      const events = to < from ? [] : await using.eventRows.events(held.id, { from, to });
      const prepared = events.length === 0 ? [] : await using.preparing.prepare(held, { type: "event-notification", events, count });
      let told = from - 1;
      for (const { calls, upTo } of prepared) {
        for (const one of calls) {
          const outcome = await using.callbacks.call(one);
          if (!outcome.isTaken) return { kind: "resource", resource: operationOutcome([notTaken(told + 1, outcome.reason)]) };
        }
        told = upTo ?? told;
      }
      return { kind: "resource", resource: operationOutcome([taken(from, told)]) };
    },
  };
}

function taken(from: number, to: number): Issue {
  const text = to < from ? "There are no such events: nothing was sent." : `Events ${from} to ${to} were sent again, as far as they may be told.`;
  return { severity: "information", code: "informational", rule: "resend", text };
}

function notTaken(number: number, reason: string): Issue {
  return { severity: "error", code: "transient", rule: "resend", text: `The receiver did not take what begins with event ${number}: ${reason}.` };
}
