import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Arguments, type Command, type Tools } from "./command.ts";
import type { ToldEvidence } from "./log-tools.ts";

export const evidence: Command = {
  help: `chartulary evidence [--json]
chartulary evidence renew [--json]

Without a word behind it: tells the log's time-stamps (TSA_URL), the oldest first: when, over how many entries, by whom, and until
when the certificates are good that it rests on.

renew asks for one more now, over the newest checkpoint. Its tree holds every time-stamp before, so that those count as long as this
one does, whatever becomes of their authorities. Do it before the certificates of the newest end, with an authority whose own are good
for longer. What tells that its certificates were not revoked is collected along with it (REVOCATION_HOSTS, REVOCATION_DIR). A service
may run meanwhile; it does the same by itself each EVIDENCE_INTERVAL_SECONDS.

  --json  a JSON line for each: {"number","stampedAt","size","index","authority","until"}

Exit code: 0; 1 what the newest rests on has ended (without a word); 2 could not be told or done.
`,
  options: { json: { type: "boolean" } },
  takes: { least: 0, most: 1 },

  async run(given, tools) {
    const [action] = given.files;
    if (action !== undefined && action !== "renew") throw new AppError("unsupported", `there is nothing called ${action} to do with evidence`);
    const opened = await tools.openEvidence();
    try {
      if (action === "renew") {
        const { made, faults } = await opened.renew();
        for (const fault of faults) tools.io.tell(`chartulary evidence: ${fault}`);
        await print(tools, given, [made]);
        return EXIT.yes;
      }
      const all = await opened.list();
      await print(tools, given, all);
      const newest = all.at(-1);
      return newest === undefined || Date.parse(newest.until) > Date.now() ? EXIT.yes : EXIT.no;
    } finally {
      await opened.close();
    }
  },
};

async function print({ io }: Pick<Tools, "io">, given: Arguments, all: readonly ToldEvidence[]): Promise<void> {
  const lines = all.map(({ number, stampedAt, size, index, authority, until }) =>
    given.isSet("json")
      ? writeJson(treeOf({ number, stampedAt, size, index, authority, until }))
      : `${String(number).padStart(6)}  ${stampedAt}  the first ${size} entries  by ${authority}, good until ${until}`,
  );
  await io.print(lines.length > 0 ? `${lines.join("\n")}\n` : given.isSet("json") ? "" : "the log has no time-stamp\n");
}
