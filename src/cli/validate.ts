import { treeOf } from "../core/fhir/json/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/read-limits.ts";
import { judgeResource } from "../interactions/judge-resource.ts";
import { DEFAULT_POLICY } from "../pipeline/validate/policy.ts";
import { EXIT, type Command } from "./command.ts";
import { eachFile } from "./each-file.ts";
import { mediaTypeOf } from "./files.ts";
import { countText, issueReport } from "./report.ts";

export const validate: Command = {
  help: `chartulary validate [--json] [--quiet] FILE...

Says whether files are valid R4 resources, and everything that is wrong with them. A FILE may be JSON or XML, a folder
(all its .json and .xml files) or - for standard input.

  --json   one JSON line a file: {"file", "valid", "outcome": OperationOutcome}
  --quiet  errors only, no warnings and information

Exit code: 0 all are valid, 1 one is not (also one that does not parse), 2 a file could not be opened.
`,
  options: { json: { type: "boolean" }, quiet: { type: "boolean", short: "q" } },
  takes: { least: 1, most: Infinity },

  run: (given, { io }) =>
    eachFile(given.files, io, async (file, bytes) => {
      const judgement = judgeResource(bytes, mediaTypeOf(file, bytes), { limits: DEFAULT_READ_LIMITS, policy: DEFAULT_POLICY });
      const { isValid, issues, source } = judgement;
      if (given.isSet("json")) {
        await io.print(`${writeJson(treeOf({ file, valid: isValid, outcome: judgement.outcome() }))}\n`);
      } else {
        const shown = given.isSet("quiet") ? issues.filter((issue) => issue.severity === "error" || issue.severity === "fatal") : issues;
        await io.print(`${issueReport(file, shown, source)}${file}: ${isValid ? "valid" : "not valid"}, ${countText(issues)}\n`);
      }
      return isValid ? EXIT.yes : EXIT.no;
    }),
};
