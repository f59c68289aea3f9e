/** The real program while its files, its clock or its index are taken from under it: no deposit is acknowledged and lost, nothing is accused, and the way on is told. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { newSeal } from "../../src/adapters/keys/key-files.ts";
import { retireSealKey } from "../../src/adapters/keys/seal-keys.ts";
import { fixture } from "./support/fixtures.ts";
import { get, idOf, submit, type Answer } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const template = fixture("prescription-without-narrative.json").text;
const own = /"value": "(urn:uuid:[0-9a-f-]+)"/.exec(template)?.[1] ?? "";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let database: string;
let service: Service;

beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, "data");
  database = join(data, "chartulary.db");
  await start();
});
afterEach(async () => {
  await service.kill();
  await folder.remove();
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  service = await startService({ dataFolder: data, environment });
}
const deposit = (text = template.replace(own, `urn:uuid:${randomUUID()}`)): Promise<Answer> => submit(service.url, text, JSON_TYPE);
async function deposits(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at++) ids.push(idOf(await deposit()));
  return ids;
}
async function expectHalted(ids: readonly string[], why: RegExp, words: RegExp): Promise<void> {
  const refused = await deposit();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(refused.text).toMatch(why);
  const ready = await get(`${service.url}/readyz`, "*/*");
  expect([ready.status, JSON.parse(ready.text)]).toMatchObject([503, { status: "not-ready", reason: expect.stringMatching(why) }]);
  expect((await get(`${service.url}/healthz`, "*/*")).status).toBe(200);
  for (const id of ids) expect((await get(`${service.url}/fhir/Bundle/${id}`, JSON_TYPE)).status).toBe(200);
  for (const page of ["/", `/documents/${ids[0] ?? ""}`, `/documents/${ids[0] ?? ""}/verify`, "/documents/none"])
    expect((await get(`${service.url}${page}`, "text/html", { "Accept-Language": "en" })).text).toMatch(words);
}
async function verify(id: string, trust: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const file = (name: string): string => join(folder.path, `${id}.${name}`);
  return chartulary(["verify", file("document"), "--receipt", file("receipt"), "--trust", trust]);
}
async function keep(id: string): Promise<void> {
  writeFileSync(join(folder.path, `${id}.document`), (await get(`${service.url}/fhir/Binary/${id}`, "*/*")).bytes);
  writeFileSync(join(folder.path, `${id}.receipt`), (await get(`${service.url}/documents/${id}/receipt`, "*/*")).bytes);
}
async function keepTrust(name: string): Promise<string> {
  const file = join(folder.path, name);
  writeFileSync(file, (await get(`${service.url}/trust.json`, "*/*")).bytes);
  return file;
}

