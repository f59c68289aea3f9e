import type { Issue, Severity } from "../../core/fhir/issue.ts";

/** Where a rule reports what it finds. Bounded: what is beyond the bound is counted, so that hostile input costs no more than its reading. */
export class Findings {
  readonly #issues: Issue[] = [];
  readonly #limit: number;
  #unlisted = 0;
  #unlistedErrors = 0;

  constructor(limit = 1000) {
    this.#limit = limit;
  }

  add(severity: Severity, code: string, rule: string, text: string, expression: string, offset: number): void {
    if (this.#issues.length < this.#limit) this.#issues.push({ severity, code, rule, text, expression, offset });
    else {
      this.#unlisted++;
      if (severity === "error" || severity === "fatal") this.#unlistedErrors++;
    }
  }

  addIssue(issue: Issue): void {
    this.add(issue.severity, issue.code, issue.rule, issue.text, issue.expression ?? "", issue.offset ?? -1);
  }

  /** Everything found, in the order of finding, and how many more there are. */
  list(): Issue[] {
    if (this.#unlisted === 0) return this.#issues;
    const severity = this.#unlistedErrors > 0 ? "error" : "warning";
    return [
      ...this.#issues,
      { severity, code: "too-costly", rule: "too-many-issues", text: `${this.#unlisted} more issues were found; they are not listed.` },
    ];
  }
}
