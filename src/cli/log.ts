import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { reasonOf } from "../core/formats/new-origin.ts";
import { EXIT, type Command } from "./command.ts";

export const log: Command = {
  help: `chartulary log new-origin --reason TEXT [--json]

Lets the log go on under another origin and key, when it can't go on under its own: after an older copy of the database took
the place of the newer one, or its key got into strange hands. Its first entry names the newest checkpoint that the database
holds, and that of the high-water mark where it is another one; the old key is destroyed. What was deposited before stays
readable and provable. Stop the service first, and have /trust.json fetched anew afterwards: it names both logs.

  --reason TEXT  why, in one line. It stands in the log for everybody to read: no patient data
  --json         one JSON line

Exit code: 0, or 2 when it could not be done.
`,
  options: { reason: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, tools) {
    const [action] = given.files;
    if (action !== "new-origin") throw new AppError("unsupported", `there is nothing called ${action ?? ""} to do with the log`);
    const begun = await tools.beginNewOrigin(reasonOf(given.text("reason") ?? ""));
    const { index, origin, vkey, previous } = begun;
    const lines = [
      `new log   ${origin}`,
      `key       ${vkey}`,
      `begins    as entry ${index}`,
      ...(previous.mark === null
        ? []
        : [`the old log was seen further, or otherwise, than the database has it:`, previous.mark.split("\n\n", 1)[0] ?? ""]),
    ];
    await tools.io.print(given.isSet("json") ? `${writeJson(treeOf({ index, origin, vkey, previous }))}\n` : `${lines.join("\n")}\n`);
    return EXIT.yes;
  },
};
