/** A process that appends documents, eight at a time, and writes the id of each one that was acknowledged, until it is killed. Run with a database file and a PEM key. */
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeSync } from "node:fs";
import { openSqliteThread } from "../../../src/adapters/sqlite/thread/sqlite-thread.ts";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { sealed } from "../../contracts/sealed.ts";

const [file = "", keyFile = ""] = process.argv.slice(2);
const { name, vkey, sign } = noteSigner("documents.example/log", createPrivateKey(readFileSync(keyFile)));
const { store } = await openSqliteThread(file);
const ledger = await Ledger.open(store, { origin: name, vkey, sign: (text) => Promise.resolve(sign(text)) });
writeSync(1, "started\n");
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (;;) {
      const document = sealed({ size: 20_000 });
      await ledger.append([document]);
      writeSync(1, `${document.id}\n`);
    }
  }),
);