describe("the database", () => {
  test("that is moved away stops deposits; the next start names it, and put back it goes on", async () => {
    const ids = await deposits(3);
    renameSync(database, `${database}.away`);
    await expectHalted(ids, /moved away or removed/, /No document is taken.*files are not those/);
    await service.kill();
    await expect(start()).rejects.toThrow(/there is no database .* but there are keys[^]*Restore it/);
    expect(existsSync(database)).toBe(false);
    renameSync(`${database}.away`, database);
    await start();
    expect((await deposit()).status).toBe(201);
  });

  test("that is an older copy stops deposits; under a new origin it goes on, and old and lost documents stay provable", async () => {
    const kept = await deposits(3);
    await service.stop();
    copyFileSync(database, `${database}.backup`);
    await start();
    const lost = await deposits(2);
    const oldTrust = await keepTrust("trust-before.json");
    for (const id of [...kept, ...lost]) await keep(id);
    await service.stop();
    copyFileSync(`${database}.backup`, database);
    await start();
    await expectHalted(kept, /has 3 entries and had 5/, /No document is taken.*log is not what it was/);
    await service.stop();

    expect((await chartulary(["log", "new-origin"], { DATA_DIR: data })).code).toBe(2);
    const begun = await chartulary(["log", "new-origin", "--reason", "Restored from a backup.", "--json"], { DATA_DIR: data });
    expect([begun.code, JSON.parse(begun.output)]).toMatchObject([0, { index: 3, previous: { mark: expect.stringContaining("\n5\n") } }]);
    expect(readFileSync(join(data, "keys", "log.key"), "utf8")).not.toContain("PRIVATE");
    await start();
    const [added = ""] = await deposits(1);
    await keep(added);
    const trust = await keepTrust("trust-after.json");
    for (const id of [...kept, ...lost, added]) expect([id, (await verify(id, trust)).code]).toEqual([id, 0]);
    expect([(await verify(kept[0] ?? "", oldTrust)).code, (await verify(added, oldTrust)).code]).toEqual([0, 1]);
    const [, size] = (await get(`${service.url}/log/checkpoint`, "*/*")).text.split("\n");
    expect(size).toBe("5");
    expect((await get(`${service.url}/log/tile/entries/000.p/5`, "*/*")).text).toContain('"kind":"new-origin"');
  });

  test("that lost its derived rows: each document is read, shown, proved and retried; its page says what is not known", async () => {
    const text = template.replace(own, `urn:uuid:${randomUUID()}`);
    const id = idOf(await deposit(text));
    // As it is while the index is made anew: the document's own row is not there.
    const other = new DatabaseSync(join(data, "index.db"));
    for (const { name } of other.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB '*_[0-9]*'").all())
      other.exec(`DELETE FROM ${String(name)}`);
    other.close();
    expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(200);
    for (const type of [JSON_TYPE, "application/fhir+xml"]) expect((await get(`${service.url}/fhir/Bundle/${id}`, type)).status).toBe(200);
    for (const path of [`/fhir/Binary/${id}`, `/documents/${id}/receipt`]) expect((await get(`${service.url}${path}`, "*/*")).status).toBe(200);
    const page = await get(`${service.url}/documents/${id}`, "text/html");
    expect([page.status, page.text]).toEqual([200, expect.stringContaining("whether there is a newer version")]);
    const verdict = JSON.parse((await get(`${service.url}/documents/${id}/verify`, "application/json")).text) as { checks: { result: string }[] };
    expect(verdict.checks.map(({ result }) => result)).not.toContain("fail");
    const again = await deposit(text);
    expect([again.status, idOf(again)]).toEqual([200, id]);
  });
});

test("the keys apart from the database: both are found, and keys that stayed behind are named", async () => {
  const ids = await deposits(1);
  await service.stop();
  const apart = join(folder.path, "volume", "keys");
  await expect(start({ KEYS_DIR: apart })).rejects.toThrow(/holds no keys, but .* does: move them there/);
  mkdirSync(join(folder.path, "volume"));
  renameSync(join(data, "keys"), apart);
  await start({ KEYS_DIR: apart });
  expect((await get(`${service.url}/fhir/Bundle/${ids[0] ?? ""}`, JSON_TYPE)).status).toBe(200);
  expect((await deposit()).status).toBe(201);
  expect(existsSync(join(apart, "watermark"))).toBe(true);
});

test("a mark that can't be written: nothing is acknowledged, and it goes on when it can", async () => {
  const ids = await deposits(1);
  const mark = join(data, "keys", "watermark");
  renameSync(mark, `${mark}.away`);
  mkdirSync(mark);
  const text = template.replace(own, `urn:uuid:${randomUUID()}`);
  expect((await deposit(text)).status).toBe(503);
  await expectHalted(ids, /WATERMARK_FILE/, /No document is taken/);
  rmSync(mark, { recursive: true });
  expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(200);
  expect((await deposit(text)).status).toBe(200);
  expect((await deposit()).status).toBe(201);
});

test("a seal whose certificate expired: nothing is sealed in vain, until a new key is begun", async () => {
  const ids = await deposits(1);
  await service.stop();
  writeFileSync(join(data, "keys", "seal-0002.pem"), newSeal(new Date("2001-01-01T00:00:00Z")));
  await retireSealKey(join(data, "keys"), 1);
  await start();
  await expectHalted(ids, /certificate is valid from 2000.* to 2011/, /No document is taken.*cannot seal/);
  await service.stop();
  expect((await chartulary(["keys", "rotate"], { DATA_DIR: data })).code).toBe(0);
  await start();
  expect((await deposit()).status).toBe(201);
});
