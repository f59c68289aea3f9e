import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { answerHere } from "../core/signatures/document-signature.ts";
import { checkResource } from "../interactions/fhir/check-resource.ts";
import { packagedProfiles } from "../pipeline/validate/profiles/packaged-profiles.ts";
import { createValidator } from "../pipeline/validate/validate.ts";
import { EXIT, type Command } from "./command.ts";
import { eachFile } from "./each-file.ts";
import { heldAgainstText } from "./held-against.ts";
import { policyOf } from "./policy.ts";
import { countText, issueReport } from "./report.ts";

export const validate: Command = {
  help: `chartulary validate [--json] [--quiet] [--policy NAME] [--packages DIR] FILE...

Says whether files are valid R4 resources, and everything that is wrong with them. A FILE may be JSON or XML, a folder
(all its .json, .xml and .p7m files) or - for standard input.

  --json         one JSON line a file: {"file", "valid", "outcome": OperationOutcome}; with packages "profiles" besides: under which
                 set it was judged, and what came of each profile, as deposit records say it (docs/formats.md, Profiles)
  --quiet        errors only, no warnings and information
  --policy NAME  strict (default), form, references, or the path of a policy file (docs/rules.md, Policy); all: under which
                 of them, and of the examples in docs/policies, each file passes ("policies" in JSON: name and true or
                 false), and of several files which rules refuse how many; exit code and outcome are those of strict
  --packages DIR FHIR packages that they are held against besides (default: PACKAGES_DIR; docs/operating.md, Packages): profiles that they
                 declare, and those that packages.json names for documents of their type; a line of each says what came of it

Exit code: 0 all are valid, 1 one is not (also one that does not parse), 2 a file could not be opened.
`,
  options: { json: { type: "boolean" }, quiet: { type: "boolean", short: "q" }, policy: { type: "string" }, packages: { type: "string" } },
  takes: { least: 1, most: Infinity },

  run: async (given, surroundings) => {
    if (given.text("policy") === "all") return (await import("./validate-all.ts")).validateAll(given, surroundings);
    const { io, knowledge, openProfileSets } = surroundings;
    const sets = await openProfileSets(given.text("packages"));
    const validator = createValidator({ ...knowledge, policy: await policyOf(given.text("policy"), io), ...packagedProfiles(knowledge, sets) });
    const answerSignatures = answerHere(knowledge.definitions);
    return eachFile(given.files, io, async (file, bytes) => {
      const checked = await checkResource(bytes, fhirMediaTypeOf(bytes, file), { limits: DEFAULT_READ_LIMITS, validator, answerSignatures });
      const { isValid, issues, source, profiles } = checked;
      if (given.isSet("json")) {
        await io.print(`${writeJson(treeOf({ file, valid: isValid, outcome: checked.outcome(), ...(sets && profiles && { profiles }) }))}\n`);
      } else {
        const shown = given.isSet("quiet") ? issues.filter((issue) => issue.severity === "error" || issue.severity === "fatal") : issues;
        const held = sets === undefined || checked.received === undefined || given.isSet("quiet") ? "" : heldAgainstText(file, profiles);
        await io.print(`${issueReport(file, shown, source)}${held}${file}: ${isValid ? "valid" : "not valid"}, ${countText(issues)}\n`);
      }
      return isValid ? EXIT.yes : EXIT.no;
    });
  },
};
