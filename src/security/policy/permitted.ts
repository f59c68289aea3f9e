/** What a policy lets a caller do, as a predicate over documents: by which a search is narrowed, and which is asked again of each document. One function, so that the two never differ. */
import type { KnownCaller } from "../../core/asked.ts";
import { CONFIDENTIALITY_LEVELS, isLevel, SENSITIVITIES, type ConfidentialityLevel } from "../../core/fhir/label-codes.ts";
import { everyOf, notOf, PERMIT_ALL, PERMIT_NONE, someOf, type DecisionColumn, type Predicate } from "../../search/predicate.ts";
import type { AccessPolicy, AccessRule, CallerCondition, DocumentCondition, Right } from "./access-policy.ts";

/** Who asks, and what is known of whom it is about. */
export interface Subject {
  readonly caller: KnownCaller;
  /** A code of v3-PurposeOfUse. */
  readonly purpose: string | undefined;
  /** The documents of the caller's own patient; undefined for a caller without one. */
  readonly ownPatient: Predicate | undefined;
}

/** Of a role that the policy says nothing about. */
const ORDINARY: ConfidentialityLevel = "N";

/** The documents upon which the caller has the right; PERMIT_NONE where no rule gives it. */
export function permittedBy(policy: AccessPolicy, subject: Subject, right: Right): Predicate {
  return permittedByRules(policy, subject, right, () => true);
}

/** Of these, the ones that no consent stops. */
export function permittedDespiteConsent(policy: AccessPolicy, subject: Subject, right: Right): Predicate {
  const isExempt = policy.despite?.some((condition) => isMeant(condition, subject)) ?? false;
  return permittedByRules(policy, subject, right, ({ despite }) => isExempt || despite === "consent");
}

function permittedByRules(policy: AccessPolicy, subject: Subject, right: Right, isAsked: (rule: AccessRule) => boolean): Predicate {
  const rules = policy.rules.filter((rule) => rule.rights.includes(right) && isMeant(rule.to, subject));
  const of = (effect: AccessRule["effect"]): Predicate[] =>
    rules.filter((rule) => rule.effect === effect && (effect === "deny" || isAsked(rule))).map((rule) => fitting(rule.of, subject));
  const permitted = someOf(of("permit"));
  const denied = of("deny");
  return denied.length === 0 ? permitted : everyOf(permitted, notOf(someOf(denied)));
}

/** Whether the caller has the right at all, upon whatever. */
export function hasRight(policy: AccessPolicy, subject: Subject, right: Right): boolean {
  return policy.rules.some((rule) => rule.effect === "permit" && rule.rights.includes(right) && isMeant(rule.to, subject));
}

/** Documents that ask for no more than the caller is cleared for. */
export function cleared(policy: AccessPolicy, { caller }: Pick<Subject, "caller">): Predicate {
  const codes = clearanceOf(policy, caller);
  const highest = CONFIDENTIALITY_LEVELS.findLast((level) => codes.has(level)) ?? ORDINARY;
  const levels = CONFIDENTIALITY_LEVELS.slice(0, CONFIDENTIALITY_LEVELS.indexOf(highest) + 1);
  const sensitivities = codes.has("*") ? [...SENSITIVITIES] : [...codes].filter((code) => !isLevel(code));
  return { kind: "only", column: "clearance", values: [...levels, ...sensitivities] };
}

/** Levels and sensitivities: of the roles, and what the issuer said. */
export function clearanceOf(
  { clearance }: AccessPolicy,
  { roles, clearance: proved }: Pick<KnownCaller, "roles" | "clearance">,
): ReadonlySet<string> {
  return new Set([...roles.flatMap((role) => clearance.get(role) ?? []), ...proved]);
}

/** Whether a rule is about this caller. */
export function isMeant({ kinds, roles, clients, organisations, purposes }: CallerCondition, { caller, purpose }: Subject): boolean {
  const holds = (wanted: readonly string[] | undefined, own: readonly (string | undefined)[]): boolean =>
    wanted === undefined || own.some((one) => one !== undefined && wanted.includes(one));
  return (
    holds(kinds, [caller.kind]) &&
    holds(roles, caller.roles) &&
    holds(clients, [caller.client]) &&
    holds(organisations, caller.organisations) &&
    holds(purposes, [purpose])
  );
}

/** The documents that a rule is about, for this caller. */
export function fitting({ patient, custodian, author, type, status, label }: DocumentCondition, { caller, ownPatient }: Subject): Predicate {
  const any = (column: DecisionColumn, values: readonly string[] | undefined): Predicate =>
    values === undefined ? PERMIT_ALL : { kind: "any", column, values };
  const organisation = (column: DecisionColumn, wanted: "own" | readonly string[] | undefined): Predicate =>
    any(column, (wanted === "own" ? caller.organisations : wanted)?.map(organisationKey));
  return everyOf(
    patient === "own" ? (ownPatient ?? PERMIT_NONE) : PERMIT_ALL,
    organisation("custodian", custodian),
    organisation("organisation", author),
    any("type", type),
    any("status", status),
    any("labels", label),
  );
}

/** As match-keys.ts writes an identifier. */
function organisationKey(identifier: string): string {
  return `identifier:${identifier}`;
}
