/** Another key of the log while a service runs, by the real command line: what a witness, a watcher and people make of it who know the old key alone; and the end of a key that somebody else has. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openNote, parseVkey } from "../../src/core/crypto/signed-note.ts";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const ORIGIN = "documents.example.org/log";
const PROGRAM = join(PROJECT_ROOT, "bin", "chartulary.js");
/** Milliseconds after its start at which a run is killed. */
const KILLS = [300, 700, 1_100];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let witness: ChildProcess | undefined;
let policy = "";
const kept = new Map<string, string>();
const at = (name: string): string => join(folder.path, name);
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const settings = (): Record<string, string> => ({ DATA_DIR: at("data"), LOG_ORIGIN: ORIGIN, MONGODB_URL: "" });
const run = (...args: string[]) => chartulary(args, settings());
const text = async (path: string): Promise<string> => (await get(service.url + path, "*/*")).text;
const watch = async (state: string, ...more: string[]) =>
  json((await run("log", "watch", service.url, "--state", at(state), "--json", ...more)).output);
const put = async (): Promise<string> => {
  const body = documentJson();
  const answer = await submit(service.url, body, "application/fhir+json");
  expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
  kept.set(idOf(answer), body);
  return idOf(answer);
};
const verify = async (id: string, trust: string, receipt?: string) => {
  writeFileSync(at("document.json"), kept.get(id) ?? "");
  writeFileSync(at("receipt.json"), receipt ?? (await text(`/documents/${id}/receipt`)));
  const { code, output } = await chartulary(["verify", at("document.json"), "--receipt", at("receipt.json"), "--trust", at(trust), "--json"]);
  const report = json(output) as { verdict: string; checks: { name: string; text: string }[] };
  return { code, verdict: report.verdict, checkpoint: report.checks.find(({ name }) => name === "checkpoint")?.text ?? "" };
};
/** Which of the keys signed the tree that a document was entered with: their places. */
const signers = async (id: string): Promise<number[]> => {
  const { checkpoint } = json(await text(`/documents/${id}/receipt`)) as { checkpoint: string };
  const { signatures } = openNote(checkpoint, vkeys.map(parseVkey));
  return vkeys.flatMap((vkey, place) =>
    signatures.some(({ keyId, result }) => vkey.includes(`+${keyId}+`) && result === "valid") ? [place + 1] : [],
  );
};
/** A witness that knows some keys of the log; gives its line in a policy. */
const startWitness = async (vkeys: readonly string[]): Promise<string> => {
  witness?.kill();
  writeFileSync(at("logs"), vkeys.map((vkey) => `log ${vkey}\n`).join(""));
  const child = spawn(process.execPath, [PROGRAM, "witness", "--logs", at("logs"), "--dir", at("witness"), "--name", "w.example", "--port", "0"]);
  witness = child;
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (said: string) => (output += said));
  await until(() => Promise.resolve(output.includes("watches")));
  return `witness w ${/^witness +(\S+)$/m.exec(output)?.[1] ?? ""} ${/open at +(\S+)/.exec(output)?.[1] ?? ""}\nquorum w\n`;
};
const start = async (): Promise<void> => {
  writeFileSync(at("policy"), policy);
  service = await startService({
    dataFolder: at("data"),
    environment: { ...settings(), WITNESS_POLICY: at("policy"), WITNESS_INTERVAL_SECONDS: "10" },
  });
};

let first: string;
let vkeys: string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  const made = await chartulary(["init", "--origin", ORIGIN, "--json"], { DATA_DIR: at("data"), MONGODB_URL: "" });
  expect([made.code, json(made.output)]).toEqual([0, expect.objectContaining({ origin: ORIGIN, isNew: true })]);
  vkeys = [String(json(made.output)["vkey"])];
  policy = await startWitness(vkeys);
  await start();
  first = await put();
  await until(async () => (await text(`/documents/${first}/receipt`)).includes("witnessed"));
  writeFileSync(at("old-trust.json"), await text("/trust.json"));
  writeFileSync(at("old-receipt.json"), await text(`/documents/${first}/receipt`));
  writeFileSync(at("old-checkpoint"), await text("/log/checkpoint"));
  expect(await watch("state")).toMatchObject({ result: "fine", size: 1 });
});

