/** A test of a receiver, which operators ask for: a call that tells of no event, moves no position and counts as no attempt. */
import { AppError } from "../../../core/errors.ts";
import type { Callbacks } from "../../../events/callbacks.ts";
import type { EventRows } from "../../../events/event-rows.ts";
import type { HeldSubscription } from "../../../events/subscription.ts";
import type { Writing } from "./notification.ts";
import { testCall } from "./prepare-notifications.ts";

export interface TestingNeeds extends Omit<Writing, "form"> {
  readonly eventRows: Pick<EventRows, "counts">;
  readonly callbacks: Pick<Callbacks, "call">;
}

/** What came of it. */
export interface ReceiverTest {
  /** What was sent. */
  readonly sent: "heartbeat" | "options";
  /** Whether the heartbeat was taken; of OPTIONS, whether somebody answers there who does not refuse us. */
  readonly isTaken: boolean;
  /** HTTP; absent where nobody answered. */
  readonly status?: number;
  /** Why not, in words that name no address. */
  readonly reason?: string;
}

/** Statuses by which a receiver says that it knows no OPTIONS at this address: there is somebody. */
const NOT_SUPPORTED: ReadonlySet<number> = new Set([400, 404, 405, 406, 415, 501]);

/** AppError `conflict` of one that has ended, or that has no receiver whom we could call. */
export async function testReceiver(held: HeldSubscription, { eventRows, callbacks, ...writing }: TestingNeeds): Promise<ReceiverTest> {
  const { id, status, end, channel } = held;
  if (channel.endpoint === undefined) throw new AppError("conflict", `Nobody is called for Subscription/${id}: its receiver opens a websocket.`);
  if (status === "off" || (end !== undefined && Date.parse(end) <= Date.now())) throw new AppError("conflict", `Subscription/${id} has ended.`);
  const call = testCall(held, (await eventRows.counts([id])).get(id)?.count ?? 0, writing);
  const outcome = await callbacks.call(call);
  const sent = call.method === "OPTIONS" ? "options" : "heartbeat";
  if (outcome.isTaken) return { sent, isTaken: true, status: outcome.status };
  const isThere = sent === "options" && outcome.status !== undefined && NOT_SUPPORTED.has(outcome.status);
  return { sent, isTaken: isThere, ...(outcome.status !== undefined && { status: outcome.status }), ...(!isThere && { reason: outcome.reason }) };
}
