import { isError, type Issue, type Severity } from "../../core/fhir/issue.ts";
import { severityUnder, type Policy } from "./policy.ts";

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

  /** @param limit how many errors, and how many issues that are none, are listed one by one */
  constructor(policy: Policy, limit = 1000) {
    this.#policy = policy;
    this.#limit = limit;
  }

  /** `expression` may be empty, where the place has none; `offset` negative. */
  add(severity: Severity, code: string, rule: string, text: string, expression: string, offset: number): void {
    const judged = severityUnder(this.#policy, rule, severity);
    if (judged !== "ignore") this.#list({ severity: judged, code, rule, text, ...(expression !== "" && { expression }), offset });
  }

  /** What a reader noticed. Its errors stay errors: of a text with a fault it chose one reading, and others may choose another. */
  addRead(issue: Issue): void {
    const judged = isError(issue) ? issue.severity : severityUnder(this.#policy, issue.rule, issue.severity);
    if (judged !== "ignore") this.#list({ ...issue, severity: judged });
  }

  /** Everything found, in the order of finding, and how many more there are. */
  list(): Issue[] {
    const unlisted = this.#unlistedErrors + this.#unlistedOthers;
    if (unlisted === 0) return this.#issues;
    const severity = this.#unlistedErrors > 0 ? "error" : "warning";
    const text = `${unlisted} more issues were found (${this.#unlistedErrors} of them errors); they are not listed.`;
    return [...this.#issues, { severity, code: "too-costly", rule: "too-many-issues", text }];
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
