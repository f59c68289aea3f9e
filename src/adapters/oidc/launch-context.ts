/** The patient that somebody chose for an app: as long as what they allowed it. */
import type { SessionStore } from "../../pipeline/store/session-store.ts";
import { grantKey } from "./session-names.ts";

/** The logical id of the Patient; undefined when none was chosen. */
export async function launchOf(grantId: string, sessions: SessionStore): Promise<string | undefined> {
  return (await sessions.get(`launch:${grantId}`))?.value;
}

/** @param expiresAt milliseconds since 1970 */
export function keepLaunch(
  grantId: string,
  patient: string,
  { sessions, expiresAt }: { readonly sessions: SessionStore; readonly expiresAt: number },
): Promise<void> {
  return sessions.put(`launch:${grantId}`, patient, { expiresAt, keys: [grantKey(grantId)] });
}
