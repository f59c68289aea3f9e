/** An operator gives the repository a new master key by the real command line while a service takes documents, and destroys the old one; what older backups hold opens nothing any more. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { documentJson } from "./documents.ts";
import { expectAllServed, get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
/** Milliseconds after its start at which a run is killed: before the new key is made, while it works, and when it is nearly done. */
const KILLS = [350, 900, 1_600];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let erased = "";
/** The old master key as it stands in its file, and its bytes. */
let oldKey: Buffer;
const kept = new Map<string, string>();
const at = (name: string): string => join(folder.path, name);
const run = (...args: string[]) => chartulary(args, { DATA_DIR: at("data") });
const restore = (from: string, to: string) => chartulary(["restore", at(from)], { DATA_DIR: at(to), KEYS_DIR: at("data/keys") });
const json = (output: string): Record<string, unknown> => JSON.parse(output) as Record<string, unknown>;
const put = async (): Promise<string> => {
  const body = documentJson();
  const answer = await submit(service.url, body, JSON_TYPE);
  expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
  kept.set(idOf(answer), body);
  return idOf(answer);
};
const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: at("data") });
  for (let count = 0; count < 20; count++) await put();
  oldKey = readFileSync(at("data/keys/master.key"));
  expect((await run("backup", at("backup"), "--with-keys")).code).toBe(0);
  cpSync(at("backup"), at("old-backup"), { recursive: true });
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

test("the key in use is not ended, and neither is one that is none", async () => {
  expect(await run("keys", "end", "1")).toMatchObject({ code: 1, errors: expect.stringContaining("rewrap") });
  expect(await run("keys", "end", "7")).toMatchObject({ code: 1, errors: expect.stringContaining("there is no epoch 7") });
  for (const wrong of [["end"], ["end", "x"], ["end", "0"], ["rewrap", "2"], ["renew"]]) expect((await run("keys", ...wrong)).code).toBe(2);
});

test("killed again and again it is gone on with, beside deposits and an erasure; nothing is lost on the way", async () => {
  const done = new AbortController();
  const depositing = (async () => {
    while (!done.signal.aborted) await put();
  })();
  const [first = ""] = kept.keys();
  for (const [number, delay] of KILLS.entries()) {
    const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), "keys", "rewrap"], {
      env: { PATH: process.env["PATH"], DATA_DIR: at("data"), MONGODB_URL: "" },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await sleep(delay);
    child.kill("SIGKILL");
    await ended;
    if (number === 1) {
      expect((await run("erase", first, "--reason", "other", "--by", "A. Smith")).code).toBe(0);
      erased = first;
    }
    await expectAllServed(service.url, kept, erased);
  }
  const [one, other] = await Promise.all([run("keys", "rewrap", "--json"), run("keys", "rewrap", "--json")]);
  expect([one.code, other.code, one.errors, other.errors]).toEqual([0, 0, expect.any(String), expect.any(String)]);
  expect(json(one.output)).toMatchObject({ epoch: 2, left: 0, toEnd: [1] });
  done.abort();
  await depositing;
  await put();
  await expectAllServed(service.url, kept, erased);
  expect((await run("audit")).code).toBe(0);
  expect(await run("doctor", "--quick")).toMatchObject({ errors: expect.not.stringContaining("cannot be opened") });
  expect((await run("doctor")).output).toMatch(/0 keys are of epoch 1, \d+ keys are of epoch 2/);
  expect((await run("stats")).output).toMatch(/epoch 2 since .*; \d+ keys are wrapped in it/);
  expect(json((await run("keys", "--json")).output)).toMatchObject({
    epochs: [
      { epoch: 1, isEnded: false },
      { epoch: 2, isEnded: false },
    ],
  });
});

