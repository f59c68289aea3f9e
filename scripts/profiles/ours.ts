/** Our validator over cases. */
import { readFileSync } from "node:fs";
import { isError, type Issue } from "../../src/core/fhir/issue.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../src/core/fhir/reading/read-resource.ts";
import { createTerms } from "../../src/core/fhir/terminology/create-terms.ts";
import { DEFAULT_POLICY, type Policy } from "../../src/pipeline/validate/policy.ts";
import { createProfiles } from "../../src/pipeline/validate/profiles/create-profiles.ts";
import { createValidator, type Validator } from "../../src/pipeline/validate/validate.ts";
import type { Case, CaseSet } from "./case.ts";
import type { Judged } from "./compare.ts";
import { mediaTypeOf, R4 } from "./plain.ts";
import { openSet } from "./sets.ts";

/** What HL7's suite asks of its validator for such cases (assumeValidRestReferences): an address outside of a Bundle is believed to lead to what it says. Here a policy says so. */
const BELIEVING: Policy = { ...DEFAULT_POLICY, version: "believing/1", severities: new Map([["profile-target", "error"]]) };

type Ours = Judged["ours"];

/** Judges cases, those of one set after the other. Of several sets the first counts under which a case has no error, else the last. Undefined: it has no set. */
export async function judgeCases(cases: readonly Case[], tell: (text: string) => void): Promise<Ours[]> {
  const answers = cases.map((): Ours => undefined);
  const names = new Map(cases.flatMap(({ sets }) => sets.map((set) => [set.name, set])));
  for (const set of names.values()) {
    const begun = performance.now();
    const { set: opened, faults } = await openSet(set);
    const profiles = createProfiles({
      definitions: R4.definitions,
      core: R4.coreProfiles,
      sets: { on: () => opened },
      terms: (conformance) => createTerms({ conformance }),
    });
    const validator = createValidator({ ...R4, policy: DEFAULT_POLICY, profiles });
    const believing = validator.under(BELIEVING);
    if (set.archives.length > 0) tell(`${set.name}: ready after ${Math.round(performance.now() - begun)} ms`);
    for (const fault of faults) tell(`${set.name}: ${fault}`);
    for (const [at, one] of cases.entries())
      if (one.sets.some((its: CaseSet) => its.name === set.name) && (answers[at] === undefined || answers[at].issues.some(isError)))
        answers[at] = judge(one, one.assumeValidReferences ? believing : validator);
  }
  return answers;
}

function judge(one: Case, validator: Validator): NonNullable<Ours> {
  const bytes = readFileSync(one.file);
  const begun = performance.now();
  const { resource, issues } = readResource(bytes, mediaTypeOf(one.file), DEFAULT_READ_LIMITS, R4.definitions);
  if (resource === undefined) return { issues, judged: 0, unheld: 0, milliseconds: performance.now() - begun };
  const judgement = validator.judge(resource, issues);
  const found: Issue[] = [...judgement.issues];
  for (const profile of one.profiles) {
    const held = validator.heldAgainst(profile, resource);
    if (held) found.push(...held.issues);
    else found.push({ severity: "error", code: "not-found", rule: "runner-profile-not-held", text: `${profile} is not held.` });
  }
  const unheld = judgement.verdicts.filter(({ result }) => result === "unheld").length;
  if (one.everyProfileHeld && unheld > 0)
    found.push({ severity: "error", code: "not-found", rule: "runner-unheld", text: "It declares a profile that its programme has not." });
  const judged = judgement.verdicts.filter(({ result }) => result !== "unheld").length;
  return { issues: found, judged, unheld, milliseconds: performance.now() - begun };
}
