/**
 * Who may do what, as an operator writes it (ACCESS_POLICY): a table of rules, of which each permits or denies some rights to some callers upon some documents. Nothing is permitted that no rule permits, and a rule
 * that denies wins. docs/access-policy.md explains the file.
 */

/**
 * What can be permitted. `read`: documents and what stands in them are found and read. `deposit`: documents are submitted. `feed`: identity feeds say who a person is. `audit`: who saw what is read; upon one's own patient, of them alone.
 * `consent`: consents are entered and ended. `break-glass`: upon these documents a person may break the glass: open those of one patient for a short time, by giving a reason.
 * `subscribe`: subscriptions are made, each of which tells its owner what they may read, and nothing else. `oversee`: everybody's subscriptions and messages are seen, and ended, as whoever runs the service must.
 */
export const RIGHTS = ["read", "deposit", "feed", "audit", "consent", "break-glass", "subscribe", "oversee"] as const;
export type Right = (typeof RIGHTS)[number];

export interface AccessPolicy {
  /** Names the policy in audit events, `hospital/3`. */
  readonly version: string;
  /** What each role is cleared for: levels of v3-Confidentiality (the highest counts), codes of sensitivities, `*` for all of these. Of a role that does not stand here the level is `N`. */
  readonly clearance: ReadonlyMap<string, readonly string[]>;
  readonly rules: readonly AccessRule[];
  /** Whether documents of patients without a consent may be read: by default they may (`opt-out`). */
  readonly consent?: "opt-in" | "opt-out" | undefined;
  /** Whom no consent stops, each one suffices: emergencies, what the law demands. */
  readonly despite?: readonly CallerCondition[] | undefined;
  /** What a question is for when nobody said (v3-PurposeOfUse), as consents ask it. */
  readonly purpose?: string | undefined;
  /** What breaking the glass does. */
  readonly breakGlass?: BreakGlass | undefined;
}

/** How long glass stays broken, and what it opens beyond what the person is cleared for. */
export interface BreakGlass {
  /** 1 to `LONGEST_GLASS`; `GLASS_MINUTES` where nothing is said. */
  readonly minutes?: number | undefined;
  /** Levels and sensitivities as of `clearance`, for whoever broke the glass and that patient's documents alone; without it labels keep out as ever. */
  readonly clearance?: readonly string[] | undefined;
}

export const GLASS_MINUTES = 60;
export const LONGEST_GLASS = 1_440;

/** What is given must hold, of lists one of its values; what is left out is not asked. */
export interface AccessRule {
  readonly name: string;
  readonly effect: "permit" | "deny";
  readonly rights: readonly Right[];
  readonly to: CallerCondition;
  readonly of: DocumentCondition;
  /** What it permits no consent stops. */
  readonly despite?: "consent" | undefined;
}

export interface CallerCondition {
  readonly kinds?: readonly ("person" | "system")[] | undefined;
  readonly roles?: readonly string[] | undefined;
  /** `client_id`. */
  readonly clients?: readonly string[] | undefined;
  /** `system|value`. */
  readonly organisations?: readonly string[] | undefined;
  /** Codes of v3-PurposeOfUse. */
  readonly purposes?: readonly string[] | undefined;
}

export interface DocumentCondition {
  /** The caller's own: the patient of the token or of the person's account. */
  readonly patient?: "own" | undefined;
  /** `own`: an organisation for which the caller acts; else `system|value` of identifiers. */
  readonly custodian?: "own" | readonly string[] | undefined;
  /** The same of the organisations of its authors. */
  readonly author?: "own" | readonly string[] | undefined;
  /** Composition.type, `system|code`. */
  readonly type?: readonly string[] | undefined;
  /** Composition.status. */
  readonly status?: readonly string[] | undefined;
  /** Security labels of Bundle and Composition, `system|code`. */
  readonly label?: readonly string[] | undefined;
}

/** Where no file is named: roles as small houses have them. Clinicians see what is not restricted. */
export const STANDARD_POLICY: AccessPolicy = {
  version: "standard/3",
  clearance: new Map([
    ["clinician", ["N"]],
    ["restricted-clinician", ["V", "*"]],
    ["patient", ["V", "*"]],
    ["privacy-officer", ["V", "*"]],
    ["depositor", ["N"]],
  ]),
  // What is restricted, but neither what is very restricted nor what is sensitive.
  breakGlass: { minutes: GLASS_MINUTES, clearance: ["R"] },
  rules: [
    { name: "clinicians read", effect: "permit", rights: ["read", "break-glass"], to: { roles: ["clinician", "restricted-clinician"] }, of: {} },
    { name: "patients read their own", effect: "permit", rights: ["read"], to: { roles: ["patient"] }, of: { patient: "own" }, despite: "consent" },
    { name: "systems deposit", effect: "permit", rights: ["deposit", "feed"], to: { roles: ["depositor"] }, of: {} },
    { name: "systems read what their house holds", effect: "permit", rights: ["read"], to: { roles: ["depositor"] }, of: { custodian: "own" } },
    { name: "readers read", effect: "permit", rights: ["read"], to: { kinds: ["system"], roles: ["reader"] }, of: {} },
    {
      name: "systems that read subscribe",
      effect: "permit",
      rights: ["subscribe"],
      to: { kinds: ["system"], roles: ["depositor", "reader"] },
      of: {},
    },
    {
      name: "privacy officers see who saw what",
      effect: "permit",
      rights: ["audit", "consent"],
      to: { roles: ["privacy-officer", "auditor"] },
      of: {},
    },
    // Whoever gives others their accounts sees what becomes of them. They treat nobody, and open no document by this.
    { name: "administrators see who saw what", effect: "permit", rights: ["audit"], to: { roles: ["administrator"] }, of: {} },
    { name: "administrators look after subscriptions", effect: "permit", rights: ["oversee"], to: { roles: ["administrator"] }, of: {} },
  ],
};

/** Every role that a policy names. */
export function rolesOf({ clearance, rules, despite = [] }: AccessPolicy): string[] {
  return [...new Set([...clearance.keys(), ...[...rules.map(({ to }) => to), ...despite].flatMap(({ roles = [] }) => roles)])];
}
