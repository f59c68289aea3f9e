/** The real program with witnesses, which are the real program too: receipts that they have seen, a watcher, and an older copy of data folder and keys together that is not served as if nothing had happened. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentJson } from "./documents.ts";
import { until } from "./program.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const witnesses: ChildProcess[] = [];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
const at = (name: string): string => join(folder.path, name);
const environment = (): Record<string, string> => ({ WITNESS_POLICY: at("policy"), WITNESS_INTERVAL_SECONDS: "10" });
const start = async (): Promise<void> => void (service = await startService({ dataFolder: at("data"), environment: environment() }));
const text = async (path: string): Promise<string> => Buffer.from((await get(service.url + path, "*/*")).bytes).toString();
const sizeIn = (note: string): number => Number(note.split("\n")[1]);
const watch = (): ReturnType<typeof chartulary> => chartulary(["log", "watch", service.url, "--state", at("watch"), "--json"]);

/** Starts a witness; gives its verifier key and address. */
async function witness(name: string, algorithm: string): Promise<{ readonly vkey: string; readonly url: string }> {
  const args = ["witness", "--logs", at("logs"), "--dir", at(name), "--name", `${name}.example`, "--algorithm", algorithm, "--port", "0"];
  const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  witnesses.push(child);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (said: string) => (output += said));
  await until(() => Promise.resolve(output.includes("watches")));
  return { vkey: /^witness +(\S+)$/m.exec(output)?.[1] ?? "", url: /open at +(\S+)/.exec(output)?.[1] ?? "" };
}

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: at("data") });
  const { log } = JSON.parse(await text("/trust.json")) as { log: { vkeys: string[] } };
  await service.stop();
  writeFileSync(at("logs"), `log ${log.vkeys[0] ?? ""}\n`);
  const [one, two] = [await witness("one", "ed25519"), await witness("two", "ml-dsa-44")];
  writeFileSync(at("policy"), `witness one ${one.vkey} ${one.url}\nwitness two ${two.vkey} ${two.url}\ngroup both all one two\nquorum both\n`);
  await start();
});

afterAll(async () => {
  await service.stop();
  for (const child of witnesses) child.kill();
  await folder.remove();
});

test("a receipt says who saw its entry, offline too; a watcher finds the log to go on; an older copy of everything takes no document", async () => {
  const body = documentJson();
  const id = idOf(await submit(service.url, body, JSON_TYPE));
  expect(await text(`/documents/${id}/receipt`)).not.toContain("witnessed");
  await until(async () => sizeIn(await text("/log/checkpoint")) === 1 && (await text(`/documents/${id}/receipt`)).includes("witnessed"));
  writeFileSync(at("document.json"), body);
  writeFileSync(at("receipt.json"), await text(`/documents/${id}/receipt`));
  writeFileSync(at("trust.json"), await text("/trust.json"));
  const verified = await chartulary([
    "verify",
    "--receipt",
    at("receipt.json"),
    "--trust",
    at("trust.json"),
    "--require-witnessed",
    at("document.json"),
  ]);
  expect(verified).toMatchObject({ code: 0, output: expect.stringMatching(/pass +witnesses +one, two \(2 of 2 witnesses\)/) as unknown });
  expect(await text(`/documents/${id}.tlog-proof`)).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex 0\n\n\S+\n1\n\S+\n\n(?:— \S+ \S+\n){4}$/);
  expect(await watch()).toMatchObject({ code: 0 });

  // A copy of data and keys, and what came after it.
  await service.stop();
  cpSync(at("data"), at("older"), { recursive: true });
  await start();
  for (let count = 0; count < 3; count++) await submit(service.url, documentJson(), JSON_TYPE);
  expect(await text("/log/consistency?old=1&size=4")).toMatch(/^(?:[A-Za-z0-9+/]{43}=\n){2}$/);
  await until(async () => sizeIn(await text("/log/checkpoint")) === 4);
  await until(async () => (await text(`/documents/${id}/receipt`)).includes("witnessed"));
  expect(JSON.parse((await watch()).output)).toMatchObject({ result: "fine", size: 4, witnesses: { seen: ["one", "two"], isEnough: true } });
  await service.stop();
  rmSync(at("data"), { recursive: true });
  cpSync(at("older"), at("data"), { recursive: true });
  await start();
  const refused = await submit(service.url, documentJson(), JSON_TYPE);
  expect([refused.status, refused.text]).toEqual([503, expect.stringContaining("has 1 entries and had 4")]);
  expect((await get(`${service.url}/documents/${id}/receipt`, "*/*")).status).toBe(200);
  const fallen = await watch();
  expect([fallen.code, JSON.parse(fallen.output)]).toEqual([1, expect.objectContaining({ result: "rolled-back" })]);
});