afterAll(async () => {
  await service.stop();
  witness?.kill();
  await folder.remove();
});

test("the origin is set once: run again init tells it, and another name is refused, by the command and by the setting", async () => {
  const again = await run("init", "--json");
  expect([again.code, json(again.output)]).toEqual([0, { origin: ORIGIN, vkey: vkeys[0], isNew: false }]);
  expect(await run("init", "--origin", "others.example.org/log")).toMatchObject({
    code: 1,
    errors: expect.stringContaining(`is ${ORIGIN} for ever`),
  });
  expect(await run("init", "--origin", "no name")).toMatchObject({ code: 2 });
  const other = await chartulary(["stats"], { ...settings(), LOG_ORIGIN: "others.example.org/log" });
  expect([other.code, other.errors]).toEqual([2, expect.stringContaining(`Set LOG_ORIGIN to that, or unset it`)]);
});

test("killed again and again it is gone on with; both keys sign until the stated time, and who knows the old one alone goes on with it", async () => {
  const end = new Date(Date.now() + 45_000).toISOString();
  for (const delay of KILLS) {
    const child = spawn(process.execPath, [PROGRAM, "keys", "rotate", "log", "--until", end], {
      env: { PATH: process.env["PATH"], ...settings() },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await sleep(delay);
    child.kill("SIGKILL");
    await ended;
  }
  const begun = await run("keys", "rotate", "log", "--until", end, "--json");
  expect([begun.code, begun.errors]).toEqual([0, expect.any(String)]);
  expect(json(begun.output)).toMatchObject({ number: 2, previous: vkeys[0], until: end });
  vkeys.push(String(json(begun.output)["vkey"]));
  expect(json((await run("init", "--json")).output)).toEqual({ origin: ORIGIN, vkey: vkeys[1], isNew: false });
  const both = await put();
  expect(await signers(both)).toEqual([1, 2]);
  expect(await watch("fresh", "--trust", at("old-trust.json"))).toMatchObject({ result: "fine" });
  expect(await verify(first, "old-trust.json")).toMatchObject({ code: 0, verdict: "proven" });
  await until(async () => (await text(`/documents/${first}/receipt`)).includes("witnessed"));
  // Others' programs: OpenSSL on each signature of the note.
  const { checkpoint: note } = json(await text(`/documents/${both}/receipt`)) as { checkpoint: string };
  const body = note.slice(0, note.indexOf("\n\n") + 1);
  writeFileSync(at("body"), body);
  for (const vkey of vkeys) {
    const [, keyId = "", key = ""] = vkey.split("+");
    const lines = [...note.matchAll(/^— \S+ (\S+)$/gm)].map(([, block]) => Buffer.from(block ?? "", "base64"));
    writeFileSync(at("signature"), lines.find((block) => block.subarray(0, 4).toString("hex") === keyId)!.subarray(4));
    const raw = Buffer.from(vkey.slice(vkey.indexOf(keyId) + 9), "base64").subarray(1);
    expect(key).not.toBe("");
    writeFileSync(at("key.der"), Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]));
    const args = [
      "pkeyutl",
      "-verify",
      "-pubin",
      "-inkey",
      at("key.der"),
      "-keyform",
      "DER",
      "-rawin",
      "-in",
      at("body"),
      "-sigfile",
      at("signature"),
    ];
    expect(execFileSync("openssl", args).toString()).toContain("Signature Verified Successfully");
  }
  await sleep(Math.max(0, Date.parse(end) - Date.now()) + 500);
});

