import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Command, type DueDocument } from "./command.ts";
import { orderedBy } from "./custody-order.ts";

export const retention: Command = {
  help: `chartulary retention [--carry-out --by NAME] [--json]

Names the documents that need not be kept any longer by the policy of RETENTION_POLICY (docs/operating.md), and with --carry-out
erases them, each as chartulary erase does, with the reason retention. Documents under a legal hold are named and left alone. Before a
document is erased it is opened, and must say itself what the index says of it. A service may run meanwhile.

  --carry-out  erases what is due
  --by NAME    who answers for it
  --json       a JSON line for each: {"id":…,"receivedAt":…,"dueAt":…,"rule":…,"isHeld":…,"isErased":…}

Exit code: 0 done, 1 done but for documents that could not be erased (named on standard error), 2 could not be done.
`,
  options: { "carry-out": { type: "boolean" }, by: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 0, most: 0 },

  async run(given, { io, openRetention, tellTrail }) {
    const by = given.isSet("carry-out") ? orderedBy(given) : undefined;
    const counts = { due: 0, held: 0, erased: 0, failed: 0 };
    const retained = await openRetention({
      onProgress: (done) => io.progress(`${done} documents looked at, ${counts.due} are due`),
      onUndated: (id, rule) => io.tell(`${id} is kept: it has no date that rule ${rule} could go by`),
    });
    try {
      for await (const document of retained.due()) {
        counts.due++;
        if (document.isHeld) counts.held++;
        const isErased = by !== undefined && !document.isHeld && (await carryOut(document, by));
        await io.print(given.isSet("json") ? `${writeJson(treeOf({ ...document, isErased }))}\n` : `${lineOf(document, isErased)}\n`);
      }
    } finally {
      io.progress("");
      await retained.close();
    }
    io.tell(
      `${counts.due} due, ${counts.held} of them held${by === undefined ? "" : `, ${counts.erased} erased`}${counts.failed > 0 ? `, ${counts.failed} could not be` : ""}`,
    );
    return counts.failed > 0 ? EXIT.no : EXIT.yes;

    async function carryOut({ id, rule }: DueDocument, name: string): Promise<boolean> {
      try {
        await retained.erase(id, { by: name, rule });
        await tellTrail({ kind: "erasure", action: "D", outcome: 0, line: `chartulary retention: rule ${rule}, by ${name}`, documents: [id] });
        counts.erased++;
        return true;
      } catch (error) {
        if (!(error instanceof AppError) || error.code === "unavailable" || error.code === "internal") throw error;
        counts.failed++;
        io.tell(error.message);
        return false;
      }
    }
  },
};

function lineOf({ id, receivedAt, dueAt, rule, isHeld }: DueDocument, isErased: boolean): string {
  const state = isHeld ? "held" : isErased ? "erased" : "due";
  return `${id}  ${state.padEnd(6)}  received ${receivedAt.slice(0, 10)}  due since ${dueAt.slice(0, 10)}  rule ${rule}`;
}
