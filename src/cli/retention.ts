import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { EXIT, type Arguments, type Command, type DueDocument, type Tools } from "./command.ts";
import { orderedBy } from "./custody-order.ts";

export const retention: Command = {
  help: `chartulary retention [--carry-out --by NAME] [--json]
chartulary retention --trail --keep-days N [--carry-out --by NAME] [--json]

Names the documents that need not be kept any longer by the policy of RETENTION_POLICY (docs/operating.md), and with --carry-out
erases them, each as chartulary erase does, with the reason retention. Documents under a legal hold are named and left alone. Before a
document is erased it is opened, and must say itself what the index says of it. A service may run meanwhile.

  --carry-out  erases what is due
  --by NAME    who answers for it
  --json       a JSON line for each: {"id":…,"receivedAt":…,"dueAt":…,"rule":…,"isHeld":…,"isErased":…}

With --trail it is about the audit trail (who saw what), which is kept for ever unless this is called: it names the days before the last
N whose events can be read, and with --carry-out destroys their keys. Nobody can read these events from then on, neither here nor in
whatever has the newest audit-keys.tar; the log of the trail is proved as before. That it is done, of which days and by whom, is written
into the trail before. Accounts of disclosures say which days they can't tell of.

  --trail        the audit trail instead of documents
  --keep-days N  how many days before today are kept: at least 1
  --json         one JSON line: {"before":…,"due":[…],"isEnded":…}

Exit code: 0 done, 1 done but for documents that could not be erased (named on standard error), 2 could not be done.
`,
  options: {
    "carry-out": { type: "boolean" },
    by: { type: "string" },
    trail: { type: "boolean" },
    "keep-days": { type: "string" },
    json: { type: "boolean" },
  },
  takes: { least: 0, most: 0 },

  async run(given, tools) {
    const { io, openRetention, tellTrail } = tools;
    if (given.isSet("trail")) return trailRetention(given, tools);
    if (given.text("keep-days") !== undefined) throw new AppError("invalid", "--keep-days is about the audit trail: give --trail too");
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

/** A thousand years. */
const MOST_DAYS = 365_250;

async function trailRetention(given: Arguments, { io, openTrailRetention, tellTrail }: Tools): Promise<number> {
  const text = given.text("keep-days") ?? "";
  const keptDays = Number(text);
  if (!/^\d{1,6}$/.test(text) || keptDays < 1 || keptDays > MOST_DAYS) throw new AppError("invalid", `--keep-days must be a number of days from 1 to ${MOST_DAYS}, not ${JSON.stringify(text)}`); // prettier-ignore
  const by = given.isSet("carry-out") ? orderedBy(given) : undefined;
  const trail = await openTrailRetention(keptDays);
  try {
    const due = await trail.due();
    const isEnded = by !== undefined && due.length > 0;
    if (isEnded) {
      const line = `chartulary retention: the keys of ${due.length} days of the audit trail before ${trail.before} (${due[0] ?? ""} to ${due.at(-1) ?? ""}) are destroyed, by ${by}`;
      // Before: an end that nobody wrote down would be indistinguishable from a loss.
      await tellTrail({ kind: "erasure", action: "D", outcome: 0, line, documents: [] });
      await trail.end(due);
    }
    await io.print(given.isSet("json") ? `${writeJson(treeOf({ before: trail.before, due, isEnded }))}\n` : due.map((day) => `${day}  ${isEnded ? "ended" : "due"}\n`).join("")); // prettier-ignore
    io.tell(
      `${due.length} days of the audit trail before ${trail.before} ${isEnded ? "were ended: their events can't be read any more" : "can still be read"}`,
    );
    return EXIT.yes;
  } finally {
    await trail.close();
  }
}

function lineOf({ id, receivedAt, dueAt, rule, isHeld }: DueDocument, isErased: boolean): string {
  const state = isHeld ? "held" : isErased ? "erased" : "due";
  return `${id}  ${state.padEnd(6)}  received ${receivedAt.slice(0, 10)}  due since ${dueAt.slice(0, 10)}  rule ${rule}`;
}
