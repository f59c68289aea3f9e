import type { NewTrailEvent } from "../core/formats/audit-trail.ts";
import type { SignInEvent } from "./sign-in-desk.ts";

const REASONS = { refused: "what was given does not prove who it is", waits: "too many attempts before" } as const;

/** What the audit trail keeps of it: who it was, as far as there is such an account; never what was typed. @param issuer by which the account is known */
export function trailEventOf({ kind, by, user, address, asked }: SignInEvent, issuer: string): NewTrailEvent {
  const isAccount = kind === "account-made" || kind === "account-changed";
  const isRefused = kind === "refused" || kind === "waits";
  return {
    at: new Date().toISOString(),
    kind: isAccount ? "settings" : "sign-in",
    action: kind === "account-made" ? "C" : kind === "account-changed" ? "U" : "E",
    outcome: isRefused ? 4 : 0,
    ...(isRefused && { reason: `${by}: ${REASONS[kind]}` }),
    who: user
      ? { kind: "person", issuer, subject: user.subject, name: user.fullName, roles: user.roles, organisations: user.organisations }
      : { kind: "anonymous" },
    from: { address },
    text: isAccount ? `${kind}, by ${by}; request ${asked.requestId}` : `by ${by}; request ${asked.requestId}`,
  };
}
