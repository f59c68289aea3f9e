/** The retention policy by the real command line beside a running service. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { documentJson } from "./documents.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let ids: string[];
/** Documents of 2026-03-14, and one of this moment's. */
const written = (date: string): string => documentJson().replace(/"date": "[^"]+"/, `"date": "${date}"`);
const run = (args: readonly string[], environment: Record<string, string> = {}) =>
  chartulary(["retention", "--json", ...args], {
    DATA_DIR: join(folder.path, "data"),
    RETENTION_POLICY: join(folder.path, "policy.json"),
    ...environment,
  });
const linesOf = (output: string): Record<string, unknown>[] =>
  output
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const statusOf = async (id: string): Promise<number> => (await get(`${service.url}/fhir/Bundle/${id}`, JSON_TYPE)).status;

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: join(folder.path, "data") });
  ids = [];
  for (const date of ["2001-03-14", "2002-03-14", "2003-03-14", new Date().toISOString()])
    ids.push(idOf(await submit(service.url, written(date), JSON_TYPE)));
  writeFileSync(
    join(folder.path, "policy.json"),
    JSON.stringify({ version: "records/1", rules: [{ type: ["http://loinc.org|18842-5"], keep: { years: 10 }, from: "written" }] }),
  );
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

test("proposes what is due, and erases nothing", async () => {
  const { code, output } = await run([]);
  expect([code, linesOf(output).map(({ id, isErased, dueAt }) => [id, isErased, dueAt])]).toEqual([
    0,
    [2013, 2012, 2011].map((year, at) => [ids[2 - at], false, `${year}-03-15T12:00:00.000Z`]),
  ]);
  for (const id of ids) expect(await statusOf(id)).toBe(200);
});

test("carries nothing out that nobody answers for, or without a policy, or with an index of other settings", async () => {
  expect(await run(["--carry-out"])).toMatchObject({ code: 2, output: "", errors: expect.stringContaining("--by") });
  expect(await run(["--carry-out", "--by", "me"], { RETENTION_POLICY: "" })).toMatchObject({ code: 2, output: "" });
  expect(await run(["--carry-out", "--by", "me"], { PATIENT_SYSTEMS: "urn:x:y" })).toMatchObject({
    code: 2,
    errors: expect.stringContaining("rebuild"),
  });
  for (const id of ids) expect(await statusOf(id)).toBe(200);
});

test("carries out what is due, but for what is held, and for what the document does not say itself", async () => {
  const [first, held, altered, young] = ids as [string, string, string, string];
  await chartulary(["hold", held, "--reason", "case 1", "--by", "A. Smith"], { DATA_DIR: join(folder.path, "data") });
  // Somebody makes the index say that a young document is old.
  const index = new DatabaseSync(join(folder.path, "data", "index.db"));
  index.exec(`UPDATE documents_1 SET summary = json_set(summary, '$.date', '1990-01-01') WHERE id = '${young}'`);
  index.close();
  const { code, output, errors } = await run(["--carry-out", "--by", "A. Smith"]);
  expect([code, errors]).toEqual([1, expect.stringContaining(`${young} is not due`)]);
  expect(linesOf(output).map(({ id, isHeld, isErased }) => [id, isHeld, isErased])).toEqual([
    [young, false, false],
    [altered, false, true],
    [held, true, false],
    [first, false, true],
  ]);
  expect(await Promise.all(ids.map(statusOf))).toEqual([410, 200, 410, 200]);
  expect((await get(`${service.url}/fhir/Bundle/${first}`, JSON_TYPE)).text).toContain("(retention: ");
});
