/** An operator holds, releases and erases documents by the real command line beside a running service, and what everybody else meets afterwards. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentJson } from "./documents.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const NAME = "Ottoline";
const identifier = `urn:uuid:${randomUUID()}`;
/** A word that stands in the title, by which nothing else is found. */
const body = documentJson({ identifier, title: `Letter about ${NAME}`, words: `Potassium of ${NAME} 2.00` });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let service: Service;
let id: string;
let successor: string;
const run = (...args: string[]) => chartulary(args, { DATA_DIR: join(folder.path, "data") });
const ordered = (...args: string[]) => run(...args, "--by", "A. Smith");
const json = (output: string): Record<string, unknown> => JSON.parse(output) as Record<string, unknown>;
const addresses = (): string[] => [
  ...["", ".pdf", "/verify", "/receipt"].map((end) => `/documents/${id}${end}`),
  ...["", "/_history/1", "?_format=html", "?_format=xml"].map((end) => `/fhir/Bundle/${id}${end}`),
  `/fhir/Binary/${id}`,
];

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ dataFolder: join(folder.path, "data") });
  id = idOf(await submit(service.url, body, JSON_TYPE));
  successor = idOf(await submit(service.url, documentJson({ replaces: identifier }), JSON_TYPE));
  for (const [name, address] of [
    ["receipt.json", `/documents/${id}/receipt`],
    ["trust.json", "/trust.json"],
  ] as const)
    writeFileSync(join(folder.path, name), (await get(service.url + address, "*/*")).bytes);
  writeFileSync(join(folder.path, "document.json"), body);
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

test("a document that is held is not erased", async () => {
  expect(json((await ordered("hold", id, "--reason", "case 1", "--json")).output)).toMatchObject({ id, entry: 2, isNew: true });
  expect(await ordered("erase", id, "--reason", "retention")).toMatchObject({ code: 1, output: "", errors: expect.stringContaining("legal hold") });
  expect((await get(`${service.url}/fhir/Bundle/${id}`, JSON_TYPE)).status).toBe(200);
  expect((await ordered("release", `${service.url}/documents/${id}`, "--reason", "case 1 was closed")).code).toBe(0);
  expect((await ordered("release", id, "--reason", "again")).code).toBe(1);
});

test.each([
  ["erase", "no id", "--reason", "other", "--by", "me"],
  ["erase", randomUUID(), "--reason", "other"],
  ["erase", randomUUID(), "--by", "me"],
  ["hold", randomUUID(), "--by", "me"],
])("wrong usage is 2: %j", async (...args) => expect(await run(...args)).toMatchObject({ code: 2, output: "" }));

test("what was never deposited is a no", async () => {
  expect((await ordered("erase", randomUUID(), "--reason", "other")).code).toBe(1);
});

describe("once it is erased", () => {
  beforeAll(async () => {
    const erased = await ordered("erase", id, "--reason", "misfiled: sent for another patient", "--json");
    expect([erased.code, json(erased.output)]).toEqual([0, expect.objectContaining({ id, entry: 4, isNew: true, isUnlisted: true })]);
  });

  test("every address of it answers 410 with the reason's code, in the form that is asked for", async () => {
    for (const address of addresses()) {
      const { status, text } = await get(service.url + address, address.startsWith("/documents") ? "text/html" : JSON_TYPE);
      expect([address, status]).toEqual([address, 410]);
      expect(text).toContain("misfiled");
      expect(text).not.toMatch(new RegExp(`${NAME}|Smith|another patient`));
    }
    expect(json((await get(`${service.url}/fhir/Bundle/${id}`, JSON_TYPE)).text)).toMatchObject({ issue: [{ code: "deleted" }] });
  });

  test("no list shows it, no search finds it, and its successor's page goes on", async () => {
    for (const address of ["/", `/?q=${NAME}`, `/documents/${successor}`]) {
      const page = await get(service.url + address, "text/html");
      expect(page.status).toBe(200);
      expect(page.text.replace(`value="${NAME}"`, "").replaceAll(`“${NAME}”`, "")).not.toContain(`about ${NAME}`);
      if (address !== `/documents/${successor}`) expect(page.text).not.toContain(id);
    }
  });

  test("sent again it is not stored: 410, under the same identifier, with whatever is around the content", async () => {
    for (const sent of [body, body.replace('"type": "document",', '"meta": { "tag": [{ "system": "urn:x", "code": "y" }] }, "type": "document",')]) {
      const answer = await submit(service.url, sent, JSON_TYPE);
      expect([answer.status, answer.headers.get("location")]).toEqual([410, null]);
    }
    expect((await submit(service.url, body.replace("2.00", "3.00"), JSON_TYPE)).status).toBe(409);
    const validated = await fetch(`${service.url}/fhir/Bundle/$validate?mode=create`, {
      method: "POST",
      body,
      headers: { "Content-Type": JSON_TYPE },
    });
    expect(await validated.text()).toContain("erased");
  });

  test("its proof stands, offline", async () => {
    const proof = ["--receipt", join(folder.path, "receipt.json"), "--trust", join(folder.path, "trust.json")];
    expect((await run("verify", join(folder.path, "document.json"), ...proof)).code).toBe(0);
  });

  test("it is erased once, and said so", async () => {
    expect(await ordered("erase", id, "--reason", "other")).toMatchObject({
      code: 0,
      output: expect.stringContaining("was erased before, as entry 4"),
    });
    expect((await ordered("hold", id, "--reason", "too late")).code).toBe(1);
  });

  test("nothing of its words stands in any file, and the log says neither who nor why", () => {
    for (const name of ["chartulary.db", "chartulary.db-wal", "index.db", "index.db-wal"]) {
      const file = readFileSync(join(folder.path, "data", name), "latin1");
      for (const word of [NAME.toLowerCase(), NAME, "Smith", "another patient"]) expect([name, file.includes(word)]).toEqual([name, false]);
    }
  });
});

test("an older copy of the database does not bring it back", async () => {
  const data = join(folder.path, "data");
  const later = idOf(await submit(service.url, documentJson({ words: `Another of ${NAME}` }), JSON_TYPE));
  await service.stop();
  cpSync(join(data, "chartulary.db"), join(folder.path, "older.db"));
  expect((await ordered("erase", later, "--reason", "data-subject")).code).toBe(0);
  for (const suffix of ["-wal", "-shm"]) rmSync(join(data, `chartulary.db${suffix}`), { force: true });
  cpSync(join(folder.path, "older.db"), join(data, "chartulary.db"));
  // The mark knows of a newer log, so no entry can be made; the key goes all the same.
  service = await startService({ dataFolder: data });
  expect((await get(`${service.url}/readyz`, "*/*")).status).toBe(503);
  expect((await get(`${service.url}/fhir/Bundle/${later}`, JSON_TYPE)).status).not.toBe(200);
  await service.stop();
  expect((await run("log", "new-origin", "--reason", "an older copy of the database")).code).toBe(0);
  service = await startService({ dataFolder: data });
  const { status, text } = await get(`${service.url}/fhir/Bundle/${later}`, JSON_TYPE);
  expect([status, text]).toEqual([410, expect.stringContaining("data-subject")]);
});
