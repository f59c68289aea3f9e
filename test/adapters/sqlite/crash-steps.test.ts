/** The process is killed at each step between a commit and its answer, one round after another over the same files; after each the whole store is audited against its mark. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { watermarkFile } from "../../../src/adapters/keys/watermark-file.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import type { LogSigner } from "../../../src/core/crypto/keys.ts";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { audit } from "../../contracts/audit.ts";
import { sealed } from "../../contracts/sealed.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

const CHILD = fileURLToPath(new URL("./crash-step-child.ts", import.meta.url));
const STEPS = ["before the commit", "within the commit", "between commit and mark", "within the mark", "between mark and answer"];
let place: SqlitePlace;
let keyFile: string;
let markFile: string;
let signer: LogSigner;
beforeEach(() => {
  place = sqlitePlace();
  const base = dirname(dirname(place.file));
  [keyFile, markFile] = [join(base, "log-key.pem"), join(base, "watermark")];
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  const { name, vkey, sign } = noteSigner("documents.example/log", privateKey);
  signer = { origin: name, vkey, sign: (text) => Promise.resolve(sign(text)) };
});
afterEach(() => place.remove());

/** Runs the child until it kills itself; gives what it acknowledged. */
async function runUntil(step: string, passes: number): Promise<string[]> {
  const child = spawn(process.execPath, ["--no-warnings", CHILD, place.file, keyFile, markFile, step, String(passes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  await new Promise((resolve) => child.once("close", resolve));
  expect(child.signalCode).toBe("SIGKILL");
  expect(output).not.toContain("halted");
  return output.split("\n").slice(0, -1);
}

test("killed at any step: what was acknowledged is there, under a mark that is brought forward", async () => {
  const acknowledged: string[] = [];
  for (const [round, step] of [...STEPS, ...STEPS].entries()) {
    acknowledged.push(...(await runUntil(step, 2 + (round % 3))));
    const { store } = await openSqlite(place.file);
    const marked = Number((await watermarkFile(markFile).read())?.split("\n")[1]);
    const size = (await store.checkpoint())?.size ?? 0;
    // Never ahead, and at most the one commit behind whose answer nobody got.
    expect([marked <= size, size - marked <= 3]).toEqual([true, true]);
    const ids = new Set((await audit(store, signer)).map(({ id }) => id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(await place.orphans()).toEqual([]);
    const ledger = await Ledger.open(store, signer, { watermark: watermarkFile(markFile) });
    expect(ledger.halt).toBeUndefined();
    expect(await watermarkFile(markFile).read()).toBe((await store.checkpoint())?.note);
    await ledger.append([sealed()]);
    await store.close();
  }
  expect(acknowledged.length).toBeGreaterThan(STEPS.length * 5);
});

test("an older copy of the database that is there after a kill stops deposits, and reading goes on", async () => {
  await runUntil("before the commit", 3);
  await (await openSqlite(place.file)).store.close();
  copyFileSync(place.file, `${place.file}.backup`);
  const lost = await runUntil("between mark and answer", 4);
  for (const name of [place.file, `${place.file}-wal`, `${place.file}-shm`]) rmSync(name, { force: true });
  copyFileSync(`${place.file}.backup`, place.file);
  const { store } = await openSqlite(place.file, { mayCreate: false });
  const ledger = await Ledger.open(store, signer, { watermark: watermarkFile(markFile) });
  expect(ledger.halt).toMatch(/older than the mark/);
  await expect(ledger.append([sealed()])).rejects.toMatchObject({ code: "unavailable" });
  const held = new Set((await audit(store, signer)).map(({ id }) => id));
  expect(lost.length > 0 && lost.every((id) => !held.has(id))).toBe(true);
  await store.close();
});
