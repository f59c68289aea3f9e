/**
 * What somebody may do, worked out once for each question: of the policy, of the scopes of the token, and of what the patient's labels ask for. Everything else asks the `Grant`; nobody else reads a role or
 * a scope. Source: issue "Let the right people in"; R4 security.html, "Access Control Considerations".
 */
import { callerName, isKnown, type Asked, type KnownCaller, type ScopeRight } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import { everyOf, PERMIT_ALL, PERMIT_NONE, permits, someOf, type Predicate } from "../search/predicate.ts";
import { ConsentBook, type ByConsent } from "./consent/consent-book.ts";
import { PERMITTED, refused, type Action, type Decision, type DocumentFacts } from "./decide.ts";
import { throughGlass } from "./glass/through-glass.ts";
import type { AccessPolicy, Right } from "./policy/access-policy.ts";
import { cleared, hasRight, mayDeposit, permittedBy, permittedDespiteConsent, trailOf, type Subject, type TrailOf } from "./policy/permitted.ts";
import { scopedDocuments, scopedTo, type Scoped } from "./scoped.ts";

/** What one question may do. */
export interface Grant {
  /** Names the caller among others (core/asked.ts). */
  readonly asker: string;
  /** Documents of which the caller may know: a query is narrowed to them, so that neither a count nor a page tells of others. */
  readonly permitted: Predicate;
  /** The same of one document, with the reason of a refusal. */
  decide(action: Action, facts: DocumentFacts): Decision;
  /** Whether a document with these facts may be deposited. */
  mayDeposit(facts: DocumentFacts): Decision;
  /** Whether it has a right at all. */
  may(right: Right): boolean;
  /** Documents, and patients by their keys, upon which the caller has a right. */
  upon(right: Right): Predicate;
  /** The documents of the caller's own patient. */
  readonly own: Predicate;
  /** Whose audit trail may be read. */
  readonly trailOf: TrailOf;
  /** What the caller would be given of a patient by breaking the glass, whoever that is; nothing for a caller who may not, and for an app whoever uses it. */
  behindGlass(): Predicate;
  /** What scopes leave of resources of a type; `all` for somebody whom none narrow. */
  scoped(type: string, rights: readonly ScopeRight[]): Scoped;
}

/** Who decides. */
export interface Access {
  /** The same for one question, however often it is asked; a change of the policy or of a consent counts for the next. */
  grantOf(asked: Asked): Promise<Grant>;
}

export interface AccessNeeds {
  readonly policy: AccessPolicy;
  /** The documents of a patient, by the logical id of a Patient; nothing but what is known for certain to be theirs. */
  ownPatient(patientId: string): Promise<Predicate>;
  /** The consents that are in force now; undefined where none are kept. */
  consents?(): Promise<ConsentBook>;
}

const EVERYTHING: Omit<Grant, "asker"> = {
  permitted: PERMIT_ALL,
  decide: () => PERMITTED,
  mayDeposit: () => PERMITTED,
  may: () => true,
  upon: () => PERMIT_ALL,
  own: PERMIT_NONE,
  trailOf: "all",
  behindGlass: () => PERMIT_NONE,
  scoped: () => ({ kind: "all" }),
};

const NOTHING: Omit<Grant, "asker"> = {
  permitted: PERMIT_NONE,
  decide: () => refused("nobody proved who asks"),
  mayDeposit: () => refused("nobody proved who asks"),
  may: () => false,
  upon: () => PERMIT_NONE,
  own: PERMIT_NONE,
  trailOf: "none",
  behindGlass: () => PERMIT_NONE,
  scoped: () => ({ kind: "some", parts: [] }),
};

/** Without access control: whoever reaches the service may do everything. */
export const OPEN_ACCESS: Access = { grantOf: (asked) => Promise.resolve({ ...EVERYTHING, asker: callerName(asked) }) };

export function createAccess(needs: AccessNeeds): Access {
  const made = new WeakMap<Asked, Promise<Grant>>();
  return {
    grantOf: (asked) => {
      const known = made.get(asked) ?? grantFor(asked, needs);
      made.set(asked, known);
      return known;
    },
  };
}

