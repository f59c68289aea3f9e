/** What a client may have of what it asks for: SMART scopes that lie within those that it was registered with. Nothing is widened, and nothing is read as something near it. */
import type { Scope } from "../core/asked.ts";
import { readScope, readScopes } from "../security/scopes/scope-grammar.ts";

/** About the person or the launch, and not upon resources; the server knows these. */
export const LAUNCH_SCOPES = ["openid", "profile", "fhirUser", "launch/patient", "offline_access"] as const;

/** Characters of all scopes upon resources together that one token has: with what else stands in it, a token fits into the 8 KiB that servers and proxies take of a header. */
export const MOST_SCOPES = 4_096;

/** Whether a scope is one of these. */
export function isAboutPerson(scope: string): boolean {
  return (LAUNCH_SCOPES as readonly string[]).includes(scope);
}

/** Why scopes can't stand in a token together, in words; undefined when they can. */
export function faultOfScopes(scopes: readonly string[]): string | undefined {
  const { length } = scopes.join(" ");
  return length > MOST_SCOPES
    ? `these are ${scopes.length} scopes of ${length} characters, and a token has at most ${MOST_SCOPES}: name several types by *, as in patient/*.rs, or ask for fewer`
    : undefined;
}

/** Those scopes upon resources among `asked` (a `scope` value) that lie within `allowed` (another), as they were written. */
export function allowedScopes(asked: string, allowed: string): string[] {
  const most = readScopes(allowed).scopes;
  return asked.split(" ").filter((token) => {
    const scope = token === "" ? undefined : readScope(token);
    return scope !== undefined && !("reason" in scope) && most.some((one) => isWithin(scope, one));
  });
}

function isWithin(scope: Scope, most: Scope): boolean {
  if (scope.level !== most.level || (most.type !== "*" && scope.type !== most.type)) return false;
  if (!scope.rights.every((right) => most.rights.includes(right))) return false;
  if (most.query === undefined) return true;
  // Each constraint must be there; more of them narrow further.
  const constraints = new Set((scope.query ?? "").split("&"));
  return most.query.split("&").every((constraint) => constraints.has(constraint));
}
