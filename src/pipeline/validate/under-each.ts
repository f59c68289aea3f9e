import { isError } from "../../core/fhir/issue.ts";
import type { Received } from "../document-forms.ts";
import { policyFor, type Policy } from "./policy.ts";
import type { Validator } from "./validate.ts";

/** What a policy says of a resource. */
export interface UnderPolicy {
  /** As the operator names it: `form`, or the name of a file. */
  readonly name: string;
  readonly passes: boolean;
  /** The rules by which it does not pass, each once, in the order in which they were met. */
  readonly rules: readonly string[];
}

/** What each of some policies says of a resource: one judgement each, none of them kept. */
export function underEach(
  { resource, readingIssues }: Pick<Received, "resource" | "readingIssues">,
  validator: Validator,
  policies: ReadonlyMap<string, Policy>,
  submitter?: readonly string[],
): UnderPolicy[] {
  return [...policies].map(([name, policy]) => {
    const { issues } = validator.under(policyFor(policy, resource, submitter)).judge(resource, readingIssues);
    const rules = [...new Set(issues.filter(isError).map(({ rule }) => rule))];
    return { name, passes: rules.length === 0, rules };
  });
}
