import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { orRefused } from "./backup.ts";
import { EXIT, type Command } from "./command.ts";
import { originIn } from "./log-tools.ts";

export const init: Command = {
  help: `chartulary init [--origin NAME] [--json]

Makes the repository's keys (KEYS_DIR) and an empty database, and sets the origin of its log: the name that stands in every checkpoint, trust file
and receipt, for ever. Without it the first start of the service does the same, under an origin that nobody else has. With MongoDB run
\`chartulary mongo init\` first, and copy KEYS_DIR to the machines of the other instances.

  --origin NAME  a name of yours that tells people whose log it is: host and path without https://, such as documents.example.org/log. No address has to
                 answer there. Without it LOG_ORIGIN counts
  --json         one JSON line: {"origin","vkey","isNew"}

Run again it changes nothing, and tells what is there. A log of another origin is begun by \`chartulary log new-origin\` alone.

Exit code: 0; 1 refused: there is a repository under another origin; 2 could not be done.
`,
  options: { origin: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 0, most: 0 },

  async run(given, { io, initialise }) {
    return orRefused(
      "init",
      (text) => io.tell(text),
      async () => {
        const { origin, vkey, isNew, keysFolder } = await initialise(originIn(given.text("origin")));
        const words = isNew
          ? `made the keys in ${keysFolder}: back them up, without them nothing here can be opened`
          : "nothing was changed: it was there before";
        const lines = [words, `origin  ${origin}`, `key     ${vkey}`];
        await io.print(given.isSet("json") ? `${writeJson(treeOf({ origin, vkey, isNew }))}\n` : `${lines.join("\n")}\n`);
        return EXIT.yes;
      },
    );
  },
};
