/**
 * A process that appends documents to a real store with a real mark, writes the id of each one that was acknowledged, and kills itself at one step of a late commit. Run with
 * a database file, a PEM key, a mark's file, a step's name, and how many commits pass before.
 */
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { watermarkFile } from "../../../src/adapters/keys/watermark-file.ts";
import { openSqliteThread } from "../../../src/adapters/sqlite/thread/sqlite-thread.ts";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import type { Watermark } from "../../../src/pipeline/log/watermark.ts";
import { sealed } from "../../contracts/sealed.ts";

const [file = "", keyFile = "", markFile = "", step = "", passes = ""] = process.argv.slice(2);
const { name, vkey, sign } = noteSigner("documents.example/log", createPrivateKey(readFileSync(keyFile)));
const { store } = await openSqliteThread(file);
let left = Number(passes);

function dieAt(here: string): void {
  if (here === step && left <= 0) process.kill(process.pid, "SIGKILL");
}

const commit = store.commit.bind(store);
store.commit = async (asked, deadline) => {
  left -= 1;
  dieAt("before the commit");
  const committing = commit(asked, deadline);
  // The thread that commits is killed in the middle of it, now here and now there.
  if (step === "within the commit" && left <= 0) await sleep(Math.random() * 4);
  dieAt("within the commit");
  const result = await committing;
  dieAt("between commit and mark");
  return result;
};
const mark = watermarkFile(markFile);
const watched: Watermark = {
  read: () => mark.read(),
  begin: (note) => mark.begin(note),
  write: async (note) => {
    if (step === "within the mark" && left <= 0) tear(note);
    const standing = await mark.write(note);
    dieAt("between mark and answer");
    return standing;
  },
};

/** Half of the slot that is next is written, then the power goes. */
function tear(note: string): void {
  const bytes = readFileSync(markFile);
  const numbers = [0, 1].map((slot) => Number(/^\S+ (\d+)/.exec(bytes.subarray(slot * 4096, slot * 4096 + 40).toString())?.[1] ?? 0));
  const older = (numbers[0] ?? 0) < (numbers[1] ?? 0) ? 0 : 1;
  bytes.write(`chartulary-watermark/1 ${Math.max(...numbers) + 1} ${"0".repeat(40)}${note.slice(0, 60)}`, older * 4096);
  writeFileSync(markFile, bytes);
  process.kill(process.pid, "SIGKILL");
}

const ledger = await Ledger.open(store, { origin: name, vkey, sign: (text) => Promise.resolve(sign(text)) }, { watermark: watched });
if (ledger.halt !== undefined) writeSync(1, `halted ${ledger.halt}\n`);
for (;;) {
  const batch = Array.from({ length: 3 }, () => sealed({ size: 20_000 }));
  await Promise.all(batch.map((document) => ledger.append([document]).then(() => writeSync(1, `${document.id}\n`))));
}
