/** Backup and restore by the real command line: while the service takes documents, after a kill in the middle, and of what somebody altered. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentJson } from "./documents.ts";
import { expectAllServed, get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
const kept = new Map<string, string>();
const at = (name: string): string => join(folder.path, name);
const put = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    const body = documentJson();
    kept.set(idOf(await submit(service.url, body, JSON_TYPE)), body);
  }
};
const run = (args: readonly string[], dataFolder = at("data"), environment: Record<string, string> = {}) =>
  chartulary(args, { DATA_DIR: dataFolder, ...environment });
/** Restores into a folder of its own, with the repository's keys beside. */
const restore = (name: string, args: readonly string[] = [], from = at("backup")) =>
  run(["restore", from, ...args], at(name), { KEYS_DIR: at("keys") });

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: at("data"), environment: { KEYS_DIR: at("keys") } });
  await put(5);
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

const backup = (...args: string[]) => run(["backup", at("backup"), "--json", ...args], at("data"), { KEYS_DIR: at("keys") });

test("backs up while documents come, adds what came since, and leaves the keys out", async () => {
  const [first] = await Promise.all([backup(), put(5)]);
  expect(first.code).toBe(0);
  const second = await backup();
  expect([second.code, JSON.parse(second.output)]).toEqual([0, expect.objectContaining({ size: 10 })]);
  expect(readdirSync(at("backup")).sort()).toEqual([
    "audit-keys.tar",
    "audit-spool.tar",
    "audit-trail.tar",
    "document-keys.tar",
    "events.tar",
    "record.tar",
  ]);
  expect(JSON.parse((await backup()).output)).toMatchObject({ size: 10, added: 0 });
  expect(readFileSync(join(at("backup"), "record.tar"), "latin1")).not.toContain("Brandt");
});

test("comes back audited, serves every document as it was, and its log goes on", async () => {
  writeFileSync(at("checkpoint"), (await get(`${service.url}/log/checkpoint`, "*/*")).bytes);
  expect(await restore("restored", ["--against", at("checkpoint")])).toMatchObject({ code: 0, output: expect.stringContaining("10 entries") });
  expect((await restore("restored")).code).toBe(1);
  cpSync(at("keys"), at("keys-2"), { recursive: true });
  const other = await startService({ dataFolder: at("restored"), environment: { KEYS_DIR: at("keys-2") } });
  await expectAllServed(other.url, kept);
  expect((await get(`${other.url}/?q=Brandt`, "text/html")).text).toContain([...kept.keys()][0]);
  expect((await submit(other.url, [...kept.values()][0] ?? "", JSON_TYPE)).status).toBe(200);
  expect((await submit(other.url, documentJson(), JSON_TYPE)).status).toBe(201);
  await other.stop();
});

test("does not go back behind a checkpoint that it is shown, nor bring back what was erased since", async () => {
  const [erased = ""] = kept.keys();
  expect((await run(["erase", erased, "--reason", "data-subject", "--by", "A. Smith"], at("data"), { KEYS_DIR: at("keys") })).code).toBe(0);
  writeFileSync(at("newer"), (await get(`${service.url}/log/checkpoint`, "*/*")).bytes);
  expect(await restore("refused", ["--against", at("newer")])).toMatchObject({ code: 1, errors: expect.stringContaining("go back behind") });
  expect(existsSync(join(at("refused"), "chartulary.db"))).toBe(false);
  expect(await restore("older", ["--json"])).toMatchObject({ code: 0, output: expect.stringContaining('"withheld":1') });
  // The next backup knows the erasure, and has no key of it.
  expect((await backup()).code).toBe(0);
  expect(await restore("current", ["--against", at("newer"), "--json"])).toMatchObject({ code: 0, output: expect.stringContaining('"withheld":1') });
});

test("goes on where it was killed", async () => {
  await put(3);
  const child = spawn(process.execPath, [join(PROJECT_ROOT, "bin", "chartulary.js"), "backup", at("backup")], {
    env: { ...process.env, DATA_DIR: at("data"), KEYS_DIR: at("keys") },
    stdio: "ignore",
  });
  // Listened for before: where the command is done within that time, it has ended already.
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGKILL");
  await ended;
  // However far it came: a record that ends in the middle of a member.
  const record = join(at("backup"), "record.tar");
  truncateSync(record, statSync(record).size - 700);
  expect(JSON.parse((await backup()).output)).toMatchObject({ size: 14 });
  expect(await restore("killed")).toMatchObject({ code: 0 });
});

test("what was altered, cut off or left out is not restored, and nothing is left of the attempt", async () => {
  for (const [name, alter] of [
    [
      "altered",
      (file: string) =>
        writeFileSync(
          file,
          readFileSync(file).map((byte, place) => (place === 900 ? byte ^ 1 : byte)),
        ),
    ],
    ["other", (file: string) => writeFileSync(file, "x".repeat(4000))],
    ["empty", (file: string) => truncateSync(file, 0)],
    ["gone", (file: string) => rmSync(file)],
  ] as const)
    for (const part of ["record.tar", "document-keys.tar"]) {
      const [from, to] = [at(`${name}-${part}`), `${name}-${part}-restored`];
      cpSync(at("backup"), from, { recursive: true });
      alter(join(from, part));
      const restored = await restore(to, ["--against", at("newer")], from);
      // Without a record there is nothing to hold the checkpoint against but that it is missing.
      expect([name, part, restored.code === 0, restored.errors]).toEqual([
        name,
        part,
        false,
        expect.stringMatching(/^(?:.*entries\n)*chartulary restore: /),
      ]);
      expect(existsSync(at(to)) ? readdirSync(at(to)) : []).toEqual([]);
    }
});

test("with the keys, it comes back on a machine that has none", async () => {
  expect((await backup("--with-keys")).code).toBe(0);
  expect(await run(["restore", at("backup")], at("bare"))).toMatchObject({ code: 0, errors: expect.not.stringContaining("chartulary restore") });
  const lone = at("lone");
  cpSync(at("backup"), lone, { recursive: true });
  rmSync(join(lone, "repository-keys.tar"));
  expect(await run(["restore", lone], at("bare-2"))).toMatchObject({ code: 2, errors: expect.stringContaining("--with-keys") });
});
