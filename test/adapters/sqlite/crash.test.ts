/** Kills a process in the middle of its deposits, again and again over the same file: what it acknowledged is there, and the whole house is in order. */
import { afterEach, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { noteSigner } from "../../../src/adapters/keys/note-signer.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { audit } from "../../contracts/audit.ts";
import { sealed } from "../../contracts/sealed.ts";
import { sqlitePlace } from "./place.ts";

const CHILD = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
const ROUNDS = 5;
const place = sqlitePlace();
afterEach(() => place.remove());

/** Runs the child for `life` milliseconds from the second document on that it acknowledged, then kills it; gives the ids that it acknowledged. */
async function appendUntilKilled(keyFile: string, life: number): Promise<string[]> {
  const child = spawn(process.execPath, ["--no-warnings", CHILD, place.file, keyFile], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let isDoomed = false;
  const lines = (): string[] => output.split("\n");
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    // One line says that it has begun, and the last one may not be whole.
    if (isDoomed || lines().length <= 3) return;
    isDoomed = true;
    setTimeout(() => child.kill("SIGKILL"), life);
  });
  await new Promise((resolve) => child.once("close", resolve));
  expect(child.signalCode).toBe("SIGKILL");
  // The last line may have been cut off by the kill.
  return lines().slice(1, -1);
}

test(`what was acknowledged before any of ${ROUNDS} kills is there after it, in a tree that is whole`, async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const keyFile = join(dirname(dirname(place.file)), "log-key.pem");
  writeFileSync(keyFile, privateKey.export({ type: "pkcs8", format: "pem" }));
  const { name, vkey, sign } = noteSigner("documents.example/log", privateKey);
  const signer = { origin: name, vkey, sign: (text: string) => Promise.resolve(sign(text)) };

  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await appendUntilKilled(keyFile, 10 + Math.random() * 90)));
    const { store } = await place.open();
    const ids = new Set((await audit(store, signer)).map((document) => document.id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect(await place.orphans()).toEqual([]);
    expect(await (await Ledger.open(store, signer)).append([sealed()])).toMatchObject({ kind: "stored" });
    await store.close();
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
});
