/** Our validator over a case. */
import { readFileSync } from "node:fs";
import { isError, type Issue } from "../../src/core/fhir/issue.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../src/core/fhir/reading/read-resource.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { createValidator } from "../../src/pipeline/validate/validate.ts";
import type { Case, CaseSet } from "./case.ts";
import type { Judged } from "./compare.ts";
import { mediaTypeOf, R4 } from "./plain.ts";

const BASE = createValidator({ ...R4, policy: DEFAULT_POLICY });

/** Judges a case: by the first of its sets under which it has no error, else by the last. Undefined: it has no set. */
export function judgeCase(one: Case): Judged["ours"] {
  let last: Judged["ours"];
  for (const set of one.sets) {
    last = judge(one, set);
    if (!last?.issues.some(isError)) return last;
  }
  return last;
}

function judge(one: Case, set: CaseSet): Judged["ours"] {
  void set;
  const bytes = readFileSync(one.file);
  const begun = performance.now();
  const { resource, issues } = readResource(bytes, mediaTypeOf(one.file), DEFAULT_READ_LIMITS, R4.definitions);
  const found: readonly Issue[] = resource === undefined ? issues : BASE.validate(resource, issues);
  return { issues: found, unheld: 0, milliseconds: performance.now() - begun };
}
