import { isError, type Issue, type Severity } from "../../core/fhir/issue.ts";
import type { Each } from "../../core/fhir/rule.ts";
import type { Invariant } from "../../core/fhir/r4/definitions.ts";
import { CATALOGUE, type RuleId } from "./catalogue/catalogue.ts";
import { isHarmlessReading, severityUnder, type Policy } from "./policy.ts";

type Row<Id extends RuleId> = (typeof CATALOGUE)[Id];
/** What a row leaves open must be said; what it says may be left out. */
type Chosen<Key extends string, Value> = Value extends readonly unknown[]
  ? Readonly<Record<Key, Each<Value>>>
  : Readonly<Partial<Record<Key, Value>>>;

/** Where something was found, and what to tell the sender of it. */
export interface Told {
  /** What to change, in one or two sentences. */
  readonly text: string;
  /** FHIRPath with indexes; empty where the place has none. */
  readonly expression: string;
  /** In UTF-16 units of the source; negative where the place is not in it. */
  readonly offset: number;
  /** What a policy may name it by besides its rule, where that is not the element which the walk is in: a `Scope`, or the path of an element. */
  readonly about?: string;
}

/** A rule that the policy let pass: at its own severity it would have refused what it was found in. */
export interface Relaxed {
  readonly rule: string;
  /** How often it was found. */
  readonly count: number;
}

/** A rule whose row leaves nothing to choose. */
export type PlainRuleId = { [Id in RuleId]: Row<Id>["severity"] | Row<Id>["code"] extends string ? Id : never }[RuleId];

/** What a rule of the catalogue found. Severity and issue type are those of its row; where a row has several, the finding says which. */
export type Finding<Id extends RuleId = RuleId> = Told & { readonly rule: Id } & Chosen<"severity", Row<Id>["severity"]> &
  Chosen<"code", Row<Id>["code"]>;

/**
 * Where a rule reports what it finds; here the policy says how severe it is. Bounded: what is beyond the bound is counted, so that hostile input costs no more than its
 * reading. Errors have a bound of their own, so that no flood of warnings hides why a resource is refused.
 */
export class Findings {
  readonly #issues: Issue[] = [];
  readonly #policy: Policy;
  readonly #limit: number;
  #errors = 0;
  #unlistedErrors = 0;
  #unlistedOthers = 0;
  readonly #relaxed = new Map<string, number>();
  /** The path of the element that the walk is in, as R4's definitions have it (`Condition.clinicalStatus`); undefined outside of it. */
  element: string | undefined;

  /** @param limit how many errors, and how many issues that are none, are listed one by one */
  constructor(policy: Policy, limit = 1000) {
    this.#policy = policy;
    this.#limit = limit;
  }

  /** A rule of the catalogue was broken. */
  add<Id extends RuleId>(finding: Finding<Id>): void {
    const { rule } = finding;
    const row: { readonly severity: Severity | readonly Severity[]; readonly code: string | readonly string[] } = CATALOGUE[rule];
    this.#judge(rule, finding.severity ?? firstOf(row.severity), finding.code ?? firstOf(row.code), finding);
  }

  /** An invariant of the definitions does not hold: its key is the rule's id, and its severity the definition's. */
  addInvariant({ key, severity }: Invariant, told: Told): void {
    this.#judge(key, severity, "invariant", told);
  }

  /** What a reader noticed. Its errors stay errors, but for few: of a text with a fault it chose one reading, and others may choose another. */
  addRead(issue: Issue): void {
    const judged = isError(issue) && !isHarmlessReading(issue.rule) ? issue.severity : severityUnder(this.#policy, issue.rule, issue.severity);
    this.#countRelaxed(issue.rule, issue.severity, judged);
    if (judged !== "ignore") this.#list({ ...issue, severity: judged });
  }

  /** Which rules the policy let pass, in the order in which they were met. */
  relaxed(): Relaxed[] {
    return [...this.#relaxed].map(([rule, count]) => ({ rule, count }));
  }

  /** A rule lets pass by other means than its severity: a reference that was told by type and id. */
  relax(rule: RuleId): void {
    this.#countRelaxed(rule, "error", "ignore");
  }

  /** Everything found, in the order of finding, and how many more there are. */
  list(): Issue[] {
    const unlisted = this.#unlistedErrors + this.#unlistedOthers;
    if (unlisted === 0) return this.#issues;
    const severity = this.#unlistedErrors > 0 ? "error" : "warning";
    const text = `${unlisted} more issues were found (${this.#unlistedErrors} of them errors); they are not listed.`;
    return [...this.#issues, { severity, code: CATALOGUE["too-many-issues"].code, rule: "too-many-issues", text }];
  }

  #judge(rule: string, severity: Severity, code: string, { text, expression, offset, about }: Told): void {
    const judged = severityUnder(this.#policy, rule, severity, about, this.element);
    this.#countRelaxed(rule, severity, judged);
    if (judged !== "ignore") this.#list({ severity: judged, code, rule, text, ...(expression !== "" && { expression }), offset });
  }

  #countRelaxed(rule: string, severity: Severity, judged: Severity | "ignore"): void {
    if (isFailing(severity) && !isFailing(judged)) this.#relaxed.set(rule, (this.#relaxed.get(rule) ?? 0) + 1);
  }

  #list(issue: Issue): void {
    const isOneError = isError(issue);
    if ((isOneError ? this.#errors : this.#issues.length - this.#errors) < this.#limit) {
      this.#issues.push(issue);
      if (isOneError) this.#errors++;
    } else if (isOneError) this.#unlistedErrors++;
    else this.#unlistedOthers++;
  }
}

function isFailing(severity: Severity | "ignore"): boolean {
  return severity === "error" || severity === "fatal";
}

function firstOf<T extends string>(one: T | readonly T[]): T {
  return typeof one === "string" ? one : (one[0] as T);
}