test("the old key is destroyed once the backups do not depend on it: no byte of it is left, in the folder or in the service", async () => {
  expect(await run("keys", "end", "1")).toMatchObject({ code: 1, errors: expect.stringMatching(/backup has \d+ keys of it/) });
  expect((await run("backup", at("backup"))).code).toBe(0);
  expect(readFileSync(at("data/keys/master.key"))).toEqual(oldKey);
  const ended = await run("keys", "end", "1", "--json");
  expect([ended.code, json(ended.output)]).toEqual([
    0,
    expect.objectContaining({ epoch: 1, wasEnded: false, index: expect.any(Number), copies: [at("backup")] }),
  ]);
  // The backup was made with keys while the old one lived.
  expect(ended.errors).toContain("repository-keys.tar");
  expect(await run("doctor", "--quick")).toMatchObject({ code: 1, output: expect.stringContaining("has the master key of epoch 1") });
  expect((await run("backup", at("backup"), "--with-keys")).code).toBe(0);
  // The judge makes the bytes from what stood in the file.
  const bytes = execFileSync("openssl", ["base64", "-d"], { input: oldKey });
  expect(bytes.length).toBe(32);
  const texts = [bytes, oldKey.subarray(0, 43), Buffer.from(bytes.toString("hex"))];
  const found = [...filesIn(at("data")), ...filesIn(at("backup"))].filter((file) => texts.some((text) => readFileSync(file).includes(text)));
  expect(found).toEqual([]);
  // The same search finds it where it is.
  expect(filesIn(at("old-backup")).filter((file) => readFileSync(file).includes(oldKey.subarray(0, 43)))).toHaveLength(1);
  expect(await run("keys", "end", "1", "--json")).toMatchObject({ code: 0, output: expect.stringContaining('"wasEnded":true') });
  expect((await run("keys")).output).toMatch(/epoch 1 .*ended/);
});

test("the service goes on without a pause, and after its next start", async () => {
  await put();
  await expectAllServed(service.url, kept, erased);
  await service.stop();
  service = await startService({ dataFolder: at("data") });
  await put();
  await expectAllServed(service.url, kept, erased);
  expect((await run("audit")).code).toBe(0);
  expect((await run("doctor")).output).not.toMatch(/epochs? of the master key/);
});

test("an older backup is refused in clear words, and is restored with the newest archive of keys", async () => {
  const refused = await restore("old-backup", "restored");
  expect(refused).toMatchObject({ code: 1, errors: expect.stringMatching(/20 of the 20 keys .*epoch 1 .*has ended.*newest document-keys\.tar/) });
  expect(existsSync(at("restored"))).toBe(false);
  mkdirSync(at("mixed"));
  cpSync(at("old-backup/record.tar"), at("mixed/record.tar"));
  cpSync(at("backup/document-keys.tar"), at("mixed/document-keys.tar"));
  // What was erased since is among those that have no key any more.
  cpSync(at("data/keys/erasures"), at("erasures"));
  const again = await chartulary(["restore", at("mixed"), "--json"], {
    DATA_DIR: at("restored"),
    KEYS_DIR: at("data/keys"),
    ERASURES_FILE: at("erasures"),
  });
  expect([again.code, again.errors.includes("damaged")]).toEqual([0, false]);
  expect(json(again.output)).toMatchObject({ size: 20, withheld: 1 });
  cpSync(at("data/keys"), at("keys-2"), { recursive: true });
  rmSync(at("keys-2/watermark"));
  const other = await startService({ dataFolder: at("restored"), environment: { KEYS_DIR: at("keys-2") } });
  try {
    for (const [id, body] of [...kept].slice(0, 20)) {
      const { status, text } = await get(`${other.url}/fhir/Binary/${id}`, "*/*");
      expect([id, status, id === erased || text === body]).toEqual([id, id === erased ? 410 : 200, true]);
    }
    // Its log knows of no second epoch; its keys are of it all the same.
    expect((await submit(other.url, documentJson(), JSON_TYPE)).status).toBe(201);
    const next = await chartulary(["keys", "rewrap", "--json"], { DATA_DIR: at("restored"), KEYS_DIR: at("keys-2") });
    expect([next.code, json(next.output)]).toEqual([0, expect.objectContaining({ epoch: 3, left: 0, toEnd: [2] })]);
  } finally {
    await other.stop();
  }
  expect((await chartulary(["audit"], { DATA_DIR: at("restored"), KEYS_DIR: at("keys-2") })).code).toBe(0);
});
