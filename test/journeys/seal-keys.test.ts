/** Another seal key while two processes take documents, by the real command line, and what somebody makes of it who kept an old trust file; then the end of a key that somebody else may have. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compactVerify, importX509 } from "jose";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
/** Milliseconds after its start at which a run is killed: before the key is made, and about when it is entered. */
const KILLS = [300, 700, 1_100];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let services: Service[];
/** What was acknowledged, and its submitted bytes. */
const kept = new Map<string, string>();
const at = (name: string): string => join(folder.path, name);
const run = (...args: string[]) => chartulary(args, { DATA_DIR: at("data") });
const json = (text: string) => JSON.parse(text) as Record<string, unknown>;
const put = async (service: Service): Promise<string> => {
  const body = documentJson();
  const answer = await submit(service.url, body, JSON_TYPE);
  expect([answer.status, answer.status === 201 ? "" : answer.text]).toEqual([201, ""]);
  kept.set(idOf(answer), body);
  return idOf(answer);
};
const fetched = async (path: string): Promise<string> => (await get(services[0]!.url + path, "*/*")).text;
const sealKeyOf = async (id: string): Promise<string> => {
  const receipt = json(await fetched(`/documents/${id}/receipt`)) as { seals: { jws: string }[] };
  return (json(Buffer.from(receipt.seals[0]!.jws.split(".")[0]!, "base64url").toString()) as { kid: string }).kid;
};
const verify = async (id: string, trust: string) => {
  writeFileSync(at("document.json"), kept.get(id) ?? "");
  writeFileSync(at("receipt.json"), await fetched(`/documents/${id}/receipt`));
  const { code, output } = await chartulary(["verify", at("document.json"), "--receipt", at("receipt.json"), "--trust", at(trust), "--json"]);
  const report = json(output) as { verdict: string; checks: { name: string; result: string; text: string }[] };
  return { code, verdict: report.verdict, seal: report.checks.find(({ name }) => name === "seal certificate")?.text ?? "" };
};

let first: string;
let second: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  services = [await startService({ dataFolder: at("data") })];
  services.push(await startService({ dataFolder: at("data") }));
  first = await put(services[0]!);
  writeFileSync(at("old-trust.json"), await fetched("/trust.json"));
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await folder.remove();
});

test("killed again and again it is gone on with; both services take every document, and seal by the new key from its time on", async () => {
  const done = new AbortController();
  const depositing = services.map(async (service) => {
    while (!done.signal.aborted) await put(service);
  });
  for (const delay of KILLS) {
    const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), "keys", "rotate"], {
      env: { PATH: process.env["PATH"], DATA_DIR: at("data"), MONGODB_URL: "" },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await sleep(delay);
    child.kill("SIGKILL");
    await ended;
  }
  const [one, other] = await Promise.all([run("keys", "rotate", "--json"), run("keys", "rotate", "--json")]);
  expect([one.code, other.code, one.errors, other.errors]).toEqual([0, 0, expect.any(String), expect.any(String)]);
  expect(json(one.output)).toMatchObject({ number: 2, from: json(other.output)["from"] });
  const from = Date.parse(String(json(one.output)["from"]));
  await sleep(Math.max(0, from - Date.now()) + 3_000);
  done.abort();
  await Promise.all(depositing);
  [, second] = (await Promise.all(services.map(put))) as [string, string];
  const kids = new Map<string, Date[]>();
  for (const id of kept.keys()) {
    const { leaf } = json(await fetched(`/documents/${id}/receipt`)) as { leaf: string };
    const kid = await sealKeyOf(id);
    kids.set(kid, [...(kids.get(kid) ?? []), new Date(String(json(leaf)["receivedAt"]))]);
  }
  expect(kids.size).toBe(2);
  const [before, after] = [...kids.values()] as [Date[], Date[]];
  expect(Math.max(...before.map(Number))).toBeLessThan(from);
  expect(Math.min(...after.map(Number))).toBeGreaterThanOrEqual(from);
  expect(await sealKeyOf(second)).not.toBe(await sealKeyOf(first));
});

