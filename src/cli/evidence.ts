import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Arguments, type Command, type Tools } from "./command.ts";
import type { HashingTold, ToldEvidence } from "./log-tools.ts";

export const evidence: Command = {
  help: `chartulary evidence [--json]
chartulary evidence renew [--hash sha512] [--json]

Without a word behind it: tells the log's time-stamps (TSA_URL), the oldest first: when, over how many entries, by whom, and until
when the certificates are good that it rests on.

renew asks for one more now, over the newest checkpoint. Its tree holds every time-stamp before, so that those count as long as this
one does, whatever becomes of their authorities. Do it before the certificates of the newest end, with an authority whose own are good
for longer. What tells that its certificates were not revoked is collected along with it (REVOCATION_HOSTS, REVOCATION_DIR). A service
may run meanwhile; it does the same by itself each EVIDENCE_INTERVAL_SECONDS.

--hash sha512 hashes the log anew as well: each entry and what is kept of it (a document's bytes, canonical form, record and seal; the
time-stamps of before), and has an authority that signs by SHA-512 or SHA-384 stamp the tree over that. Whatever becomes of SHA-256
after that, the receipts of now prove. It reads every document; ended in the midst it goes on where it was. Do it while SHA-256 holds,
again for what came since, and before the certificates of the newest such time-stamp end.

  --json  a JSON line for each: {"number","stampedAt","size","index","authority","until"}, and "hash" of those over the log hashed anew

Exit code: 0; 1 what the newest rests on has ended (without a word); 2 could not be told or done.
`,
  options: { json: { type: "boolean" }, hash: { type: "string" } },
  takes: { least: 0, most: 1 },

  async run(given, tools) {
    const [action] = given.files;
    if (action !== undefined && action !== "renew") throw new AppError("unsupported", `there is nothing called ${action} to do with evidence`);
    const hash = given.text("hash");
    if (hash !== undefined && (action !== "renew" || hash !== "sha512"))
      throw new AppError("invalid", "--hash is for `evidence renew`, and sha512 is the one that there is");
    const opened = await tools.openEvidence();
    try {
      if (action === "renew") {
        const { made, faults } = await (hash === undefined ? opened.renew() : opened.renewByHash(progressOf(tools)));
        for (const fault of faults) tools.io.tell(`chartulary evidence: ${fault}`);
        await print(tools, given, [made], hash);
        return EXIT.yes;
      }
      const all = await opened.list();
      await print(tools, given, all);
      const renewals = await opened.renewals();
      if (renewals.length > 0) await print(tools, given, renewals, "sha512");
      const newest = all.at(-1);
      return newest === undefined || Date.parse(newest.until) > Date.now() ? EXIT.yes : EXIT.no;
    } finally {
      await opened.close();
    }
  },
};

/** Tells each tenth of the way. */
function progressOf({ io }: Pick<Tools, "io">): HashingTold {
  let told = 0;
  return {
    onRun: (done, size) => {
      const tenths = Math.floor((done * 10) / size);
      if (tenths > told) io.tell(`chartulary evidence: ${done} of ${size} entries are hashed anew`);
      told = Math.max(told, tenths);
    },
  };
}

async function print({ io }: Pick<Tools, "io">, given: Arguments, all: readonly ToldEvidence[], hash?: string): Promise<void> {
  const anew = hash === undefined ? "" : `, hashed anew by ${hash}`;
  const lines = all.map(({ number, stampedAt, size, index, authority, until }) =>
    given.isSet("json")
      ? writeJson(treeOf({ number, ...(hash !== undefined && { hash }), stampedAt, size, index, authority, until }))
      : `${String(number).padStart(6)}  ${stampedAt}  the first ${size} entries${anew}  by ${authority}, good until ${until}`,
  );
  await io.print(lines.length > 0 ? `${lines.join("\n")}\n` : given.isSet("json") ? "" : "the log has no time-stamp\n");
}