test("after its time the new key alone signs: watcher, auditor and receipts are led to it by the entry, and a witness needs it in its list", async () => {
  const id = await put();
  expect(await signers(id)).toEqual([2]);
  expect(await watch("state")).toMatchObject({ result: "fine" });
  expect(await watch("given", "--trust", at("old-trust.json"))).toMatchObject({ result: "fine" });
  expect(readFileSync(at("state"), "utf8")).toContain(vkeys[1]);
  const audited = await run("audit", "--url", service.url, "--trust", at("old-trust.json"), "--against", at("old-checkpoint"));
  expect([audited.code, audited.output]).toEqual([0, expect.any(String)]);
  expect(await verify(id, "old-trust.json")).toMatchObject({
    code: 0,
    verdict: "proven",
    checkpoint: expect.stringMatching(/leads by entry \d+ of the log/),
  });
  expect(await verify(first, "old-trust.json", readFileSync(at("old-receipt.json"), "utf8"))).toMatchObject({ code: 0, verdict: "proven" });
  writeFileSync(at("new-trust.json"), await text("/trust.json"));
  expect(json(readFileSync(at("new-trust.json"), "utf8"))).toMatchObject({
    logs: [{ vkeys: [vkeys[1], vkeys[0]], keys: [{ after: 0 }, { vkey: vkeys[1] }] }],
  });
  expect(await verify(first, "new-trust.json", readFileSync(at("old-receipt.json"), "utf8"))).toMatchObject({ code: 0, verdict: "proven" });

  // The witness does not know the new key, and says so; its operator adds it.
  await until(() => Promise.resolve(service.log().includes("it does not know our log's key (403): after")));
  await service.stop();
  policy = await startWitness(vkeys);
  await start();
  await until(async () => (await text(`/documents/${id}/receipt`)).includes("witnessed"));
});

test("the old private key is destroyed; backup and restore take both along, and the audit finds nothing", async () => {
  await until(() => Promise.resolve(readFileSync(at("data/keys/log.key"), "utf8") === `${vkeys[0] ?? ""}\n`));
  expect((await run("audit")).code).toBe(0);
  expect((await run("stats", "--json")).output).toContain('"log-key-begun":1');
  expect((await run("backup", at("backup"), "--with-keys")).code).toBe(0);
  const there = { DATA_DIR: at("restored"), MONGODB_URL: "" };
  expect(await chartulary(["restore", at("backup"), "--against", at("old-checkpoint")], there)).toMatchObject({ code: 0 });
  expect((await chartulary(["audit"], there)).code).toBe(0);
  const restored = await startService({ dataFolder: at("restored") });
  expect((await submit(restored.url, documentJson(), "application/fhir+json")).status).toBe(201);
  await restored.stop();
});

test("a key that somebody else has is ended: what it alone signed counts no more, receipts are fetched anew under a later one", async () => {
  const since = new Date().toISOString();
  expect(await run("keys", "end", "log", "2", "--since", since, "--reason", "stolen")).toMatchObject({
    code: 1,
    errors: expect.stringContaining("rotate log"),
  });
  const ended = await run("keys", "end", "log", "1", "--since", since, "--reason", "an old disk was sold", "--json");
  expect([ended.code, json(ended.output)]).toEqual([0, expect.objectContaining({ number: 1, vkey: vkeys[0], wasEnded: false })]);
  // The service looks for such entries now and then.
  await until(async () => (json(await text("/trust.json")) as { logs: { vkeys: string[] }[] }).logs[0]?.vkeys.length === 1);
  writeFileSync(at("ended-trust.json"), await text("/trust.json"));
  expect(json(readFileSync(at("ended-trust.json"), "utf8"))).toMatchObject({ logs: [{ vkeys: [vkeys[1]] }] });
  const old = await verify(first, "ended-trust.json", readFileSync(at("old-receipt.json"), "utf8"));
  expect(old).toMatchObject({ code: 2, verdict: "not-confirmed", checkpoint: expect.stringContaining("an old disk was sold") });
  for (const trust of ["ended-trust.json", "new-trust.json", "old-trust.json"])
    expect([trust, await verify(first, trust)]).toEqual([trust, expect.objectContaining({ code: 0, verdict: "proven" })]);
  expect((await get(`${service.url}/documents/${first}`, "text/html")).status).toBe(200);
  expect((await run("audit")).code).toBe(0);
  expect((await run("audit", "--url", service.url, "--trust", at("ended-trust.json"), "--against", at("old-checkpoint"))).code).toBe(0);
});