test("an old trust file leads to the new key, and a forged entry does not; OpenSSL and jose check what the old key signed", async () => {
  writeFileSync(at("new-trust.json"), await fetched("/trust.json"));
  expect(json(readFileSync(at("new-trust.json"), "utf8"))).toMatchObject({
    format: "chartulary-trust/2",
    seals: [{ current: true }, { current: false, until: expect.any(String) }],
  });
  expect(await verify(second, "old-trust.json")).toMatchObject({
    code: 0,
    verdict: "proven",
    seal: expect.stringMatching(/leads to it by entry \d+ of the log/),
  });
  expect(await verify(second, "new-trust.json")).toMatchObject({ code: 0, verdict: "proven", seal: expect.not.stringContaining("leads") });
  expect(await verify(first, "old-trust.json")).toMatchObject({ code: 0, verdict: "proven" });
  expect(await verify(first, "new-trust.json")).toMatchObject({ code: 0, verdict: "proven" });

  const receipt = json(await fetched(`/documents/${second}/receipt`)) as { keyEntries: { leaf: string }[] };
  const [entry] = receipt.keyEntries;
  const { signatures, ...said } = json(entry!.leaf) as { signatures: { previous: string; itself: string } };
  // Its properties are in the order of canonical JSON.
  const payload = Buffer.from(JSON.stringify(said));
  const [header, , signature] = signatures.previous.split(".") as [string, string, string];
  const [{ certificate }] = (json(readFileSync(at("old-trust.json"), "utf8")) as { seals: [{ certificate: string }] }).seals;
  const embedded = `${header}.${payload.toString("base64url")}.${signature}`;
  expect((await compactVerify(embedded, await importX509(certificate, "ES256"))).protectedHeader).toMatchObject({ typ: "chartulary-seal-key" });
  const [r, s] = [0, 32].map((from) =>
    Buffer.from(signature, "base64url")
      .subarray(from, from + 32)
      .toString("hex"),
  );
  writeFileSync(at("rs.conf"), `asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x${r}\ns=INTEGER:0x${s}\n`);
  execFileSync("openssl", ["asn1parse", "-genconf", at("rs.conf"), "-noout", "-out", at("signature.der")]);
  writeFileSync(at("old.pem"), certificate);
  writeFileSync(at("old.pub"), execFileSync("openssl", ["x509", "-in", at("old.pem"), "-noout", "-pubkey"]));
  writeFileSync(at("signed"), `${header}.${payload.toString("base64url")}`);
  expect(
    execFileSync("openssl", ["dgst", "-sha256", "-verify", at("old.pub"), "-signature", at("signature.der"), at("signed")]).toString(),
  ).toContain("Verified OK");

  expect((await run("audit")).code).toBe(0);
  expect((await run("stats", "--json")).output).toContain('"seal-key-begun":1');
});

test("the old private key is destroyed, and what follows goes by the new one after a start too", async () => {
  await until(() => Promise.resolve(!readFileSync(at("data/keys/seal-0001.pem"), "utf8").includes("PRIVATE")));
  await Promise.all(services.map((service) => service.stop()));
  services = [await startService({ dataFolder: at("data") })];
  expect(await sealKeyOf(await put(services[0]!))).toBe(await sealKeyOf(second));
});

test("a key that somebody else may have is ended at a time: what the log proves to be before stays proven, the rest is not confirmed, and no document is sealed by it", async () => {
  const since = new Date();
  await sleep(50);
  const late = await put(services[0]!);
  expect((await run("keys", "end", "seal", "9", "--since", since.toISOString(), "--reason", "stolen")).code).toBe(1);
  expect((await run("keys", "end", "seal", "2", "--reason", "stolen")).code).toBe(2);
  const ended = await run("keys", "end", "seal", "2", "--since", since.toISOString(), "--reason", "a laptop was stolen", "--json");
  expect([ended.code, json(ended.output)]).toEqual([0, expect.objectContaining({ number: 2, wasEnded: false, isSealing: false })]);
  // At the latest a commit is kept out by the log.
  const refused = await submit(services[0]!.url, documentJson(), JSON_TYPE);
  expect([refused.status, refused.text]).toEqual([503, expect.stringMatching(/seal key/)]);
  writeFileSync(at("ended-trust.json"), await fetched("/trust.json"));
  for (const trust of ["ended-trust.json", "new-trust.json", "old-trust.json"]) {
    expect([trust, await verify(second, trust)]).toEqual([trust, expect.objectContaining({ code: 0, verdict: "proven" })]);
    expect([trust, await verify(late, trust)]).toEqual([
      trust,
      expect.objectContaining({ code: 2, verdict: "not-confirmed", seal: expect.stringContaining("a laptop was stolen") }),
    ]);
  }
  expect((await run("keys", "rotate")).code).toBe(0);
  const id = await put(services[0]!);
  expect(await verify(id, "ended-trust.json")).toMatchObject({ verdict: "not-confirmed" });
  writeFileSync(at("newest-trust.json"), await fetched("/trust.json"));
  expect(await verify(id, "newest-trust.json")).toMatchObject({ code: 0, verdict: "proven" });
  expect((await run("audit")).code).toBe(0);
});
