import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { EXIT, type Command, type Symptom } from "./command.ts";

export const doctor: Command = {
  help: `chartulary doctor [--quick] [--json]

Tells what is wrong with this installation, each with what helps: settings and the files that they name, folders and who may read
them, packages, disks, ports, keys and the seal's certificate, the database (all of it is looked at, a second for each gigabyte), the log, its
mark, the clock, the list of erasures, the index, subscriptions, jobs that nobody does, the audit trail and what waits for it, the browser,
the time-stamp authority. Nothing is changed. Run it as the service's user with its settings; beside a running service, or when the service does not start. What was
changed in documents chartulary audit finds, and in the audit trail chartulary audit --trail.

  --quick  leaves out what takes long: the look at the whole of a large database, the browser, the time-stamp authority
  --json   one JSON line: {"verdict":…,"checked":[…],"symptoms":[{"level","what","text","remedy"}]}

Exit code: 0 nothing is wrong (there may be notices), 1 something is, 2 it could not be looked at.
`,
  options: { quick: { type: "boolean" }, json: { type: "boolean" } },
  takes: { least: 0, most: 0 },

  async run(given, { io, doctor: ask }) {
    const { checked, symptoms } = await ask({ isQuick: given.isSet("quick"), onCheck: (what) => io.progress(`looking at: ${what}`) });
    io.progress("");
    const isWrong = symptoms.some(({ level }) => level === "wrong");
    const verdict = isWrong ? "wrong" : "well";
    await io.print(
      given.isSet("json")
        ? `${writeJson(treeOf({ verdict, checked, symptoms }))}\n`
        : `${symptoms.map(textOf).join("")}looked at ${checked.join(", ")}\n${isWrong ? "something is WRONG" : "nothing is wrong"}\n`,
    );
    return isWrong ? EXIT.no : EXIT.yes;
  },
};

function textOf({ level, what, text, remedy }: Symptom): string {
  return `${level.toUpperCase().padEnd(7)} ${what}: ${text}\n        -> ${remedy}\n`;
}
