import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Command } from "./command.ts";

export const store: Command = {
  help: `chartulary store sweep [--json]

Removes from a MongoDB database what deposits left behind that were broken off before their commit: a crash, a lost race. Nobody
ever saw it. Nothing is removed that is younger than an hour, or younger than half an hour before the newest commit: it is left
for the next sweep. Services may run meanwhile. Needs MONGODB_ADMIN_URL, the URL of a user who may remove; the database is the
one of MONGODB_URL, if that is set. Run it now and then: once a week is plenty.

  --json  one JSON line: {"entries":…,"chunks":…,"keys":…,"left":…}

Exit code: 0 done, 2 could not be done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, { io, sweepStore }) {
    const [action] = given.files;
    if (action !== "sweep") throw new AppError("unsupported", `there is nothing called ${action ?? ""} to do with the store`);
    const swept = await sweepStore((looked) => io.progress(`${looked} looked at`));
    io.progress("");
    const { entries, chunks, keys, left } = swept;
    const text = `removed ${entries} entries, ${chunks} chunks and ${keys} keys that were never committed; left ${left} that are too young\n`;
    await io.print(given.isSet("json") ? `${writeJson(treeOf({ entries, chunks, keys, left }))}\n` : text);
    return EXIT.yes;
  },
};
