import { isError } from "../core/fhir/issue.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { answerHere } from "../core/signatures/document-signature.ts";
import { checkResource } from "../interactions/fhir/check-resource.ts";
import { DEFAULT_POLICY } from "../pipeline/validate/policy.ts";
import { underEach, type UnderPolicy } from "../pipeline/validate/under-each.ts";
import { packagedProfiles } from "../pipeline/validate/profiles/packaged-profiles.ts";
import { createValidator } from "../pipeline/validate/validate.ts";
import { EXIT, type Command } from "./command.ts";
import { eachFile } from "./each-file.ts";
import { everyPolicy } from "./policy.ts";
import { PolicyTable } from "./policy-table.ts";
import { issueReport } from "./report.ts";

/** `validate --policy all`: under which policy each file passes, and which rules refuse how many. What it says besides (issues, false signatures) and its exit are those of strict. */
export const validateAll: Command["run"] = async (given, { io, knowledge, openProfileSets }) => {
  const policies = await everyPolicy();
  const sets = await openProfileSets(given.text("packages"));
  const validator = createValidator({ ...knowledge, policy: DEFAULT_POLICY, ...packagedProfiles(knowledge, sets) });
  const answerSignatures = answerHere(knowledge.definitions);
  const table = new PolicyTable([...policies.keys()]);
  const isJson = given.isSet("json");
  const exit = await eachFile(given.files, io, async (file, bytes) => {
    const checked = await checkResource(bytes, fhirMediaTypeOf(bytes, file), { limits: DEFAULT_READ_LIMITS, validator, answerSignatures });
    const { isValid, issues, received, source } = checked;
    const rules = [...new Set(issues.filter(isError).map(({ rule }) => rule))];
    const under = received
      ? underEach(received, validator, policies)
      : [...policies.keys()].map((name): UnderPolicy => ({ name, passes: false, rules }));
    table.add(under);
    if (isJson) {
      const passes = Object.fromEntries(under.map((one) => [one.name, one.passes]));
      await io.print(`${writeJson(treeOf({ file, valid: isValid, policies: passes, outcome: checked.outcome() }))}\n`);
    } else {
      // A policy of rules says nothing of signatures: they are told of apart.
      const signatures = issues.filter(({ rule }) => rule === "signature-false");
      await io.print(`${issueReport(file, signatures, source)}${line(file, under)}\n`);
    }
    return isValid ? EXIT.yes : EXIT.no;
  });
  if (!isJson && table.files > 1) await io.print(`\n${table.text()}`);
  return exit;
};

/** `discharge.json: form, references; not strict (full-url-relative)` */
function line(file: string, under: readonly UnderPolicy[]): string {
  const passing = under.filter(({ passes }) => passes).map(({ name }) => name);
  const failing = under.filter(({ passes }) => !passes).map(({ name, rules }) => `${name} (${rules.join(", ")})`);
  return `${file}: passes under ${passing.join(", ") || "none"}${failing.length > 0 ? `; not under ${failing.join("; ")}` : ""}`;
}
