import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { isError, operationOutcome } from "../core/fhir/issue.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { receive } from "../pipeline/intake/receive.ts";
import { DEFAULT_POLICY } from "../pipeline/validate/policy.ts";
import { underEach, type UnderPolicy } from "../pipeline/validate/under-each.ts";
import { createValidator } from "../pipeline/validate/validate.ts";
import { EXIT, type Command } from "./command.ts";
import { eachFile } from "./each-file.ts";
import { everyPolicy } from "./policy.ts";
import { PolicyTable } from "./policy-table.ts";

/** `validate --policy all`: under which policy each file passes, and which rules refuse how many. Exits as under strict. */
export const validateAll: Command["run"] = async (given, { io, knowledge }) => {
  const policies = await everyPolicy();
  const validator = createValidator({ ...knowledge, policy: DEFAULT_POLICY });
  const table = new PolicyTable([...policies.keys()]);
  const isJson = given.isSet("json");
  const exit = await eachFile(given.files, io, async (file, bytes) => {
    const intake = receive({ bytes, mediaType: fhirMediaTypeOf(bytes, file) }, DEFAULT_READ_LIMITS, validator.definitions);
    const isRead = intake.kind !== "unreadable";
    const { source } = isRead ? intake.received : intake;
    const issues = isRead ? validator.validate(intake.received.resource, intake.received.readingIssues) : intake.issues;
    const rules = [...new Set(issues.filter(isError).map(({ rule }) => rule))];
    const under = isRead
      ? underEach(intake.received, validator, policies)
      : [...policies.keys()].map((name): UnderPolicy => ({ name, passes: false, rules }));
    table.add(under);
    const valid = !issues.some(isError);
    const told = isJson
      ? writeJson(
          treeOf({
            file,
            valid,
            policies: Object.fromEntries(under.map(({ name, passes }) => [name, passes])),
            outcome: operationOutcome(issues, source),
          }),
        )
      : line(file, under);
    await io.print(`${told}\n`);
    return valid ? EXIT.yes : EXIT.no;
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
