import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { EXIT, type Command } from "./command.ts";

export const rebuild: Command = {
  help: `chartulary rebuild [--json]

Makes the index (index.db in DATA_DIR: lists, search, which document supersedes which) anew from the record, beside the one
that answers, and puts it in that one's place when it is done. A service may run meanwhile: it goes on answering and taking
documents. Give the same PATIENT_SYSTEMS as the service has. The service makes an index by itself that is missing, damaged or of
another version; this is for one that says something wrong.

  --json  one JSON line: {"entries":…,"documents":…,"faults":…}

Exit code: 0 made anew, 1 made anew without documents that cannot be opened (named on standard error), 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 0, most: 0 },

  async run(given, { io, rebuildIndex }) {
    let faults = 0;
    const { entries, documents } = await rebuildIndex({
      onProgress: (done, all) => io.progress(`${done} of ${all} entries`),
      onFault: (text) => {
        faults++;
        io.tell(text);
      },
    });
    io.progress("");
    await io.print(
      given.isSet("json")
        ? `${writeJson(treeOf({ entries, documents, faults }))}\n`
        : `the index is made anew: ${documents} documents of ${entries} entries${faults > 0 ? `, ${faults} could not be opened` : ""}\n`,
    );
    return faults > 0 ? EXIT.no : EXIT.yes;
  },
};
