/** The audit by the real command line: beside a running service, and from outside over HTTP. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tamperWith } from "../adapters/sqlite/tamper.ts";
import { documentJson } from "./documents.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let ids: string[];
const data = (name = "data"): string => join(folder.path, name);
const audit = async (args: readonly string[], dataFolder = data()) => {
  const { code, output, errors } = await chartulary(["audit", "--json", ...args], { DATA_DIR: dataFolder });
  return {
    code,
    errors,
    told:
      output === "" ? undefined : (JSON.parse(output) as { size: number; erased: number; findings: { what: string; text: string; id?: string }[] }),
  };
};
const alter = (name: string, sql: string): void => tamperWith(join(data(name), "chartulary.db"), [sql]);

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: data() });
  ids = [];
  for (let n = 0; n < 3; n++) ids.push(idOf(await submit(service.url, documentJson(), JSON_TYPE)));
  writeFileSync(data("checkpoint"), (await get(`${service.url}/log/checkpoint`, "*/*")).bytes);
  writeFileSync(data("receipt.json"), (await get(`${service.url}/documents/${ids[1] ?? ""}/receipt`, "*/*")).bytes);
  writeFileSync(data("trust.json"), (await get(`${service.url}/trust.json`, "*/*")).bytes);
  await chartulary(["erase", ids[2] ?? "", "--reason", "other", "--by", "A. Smith"], { DATA_DIR: data() });
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

test("passes beside a running service that takes documents, against a checkpoint and a receipt from before", async () => {
  const [done] = await Promise.all([
    audit(["--against", data("checkpoint")]),
    ...Array.from({ length: 10 }, () => submit(service.url, documentJson(), JSON_TYPE)),
  ]);
  expect(done).toMatchObject({ code: 0, told: { erased: 1, findings: [] } });
  expect((await audit(["--against", data("receipt.json")])).told).toMatchObject({ isIndexAudited: true, size: 14, documents: 13, others: 1 });
  expect(await audit(["--against", data("trust.json")])).toMatchObject({ code: 2 });
  expect(await audit(["--against", data("nothing")])).toMatchObject({ code: 2 });
});

test("passes from outside, where an erased document is answered 410", async () => {
  for (const args of [[], ["--trust", data("trust.json"), "--against", data("checkpoint")]])
    expect(await audit(["--url", service.url, ...args])).toMatchObject({
      code: 0,
      told: { size: 14, documents: 13, erased: 1, notShown: 0, findings: [] },
    });
  expect(await audit(["--url", "http://127.0.0.1:1"])).toMatchObject({ code: 2, errors: expect.stringContaining("can't be reached") });
});

test("finds an older copy by the mark, and what was altered by its id", async () => {
  cpSync(data(), data("older"), { recursive: true });
  alter("older", "DELETE FROM entries WHERE entry_index > 9; DELETE FROM checkpoints WHERE size > 10; DELETE FROM tree_nodes WHERE (node_index + 1) * (1 << level) > 10; DELETE FROM claims WHERE entry_index > 9; DELETE FROM wrapped_keys WHERE entry_index > 9"); // prettier-ignore
  const older = await audit([], data("older"));
  expect([older.code, older.told?.findings.map(({ what }) => what)]).toEqual([1, expect.arrayContaining(["log"])]);
  cpSync(data(), data("altered"), { recursive: true });
  alter("altered", "UPDATE entries SET content = (SELECT content FROM entries WHERE entry_index = 0) WHERE entry_index = 1");
  const altered = await audit([], data("altered"));
  expect([altered.code, altered.told?.findings.map(({ id }) => id)]).toEqual([1, [ids[1]]]);
  const shown = await chartulary(["audit"], { DATA_DIR: data("altered") });
  expect([shown.code, shown.output]).toEqual([1, expect.stringMatching(/^CHANGED {2}document {3}document [^]*NOT INTACT: 1 findings\.\n$/)]);
});

test("finds from outside what is not as the log signed it", async () => {
  alter(
    "data",
    'UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), \'"receivedAt":"20\', \'"receivedAt":"19\') AS BLOB) WHERE entry_index = 1',
  );
  const { code, told } = await audit(["--url", service.url, "--trust", data("trust.json")]);
  expect([code, told?.findings.map(({ what }) => what)]).toEqual([1, expect.arrayContaining(["node", "checkpoint"])]);
});
