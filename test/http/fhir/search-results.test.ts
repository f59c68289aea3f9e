/** What searches leave out, and parts of resources that they show. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource: { readonly [name: string]: unknown };
    readonly search: { readonly mode: string };
  }[];
}

let house: House;
const get = (path: string, headers: Record<string, string> = {}): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}`, headers });

async function deposit(body: string): Promise<string> {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  expect([answer.status, answer.status === 201 ? "" : String(answer.body)]).toEqual([201, ""]);
  return answer.headers.location?.split("/").at(-3) ?? "";
}

async function search(path: string): Promise<Bundle> {
  const answer = await get(path);
  expect([path, answer.status, answer.status === 200 ? "" : String(answer.body)]).toEqual([path, 200, ""]);
  return JSON.parse(String(answer.body)) as Bundle;
}

const ids = ({ entry = [] }: Bundle): string[] =>
  entry
    .filter(({ search: { mode } }) => mode === "match")
    .map(({ resource }) => resource["id"] as string)
    .sort();

/** A document that holds a DocumentReference among its data. */
function withReference(options: Parameters<typeof documentJson>[0]): string {
  const reference = "urn:uuid:7d7b4c22-0d2e-4d8b-9b0f-0f6b1f7f6a55";
  const own = {
    resourceType: "DocumentReference",
    status: "current",
    content: [{ attachment: { contentType: "text/plain", url: "https://example.org/a" } }],
  };
  const text = documentJson(options).replace(/"entry": \[\{ "reference"/, `"entry": [{ "reference": "${reference}" }, { "reference"`);
  const end = text.lastIndexOf("]");
  return `${text.slice(0, end)},{"fullUrl":"${reference}","resource":${JSON.stringify(own)}}${text.slice(end)}`;
}

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test("what stands in a superseded document is data, also where it is called a document", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const earlier = await deposit(withReference({ identifier }));
  expect(ids(await search(`/DocumentReference?_count=9`))).toEqual([earlier, expect.stringMatching(/\.\d+$/)]);
  const later = await deposit(withReference({ replaces: identifier, words: "Later." }));
  const found = await search("/DocumentReference");
  expect(ids(found).map((id) => id.replace(/\.\d+$/, ".n"))).toEqual([earlier, later, `${later}.n`].sort());
  expect(found.total).toBe(3);
  expect((await search("/DocumentReference?-with-superseded=true")).total).toBe(4);
  expect((await search("/DocumentReference?_summary=count")).total).toBe(3);
  expect(ids(await search(`/DocumentReference?_id=${earlier}`))).toEqual([earlier]);
  expect(ids(await search("/Composition")).length).toBe(2);
});

test("a reverse chain may follow a chain", async () => {
  const id = await deposit(documentJson());
  expect(ids(await search(`/Composition?_id=${id}.0&patient._has:Observation:patient:status=final`))).toEqual([`${id}.0`]);
  expect(ids(await search(`/Composition?_id=${id}.0&patient._has:Observation:patient:status=cancelled`))).toEqual([]);
  expect(
    ids(await search(`/Composition?_id=${id}.0&patient:Patient._has:Observation:subject:performer._has:Composition:author:_id=${id}.0`)).length,
  ).toBeLessThan(2);
  expect((await get("/Composition?patient._has:Observation:patient:colour=red")).status).toBe(400);
  expect((await get("/Composition?status._has:Observation:patient:code=x")).status).toBe(400);
  const deep = `patient.${"_has:Observation:patient:patient.".repeat(6)}name=a`;
  expect((await get(`/Composition?${deep}`)).status).toBe(400);
});

test("what a client library adds by itself is left out, and named", async () => {
  const found = await search("/Composition?_totalMethod=count&_count=1");
  expect(found.link[0]?.url).not.toContain("_totalMethod");
  expect(JSON.stringify(found.entry?.filter(({ search: { mode } }) => mode === "outcome"))).toContain("_totalMethod");
});

test("every entry has an address of its own, the outcome too", async () => {
  const { entry = [] } = await search("/Composition?_totalMethod=count&_count=2&_include=Composition:subject");
  expect(new Set(entry.map(({ search: { mode } }) => mode))).toEqual(new Set(["match", "include", "outcome"]));
  expect(new Set(entry.map(({ fullUrl }) => fullUrl)).size).toBe(entry.length);
  for (const { fullUrl, search: how } of entry) expect(fullUrl).toMatch(how.mode === "outcome" ? /^urn:uuid:[0-9a-f-]{36}$/ : /^http/);
  const xml = String((await get("/Composition?_totalMethod=count&_count=2&_format=xml")).body);
  expect(xml.match(/<entry><resource>/)).toBeNull();
  expect(xml).toContain('<search><mode value="outcome"/></search>');
});

test("a summary shows what R4 marks as one", async () => {
  const shown = async (type: string): Promise<string[]> => Object.keys((await search(`/${type}?_summary=true&_count=1`)).entry?.[0]?.resource ?? {});
  const composition = await shown("Composition");
  for (const name of ["status", "type", "title", "subject", "date"]) expect(composition).toContain(name);
  for (const name of ["section", "text"]) expect(composition).not.toContain(name);
  const observation = await shown("Observation");
  expect(observation.some((name) => name.startsWith("value"))).toBe(true);
  for (const name of ["note", "interpretation", "referenceRange", "category"]) expect(observation).not.toContain(name);
  expect(JSON.stringify((await search("/Observation?_summary=true&_count=1")).entry)).toContain("SUBSETTED");
  expect(await shown("Bundle")).not.toContain("entry");
});
