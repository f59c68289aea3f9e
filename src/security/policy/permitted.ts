/** What a policy lets a caller do, as a predicate over documents: by which a search is narrowed, and which is asked again of each document. One function, so that the two never differ. */
import type { KnownCaller } from "../../core/asked.ts";
import { CONFIDENTIALITY_LEVELS, isLevel, SENSITIVITIES, type ConfidentialityLevel } from "../../core/fhir/label-codes.ts";
import {
  everyOf,
  isIdentifierKey,
  notOf,
  PERMIT_ALL,
  PERMIT_NONE,
  permits,
  someOf,
  type DecisionColumn,
  type Predicate,
  type PredicateFacts,
} from "../../search/predicate.ts";
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

/**
 * Whether a document with these facts may be deposited. Of read documents one identifier of the house or the patient suffices; whoever deposits must have the right for each that the document claims: else it would be somebody
 * else's as well, and could supersede theirs. An address proves nobody, and is claimed from nobody (supersession.ts).
 */
export function mayDeposit(policy: AccessPolicy, subject: Subject, facts: PredicateFacts): boolean {
  return permits(permittedBy(policy, subject, "deposit"), { ...facts, custodian: facts.custodian.filter(isIdentifierKey) });
}

/** Of these, the ones that no consent stops. */
export function permittedDespiteConsent(policy: AccessPolicy, subject: Subject, right: Right): Predicate {
  const isExempt = policy.despite?.some((condition) => isMeant(condition, subject)) ?? false;
  return permittedByRules(policy, subject, right, ({ despite }) => isExempt || despite === "consent");
}

function permittedByRules(policy: AccessPolicy, subject: Subject, right: Right, isAsked: (rule: AccessRule) => boolean): Predicate {
  const permitted = rulesOf(policy, subject, right, "permit").filter(isAsked);
  const manner = right === "deposit" ? "each" : "one";
  return everyOf(someOf(permitted.map((rule) => fitting(rule.of, subject, manner))), notOf(deniedBy(policy, subject, right)));
}

/** The documents upon which a rule denies the right. */
export function deniedBy(policy: AccessPolicy, subject: Subject, right: Right): Predicate {
  return someOf(rulesOf(policy, subject, right, "deny").map((rule) => fitting(rule.of, subject, "one")));
}

function rulesOf({ rules }: AccessPolicy, subject: Subject, right: Right, effect: AccessRule["effect"]): readonly AccessRule[] {
  return rules.filter((rule) => rule.effect === effect && rule.rights.includes(right) && isMeant(rule.to, subject));
}

/** Whether the caller has the right at all, upon whatever. */
export function hasRight(policy: AccessPolicy, subject: Subject, right: Right): boolean {
  return policy.rules.some((rule) => rule.effect === "permit" && rule.rights.includes(right) && isMeant(rule.to, subject));
}

/** Whose trail somebody may read: everybody's, that of their own patient, or nobody's. */
export type TrailOf = "all" | "own" | "none";

/**
 * Whose trail the right `audit` opens. A rule upon some documents opens none of it, but for that upon one's own patient: an event tells of more than one document. For the same reason a rule that denies it,
 * upon whatever, denies all of it.
 */
export function trailOf(policy: AccessPolicy, subject: Subject): TrailOf {
  const rules = policy.rules.filter((rule) => rule.rights.includes("audit") && isMeant(rule.to, subject));
  if (rules.some(({ effect }) => effect === "deny")) return "none";
  const conditions = rules.map(({ of }) => Object.entries(of).filter(([, value]) => value !== undefined));
  if (conditions.some((one) => one.length === 0)) return "all";
  const isOwn = conditions.some((one) => one.length === 1 && one[0]?.[0] === "patient");
  return isOwn && subject.caller.patient !== undefined ? "own" : "none";
}

/** Documents that ask for no more than the caller is cleared for, by `more` too. */
export function cleared(policy: AccessPolicy, { caller }: Pick<Subject, "caller">, more: readonly string[] = []): Predicate {
  const codes = new Set([...clearanceOf(policy, caller), ...more]);
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

/** The documents that a rule is about, for this caller. @param asked whether one of several keys of patient and custodian suffices */
export function fitting(
  { patient, custodian, author, type, status, label }: DocumentCondition,
  { caller, ownPatient }: Subject,
  asked: "one" | "each" = "one",
): Predicate {
  const any = (column: DecisionColumn, values: readonly string[] | undefined): Predicate =>
    values === undefined ? PERMIT_ALL : { kind: "any", column, values };
  const organisation = (column: DecisionColumn, wanted: "own" | readonly string[] | undefined): Predicate =>
    any(column, (wanted === "own" ? caller.organisations : wanted)?.map(organisationKey));
  const whole = (predicate: Predicate): Predicate =>
    asked === "each" && predicate.kind === "any" ? everyOf(predicate, { ...predicate, kind: "only" }) : predicate;
  return everyOf(
    whole(patient === "own" ? (ownPatient ?? PERMIT_NONE) : PERMIT_ALL),
    whole(organisation("custodian", custodian)),
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
