/**
 * Refresh tokens of one consent are a line, of which the newest alone counts. A token that was used comes again when the answer to it was lost on the way, as when the service was killed between: for a short while, and as
 * long as nobody used what came of it, it is good once more, and what was lost is good no longer. So whoever else has one of them is found out by the next use (RFC 9700 section 4.14.2).
 */
import type { AdapterPayload } from "oidc-provider";
import type { SessionStore } from "../../pipeline/store/session-store.ts";
import { grantKey, refreshTokenIdOf } from "./session-names.ts";

/** Seconds after its first use in which a token may come again. */
export const GRACE = 60;

/** Keeps that a token is the newest of its consent. @param expiresAt milliseconds since 1970 */
export async function keepNewest(
  id: string,
  { grantId }: AdapterPayload,
  { sessions, expiresAt }: { readonly sessions: SessionStore; readonly expiresAt: number },
): Promise<void> {
  if (grantId !== undefined) await sessions.put(nameOf(grantId), id, { expiresAt, keys: [grantKey(grantId)] });
}

/** A token as it counts now: `consumed` when it is no more good. */
export async function asItCounts(id: string, payload: AdapterPayload, sessions: SessionStore): Promise<AdapterPayload> {
  if (payload.consumed !== undefined) return (await mayComeAgain(id, payload, sessions)) ? { ...payload, consumed: undefined } : payload;
  const newest = await newestOf(payload, sessions);
  // Another was issued in its place, to whoever brought again what it came of.
  return newest === undefined || newest === id ? payload : { ...payload, consumed: secondsNow() };
}

/** Whether a token that was used is good once more. */
export async function mayComeAgain(id: string, payload: AdapterPayload, sessions: SessionStore): Promise<boolean> {
  if (secondsNow() - Number(payload.consumed) > GRACE) return false;
  const newest = await newestOf(payload, sessions);
  // Nothing was issued yet in its place.
  if (newest === id) return true;
  const kept = newest === undefined ? undefined : await sessions.get(refreshTokenIdOf(newest));
  if (!kept) return false;
  const successor = JSON.parse(kept.value) as AdapterPayload;
  return successor.consumed === undefined && successor.rotations === (payload.rotations ?? 0) + 1;
}

/** Seconds since 1970, as the library counts. */
export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

async function newestOf({ grantId }: AdapterPayload, sessions: SessionStore): Promise<string | undefined> {
  return grantId === undefined ? undefined : (await sessions.get(nameOf(grantId)))?.value;
}

function nameOf(grantId: string): string {
  return `refresh:${grantId}`;
}
