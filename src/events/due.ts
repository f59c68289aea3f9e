/** For which receivers there is something to do. */
import { isKnown } from "../core/asked.ts";
import type { Course } from "./course.ts";
import type { HeldSubscription, OwnerNow } from "./subscription.ts";

/** Ids of those whose owners are not let in any more, also where there is nothing to tell: whoever looks after them is to see it. */
export async function orphansAmong(all: readonly HeldSubscription[], ownerNow: OwnerNow): Promise<ReadonlySet<string>> {
  const owners = await Promise.all(all.map(({ owner }) => ownerNow(owner)));
  return new Set(all.flatMap(({ id }, at) => (owners[at] ? [] : [id])));
}

/** Whoever made it; undefined where nobody is told from another. */
export function ownerOf({ subscription: { owner } }: Course): string | undefined {
  return isKnown(owner) ? JSON.stringify([owner.issuer, owner.subject, owner.client]) : undefined;
}

/** Those about which there may be something to do. */
export function isServed({ status }: HeldSubscription): boolean {
  return status === "requested" || status === "active";
}

/** Whether its end has come. @param now milliseconds since 1970 */
export function isOver({ end }: HeldSubscription, now: number): boolean {
  return end !== undefined && Date.parse(end) <= now;
}

/** Whether a heartbeat is due. @param now milliseconds since 1970 */
export function isSilent({ subscription: { channel, status }, lastSent }: Course, now: number): boolean {
  return channel.heartbeatPeriod !== undefined && status === "active" && now - lastSent >= channel.heartbeatPeriod * 1_000;
}

/** Whether there is something to do for its receiver. @param now milliseconds since 1970 */
export function isDue(course: Course, now: number): boolean {
  const { subscription, row, count, restsUntil } = course;
  if (restsUntil > now) return false;
  if (isOver(subscription, now)) return true;
  if (subscription.channel.type === "websocket") return false;
  const isAnew = row.version !== subscription.version;
  if (row.notBefore > now && !isAnew) return false;
  return subscription.status === "requested" || count > row.delivered || isSilent(course, now);
}
