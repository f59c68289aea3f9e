import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { toBase64 } from "../core/crypto/base64.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { AppError } from "../core/errors.ts";
import { parseReceipt } from "../core/formats/receipt.ts";
import { EXIT, type Command } from "./command.ts";
import type { RestoredTrail } from "./told.ts";

export const backup: Command = {
  help: `chartulary backup FOLDER [--with-keys] [--json]

Backs up what is kept into FOLDER, while the service runs: record.tar gets what the log has beyond it (the first time, all of it), and
document-keys.tar is replaced. The audit trail goes along: audit-trail.tar gets what it has beyond it, audit-keys.tar (the days' keys) and
audit-spool.tar (what waits on this machine to be brought into the trail) are replaced. Where the log has witnesses, cosigned.tar gets
the checkpoints that they cosigned; events.tar gets what subscriptions were told, by its numbers. Documents and audit events stay encrypted as they are;
the repository's own keys (KEYS_DIR) are left out, and without them nobody can read anything of it. Interrupted, it is run again and
goes on. One at a time for a FOLDER.

  --with-keys  puts the repository's keys into repository-keys.tar as well: whoever has the folder then can read everything
  --json       one JSON line: {"size":…,"added":…,"bytes":…,"cosigned":…,"events":…,"trail":{"batches":…,"added":…,"spooled":…,"bytes":…}}

Exit code: 0 backed up, 1 refused: the folder holds a backup of another log or audit trail, or of more than there is, 2 could not be done.
`,
  options: { "with-keys": { type: "boolean" }, json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, tools) {
    const { io } = tools;
    const told = { onProgress: (done: number, all: number): void => io.progress(`${done} of ${all} entries`) };
    return orRefused("backup", io.tell, async () => {
      const { size, added, bytes, cosigned, events, trail } = await tools.backup(resolve(given.files[0] ?? ""), {
        withKeys: given.isSet("with-keys"),
        told,
      });
      io.progress("");
      await io.print(
        given.isSet("json")
          ? `${writeJson(treeOf({ size, added, bytes, cosigned, events, trail }))}\n`
          : `backed up: ${size} entries, ${added} of them new; ${bytes} bytes in all\naudit trail: ${trail.batches} batches, ${trail.added} of them new; ${trail.bytes} bytes in all${trail.spooled > 0 ? `; ${trail.spooled} batches waited in this machine's spool, and are in the backup` : ""}\n`,
      );
    });
  },
};

export const restore: Command = {
  help: `chartulary restore FOLDER [--against FILE] [--json]

Makes the database in DATA_DIR, or that of MONGODB_URL, anew from a backup. Every commit is made again and must fit the checkpoint that the log signed; then
everything is audited as chartulary audit does; only then it is put in its place. What the list of erasures (ERASURES_FILE) names gets
no key. The audit trail is made again in the same way, verified, and held against its marks beside the keys: what it lacks by them is
said. A trail that is there already (an audit.db without its chartulary.db) is never replaced: it is gone on with, where it is of the same.
There must be no database in DATA_DIR (that of
MONGODB_URL must be empty, or left by a restore that was interrupted, which then goes on), and no service may run on it. The keys must be in KEYS_DIR, or in the backup.

  --against FILE  a checkpoint (/log/checkpoint) or receipt: a backup that ends before it is refused
  --json          one JSON line: {"size":…,"root":…,"withheld":…,"cosigned":…,"events":…,"trail":{"isKept","batches","events","added","ended","spooled","lacking":[…]}}

Exit code: 0 restored, 1 refused: there is a database or another trail, or the backup is older than the checkpoint, 2 could not be done.
`,
  options: { against: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 1, most: 1 },

  async run(given, tools) {
    const { io } = tools;
    const against = given.text("against");
    const notes = against === undefined ? [] : [await noteIn(against)];
    const told = { onProgress: (done: number, all: number): void => io.progress(`${done} of ${all} entries`) };
    return orRefused("restore", io.tell, async () => {
      const { size, root, withheld, cosigned, events, trail } = await tools.restore(resolve(given.files[0] ?? ""), { against: notes, told });
      io.progress("");
      const words = `restored and audited: ${size} entries, root ${toBase64(root)}${withheld > 0 ? `; ${withheld} documents were erased since and got no key` : ""}\n`;
      await io.print(
        given.isSet("json")
          ? `${writeJson(treeOf({ size, root: toBase64(root), withheld, cosigned, events, trail }))}\n`
          : `${words}${trailWords(trail)}`,
      );
    });
  },
};

function trailWords({ isKept, batches, events, added, ended, spooled, lacking }: RestoredTrail): string {
  const lines = [
    `audit trail: ${batches} batches with ${events} events, verified; ${isKept ? `${added} of them made again` : "the backup has none: it was made by an earlier version"}`,
    ...(ended > 0 ? [`  ${ended} batches are of days whose keys were destroyed: nobody can open them`] : []),
    ...(spooled > 0 ? [`  ${spooled} batches wait in the spool: the next start of the service brings them in`] : []),
    ...lacking.map((text) => `  LACKING ${text}`),
    ...(lacking.length > 0 ? ["  its marks stay as they are, so that `chartulary audit --trail` tells of this from now on"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

/** Runs a command, which may give its exit code; `conflict` is a no. */
export async function orRefused(name: string, tell: (text: string) => void, work: () => Promise<unknown>): Promise<number> {
  try {
    const code = await work();
    return typeof code === "number" ? code : EXIT.yes;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
    tell(`chartulary ${name}: ${error.message}`);
    return EXIT.no;
  }
}

/** The signed note in a file, or in the receipt that it is. */
export async function noteIn(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("invalid", `${file} can't be read`, { cause });
  });
  return text.trimStart().startsWith("{") ? parseReceipt(text).checkpoint : text;
}
