import type { Issue } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";

/** What is wrong with a submission, gathered: a source learns of everything at once. */
export class SubmissionFaults {
  readonly issues: Issue[] = [];
  readonly warnings: { readonly entry: number; readonly text: string }[] = [];
  readonly #root: (entry: number) => string;

  /** @param root the FHIRPath of the resource of an entry */
  constructor(root: (entry: number) => string) {
    this.#root = root;
  }

  /** A fault of the resource of an entry. @param path behind its type: `.content[0].attachment.url` */
  add(entry: number, rule: string, text: string, path = "", about?: JsonObject): void {
    const expression = `${this.#root(entry)}${path}`;
    this.issues.push({
      severity: "error",
      ...{ code: CODES[rule] ?? "invalid", rule: `mhd-${rule}`, text, expression },
      ...(about !== undefined && { offset: about.offset }),
    });
  }

  warn(entry: number, text: string): void {
    this.warnings.push({ entry, text });
  }

  /** What the rules of R4 say of a resource of an entry. */
  take(entry: number, type: string, issues: readonly Issue[]): void {
    for (const issue of issues) {
      const { expression = "" } = issue;
      const isOwn = expression === type || expression.startsWith(`${type}.`) || expression.startsWith(`${type}[`);
      this.issues.push(isOwn ? { ...issue, expression: this.#root(entry) + expression.slice(type.length) } : issue);
    }
  }
}

/** http://hl7.org/fhir/issue-type, where it is another than `invalid`. */
const CODES: Readonly<Record<string, string>> = {
  required: "required",
  "not-supported": "not-supported",
  "not-found": "not-found",
  duplicate: "duplicate",
  hash: "value",
  size: "value",
  subject: "business-rule",
  label: "business-rule",
};