async function grantFor(asked: Asked, { policy, ownPatient, consents }: AccessNeeds): Promise<Grant> {
  const { caller, purpose } = asked;
  const asker = callerName(asked);
  // Parts of the program answer nobody: whoever gets what they made is asked about then.
  if (caller.kind === "program") return { ...EVERYTHING, asker };
  if (!isKnown(caller)) return { ...NOTHING, asker };
  const subject: Subject = { caller, purpose, ownPatient: caller.patient === undefined ? undefined : await ownPatient(caller.patient) };
  const byPolicy = permittedBy(policy, subject, "read");
  const byScopes = scopedDocuments(subject);
  const byLabels = cleared(policy, subject);
  const book = (await consents?.()) ?? new ConsentBook([]);
  const { byConsent, reasonOf } = consenting(subject, policy, { book, right: "read" });
  const glass = throughGlass(asked, subject, { policy, byConsent: (broken) => consenting(broken, policy, { book, right: "break-glass" }).byConsent });
  const reasons: readonly (readonly [Predicate, (facts: DocumentFacts) => Decision])[] = [
    [byScopes, () => refused("no scope covers it")],
    [byPolicy, () => refused("no rule permits it")],
    [byLabels, () => refused("its labels ask for more than the caller is cleared for")],
    [
      byConsent,
      (facts) => {
        const { text, consents: by } = reasonOf(facts);
        return { ...refused(text), consents: by };
      },
    ],
  ];
  return {
    asker,
    permitted: someOf([everyOf(...reasons.map(([predicate]) => predicate)), glass.opened]),
    decide: (_action, facts) => {
      const against = reasons.find(([predicate]) => !permits(predicate, facts));
      if (!against) return PERMITTED;
      const opening = glass.openingOf(facts, new Date());
      return opening === undefined ? against[1](facts) : { isPermitted: true, glass: opening };
    },
    mayDeposit: (facts) => (mayDeposit(policy, subject, facts) ? PERMITTED : refused("no rule permits to deposit it")),
    may: (right) => hasRight(policy, subject, right),
    upon: (right) => permittedBy(policy, subject, right),
    own: subject.ownPatient ?? PERMIT_NONE,
    trailOf: trailOf(policy, subject),
    behindGlass: () => glass.behind(),
    scoped: (type, rights) => scopedTo(type, rights, subject),
  };
}

/** What consents leave to somebody, and why. */
function consenting(
  subject: Subject,
  policy: AccessPolicy,
  { book, right }: { readonly book: ConsentBook; readonly right: Right },
): { readonly byConsent: Predicate; readonly reasonOf: ByConsent["reasonOf"] } {
  const { permitted, reasonOf } = book.ask(
    { caller: subject.caller, purpose: subject.purpose ?? policy.purpose, now: new Date().toISOString() },
    policy.consent ?? "opt-out",
  );
  return { byConsent: someOf([permittedDespiteConsent(policy, subject, right), permitted]), reasonOf };
}

/** @throws AppError `forbidden` for a caller who lacks the right: that there are such rights is no secret */
export async function requireRight(access: Access, asked: Asked, right: Right): Promise<void> {
  if (!(await access.grantOf(asked)).may(right)) throw new AppError("forbidden", `Nothing permits you to do that (${right}).`);
}

/** @throws AppError `forbidden` for whoever may not read the whole audit trail, also for whom it is opened that of their own patient */
export async function requireTrail(access: Access, asked: Asked): Promise<void> {
  if ((await access.grantOf(asked)).trailOf !== "all") throw new AppError("forbidden", "Nothing permits you to do that (audit).");
}

/**
 * What scopes leave of a type, for somebody who names it.
 * @throws AppError `forbidden` with the scope that is missing (RFC 6750 section 3.1)
 */
export async function requireScope(access: Access, asked: Asked, type: string, rights: readonly ScopeRight[]): Promise<Scoped> {
  const scoped = (await access.grantOf(asked)).scoped(type, rights);
  if (scoped.kind === "some" && scoped.parts.length === 0) throw lacking(asked.caller as KnownCaller, type, rights);
  return scoped;
}

function lacking({ kind }: Pick<KnownCaller, "kind">, type: string, rights: readonly ScopeRight[]): AppError {
  const scope = `${kind === "person" ? "user" : "system"}/${type}.${rights[0] ?? "r"}`;
  return new AppError("forbidden", `The token lacks a scope for it: ${scope}.`, { challenge: `Bearer error="insufficient_scope", scope="${scope}"` });
}
