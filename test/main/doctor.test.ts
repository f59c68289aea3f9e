/** Installations with something wrong in each: the doctor names it, and says what helps. */
import { loadConfig } from "../../src/config.ts";
import { SERVICE_CHECKS } from "../../src/main/doctor/services.ts";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { appendFileSync, chmodSync, cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { rotateSealKey } from "../rotate-seal.ts";
import { watermarkFile } from "../../src/adapters/keys/watermark-file.ts";
import { openSqlite } from "../../src/adapters/sqlite/open.ts";
import type { Diagnosis } from "../../src/cli/command.ts";
import { diagnose } from "../../src/main/doctor.ts";
import { openKeys } from "../../src/record-keeping.ts";
import { makeRepository, type Copy, type Repository } from "../pipeline/audit/repository.ts";

let repository: Repository;
const servers: Server[] = [];
beforeAll(async () => void (repository = await makeRepository()));
afterAll(() => {
  repository.remove();
  servers.forEach((server) => server.close());
});

type Environment = Record<string, string>;
/** What is spoilt in a copy; gives settings beside DATA_DIR. */
type Spoil = (copy: Copy) => unknown;

async function diagnosed(spoil: Spoil, isQuick = true): Promise<Diagnosis> {
  const copy = repository.copy();
  try {
    chmodSync(join(copy.folder, "keys"), 0o700);
    const environment = { PORT: "0", DATA_DIR: copy.folder, CACHE_DIR: copy.folder, ...((await spoil(copy)) as Environment | undefined) };
    return await diagnose(openKeys, environment, { isQuick, onCheck: () => undefined });
  } finally {
    copy.remove();
  }
}

const at = (copy: Copy, ...names: string[]): string => join(copy.folder, ...names);
const write = (copy: Copy, name: string, text: string): string => {
  writeFileSync(at(copy, name), text, { mode: 0o600 });
  return at(copy, name);
};
const execute = (copy: Copy, sql: string): void => {
  const database = new DatabaseSync(at(copy, "chartulary.db"));
  database.exec(sql);
  database.close();
};
const listen = async (answer: string): Promise<string> => {
  const server = createServer((_, response) => void response.end(answer));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return String((server.address() as AddressInfo).port);
};

test("nothing is wrong with what nobody spoilt, nor before the first start", async () => {
  const { symptoms, checked } = await diagnosed(() => undefined);
  expect(symptoms.filter(({ level }) => level === "wrong")).toEqual([]);
  expect(checked).toEqual(expect.arrayContaining(["settings", "keys", "database", "log", "mark", "index", "disk", "ports"]));
  const fresh = await diagnosed((copy) => ({ DATA_DIR: at(copy, "fresh") }));
  expect(fresh.symptoms).toEqual([expect.objectContaining({ level: "notice", what: "keys" })]);
});

const SPOILT: readonly (readonly [string, Spoil, string, RegExp])[] = [
  ["a port that is none", () => ({ PORT: "abc" }), "settings", /PORT .*"abc"/],
  ["two settings at once", () => ({ PORT: "abc", PAPER: "a5" }), "settings", /PAPER .*"a5"/],
  ["an address that everybody reaches", () => ({ HOST: "0.0.0.0" }), "settings", /ACCESS is not set/],
  ["a policy that is not there", () => ({ POLICY_FILE: "/nowhere/policy.json" }), "files that settings name", /POLICY_FILE \/nowhere/],
  ["a retention policy that is none", (copy) => ({ RETENTION_POLICY: write(copy, "policy.json", "{}") }), "files that settings name", /RETENTION_POLICY/],
  ["a trust file that is none", (copy) => ({ TRUST_FILE: write(copy, "trust.json", "x") }), "files that settings name", /TRUST_FILE/],
  ["a file for a data folder", (copy) => ({ DATA_DIR: write(copy, "file", "x") }), "data folder", /is no folder/],
  ["keys' folder open to others", (copy) => chmodSync(at(copy, "keys"), 0o755), "keys' folder", /read or written by others \(mode 755\)/],
  ["a key open to others", (copy) => chmodSync(at(copy, "keys", "master.key"), 0o644), "keys' folder", /master\.key may be read/],
  ["a key that is missing", (copy) => rmSync(at(copy, "keys", "master.key")), "keys", /master\.key cannot be read/],
  ["all keys missing", (copy) => rmSync(at(copy, "keys"), { recursive: true }), "keys", /there are no keys/],
  ["a file of jobs that is none", (copy) => void write(copy, "jobs.db", "x".repeat(5_000)), "jobs", /jobs\.db; remove it/],
  ["a key that is none", (copy) => void write(copy, "keys/master.key", "x"), "keys", /not base64 of 32 bytes/],
  ["a key in clear where Vault wraps them", (copy) => ({ VAULT_URL: "http://127.0.0.1:1", VAULT_TRANSIT_KEY: "transit/chartulary", VAULT_TOKEN_FILE: write(copy, "token", "x") }), "files of keys", /in clear in .*VAULT_TRANSIT_KEY.*: identity\.key, log\.key, master\.key, seal-0001\.pem/],
  ["a wrapped key, and nobody who unwraps it", (copy) => void write(copy, "keys/identity.key", `chartulary-wrapped-key/1\nby vault transit/a\nis sha256:${"0".repeat(64)}\nvault:v1:AAAA\n`), "keys", /identity\.key .*is wrapped by vault transit\/a, and nobody who unwraps it is named \(VAULT_URL\)/],
  ["another repository's keys", async (copy) => { rmSync(at(copy, "keys"), { recursive: true }); await openKeyFolder(at(copy, "keys")); return undefined; }, "log", /not what was committed/],
  ["a seal that has ended", async (copy) => { await rotateSealKey(at(copy, "keys"), new Date("2010-01-01")); }, "keys", /seal/],
  ["no database", (copy) => rmSync(at(copy, "chartulary.db")), "database", /no database .*but there are keys/],
  ["a file that is no database", (copy) => void write(copy, "chartulary.db", "nothing of that kind, and long enough to be looked at".repeat(100)), "database", /not a database/],
  ["a newer program's database", (copy) => execute(copy, "PRAGMA user_version = 99"), "database", /newer version/],
  ["a database that is cut off", (copy) => truncateSync(at(copy, "chartulary.db"), 40_960), "database", /malformed|damaged/],
  ["a log without an entry", (copy) => copy.tamper("chartulary.db", "DELETE FROM entries WHERE entry_index = 3"), "database", /9 entries/],
  ["a checkpoint that was altered", (copy) => copy.tamper("chartulary.db", "UPDATE checkpoints SET note = 'x' WHERE size = 20"), "log", /not what was committed/],
  ["an older copy of the database", async (copy) => { const keys = await openKeyFolder(at(copy, "keys")); const { store } = await openSqlite(at(copy, "chartulary.db")); const note = (await store.checkpoint())?.note ?? ""; await store.close(); await watermarkFile(at(copy, "keys", "watermark")).write(await keys.log.sign(note.split("\n\n")[0]?.replace("\n20\n", "\n22\n").concat("\n") ?? "")); return undefined; }, "mark", /older than the mark/],
  ["a mark that is none", (copy) => void write(copy, "keys/watermark", "x"), "mark", /no form that we know/],
  ["a list of erasures that can't be read", (copy) => { mkdirSync(at(copy, "erasures")); return { ERASURES_FILE: at(copy, "erasures") }; }, "list of erasures", /cannot be read/],
  ["a leaf that was altered", (copy) => copy.tamper("chartulary.db", "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), 'receivedAt\":\"20', 'receivedAt\":\"19') AS BLOB) WHERE entry_index = 1"), "log", /entry 1 of the log is not what was committed/],
  ["a document whose key is lost", (copy) => copy.tamper("chartulary.db", "DELETE FROM wrapped_keys WHERE entry_index = 1"), "log", /the key of document .* is not there/],
  ["an erased document whose key is back", async (copy) => { const { store, } = await openSqlite(at(copy, "chartulary.db")); const entry = (await store.entries(0, 20)).find(({ kind }) => kind === "erasure"); await store.close(); copy.tamper("chartulary.db", "INSERT INTO wrapped_keys SELECT 4, wrapped_key FROM wrapped_keys WHERE entry_index = 0"); return { ERASURES_FILE: write(copy, "erasures", `${Buffer.from(entry?.leaf ?? []).toString()}\n`) }; }, "list of erasures", /its key is still there/],
  ["a log that was closed", async (copy) => { const { store } = await openSqlite(at(copy, "chartulary.db")); await store.closeLog({ size: 20, at: "2026-01-01T00:00:00.000Z", to: "elsewhere", copy: "x" }); await store.close(); return undefined; }, "log", /goes on in elsewhere/],
  ["a port that is taken", async () => ({ PORT: await listen("x") }), "ports", /taken by another program/],
  ["a service that is not ready", async () => ({ PORT: await listen('{"status":"not-ready","reason":"its disk is full"}') }), "ports", /takes no documents: its disk is full/],
  ["an address of another machine", () => ({ HOST: "192.0.2.1", PORT: "4377", ACCESS: "oidc", OIDC_ISSUER: "https://login.example.org" }), "ports", /can't be listened on/],
  ["a MongoDB that is not there", () => ({ MONGODB_URL: "mongodb://u:hunter2@127.0.0.1:1/x?serverSelectionTimeoutMS=100" }), "database", /cannot be reached|connection/],
]; // prettier-ignore

test.each(SPOILT)("%s", async (_, spoil, what, words) => {
  const { symptoms } = await diagnosed(spoil);
  const wrong = symptoms.filter(({ level }) => level === "wrong");
  expect(wrong).toContainEqual(expect.objectContaining({ what, text: expect.stringMatching(words) }));
  for (const { remedy, text } of symptoms) {
    expect(remedy).not.toBe("");
    expect(text).not.toContain("hunter2");
  }
  // What is wrong is told once, or nearly.
  expect(wrong.length).toBeLessThan(5);
});

test("a clock that was set back", async () => {
  const now = jest.spyOn(Date, "now").mockReturnValue(Date.parse("2001-01-01"));
  try {
    const { symptoms } = await diagnosed(() => undefined);
    expect(symptoms).toContainEqual(expect.objectContaining({ level: "wrong", what: "log", text: expect.stringContaining("this machine's clock") }));
  } finally {
    now.mockRestore();
  }
});

test("notices: a write-ahead log, what a copy left, an index of other settings, no mark", async () => {
  const { symptoms } = await diagnosed((copy) => {
    mkdirSync(at(copy, ".arriving"));
    return undefined;
  });
  expect(symptoms.map(({ level, what }) => [level, what])).toEqual(
    expect.arrayContaining([
      ["notice", "data folder"],
      ["notice", "index"],
      ["notice", "mark"],
    ]),
  );
});

test("a browser that is none, and an authority that is not there", async () => {
  const { symptoms } = await diagnosed((copy) => {
    const pem = /-----BEGIN CERT[^]+?END CERTIFICATE-----\n/.exec(readFileSync(at(copy, "keys", "seal-0001.pem"), "utf8"))?.[0] ?? "";
    const trust = write(copy, "tsa.pem", pem);
    cpSync(trust, at(copy, "copy.pem"));
    appendFileSync(trust, "");
    return { PUPPETEER_EXECUTABLE_PATH: "/nowhere/chromium", TSA_URL: "http://127.0.0.1:1/", TSA_TRUST_FILE: trust };
  }, false);
  const wrong = symptoms.filter(({ level }) => level === "wrong").map(({ what }) => what);
  expect(wrong).toEqual(["browser", "time-stamp authority"]);
});

test("an issuer that is not there is told of", async () => {
  const told: unknown[] = [];
  const check = SERVICE_CHECKS.find(({ what }) => what === "issuers of access tokens");
  const look = (environment: Record<string, string>): Promise<void> | undefined =>
    check?.look(loadConfig({ environment }), (symptom) => void told.push(symptom));
  await look({});
  expect(told).toEqual([]);
  await look({ ACCESS: "oidc", OIDC_ISSUER: "http://127.0.0.1:1/realms/care" });
  expect(told).toEqual([expect.objectContaining({ level: "wrong", text: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1.*publishes no keys/) })]);
});

test("a terminology server that is not there, or is none, is told of", async () => {
  const told: unknown[] = [];
  const check = SERVICE_CHECKS.find(({ what }) => what === "terminology server");
  const look = (environment: Record<string, string>): Promise<void> | undefined =>
    check?.look(loadConfig({ environment }), (symptom) => void told.push(symptom));
  await look({});
  const port = await listen(JSON.stringify({ resourceType: "TerminologyCapabilities" }));
  await look({ TERMINOLOGY_URL: `http://127.0.0.1:${port}/fhir` });
  expect(told).toEqual([]);
  await look({ TERMINOLOGY_URL: "http://127.0.0.1:1/fhir" });
  await look({ TERMINOLOGY_URL: `http://127.0.0.1:${await listen("a page")}` });
  expect(told).toEqual([
    expect.objectContaining({ level: "wrong", text: "http://127.0.0.1:1/fhir does not say what it is and has: nothing listens there" }),
    expect.objectContaining({ level: "wrong", text: expect.stringContaining("it says nothing of itself") }),
  ]);
});
