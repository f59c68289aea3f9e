/** What every search has: parameters of every type of resource, includes of includes, totals, HEAD. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

interface Bundle {
  readonly meta: { readonly extension?: readonly { readonly url: string; readonly valueUnsignedInt: number }[] };
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search: { readonly mode: string };
  }[];
}

const BASE = "https://documents.example.org/fhir";
const LONG = readFileSync(new URL("../../../fixtures/documents/valid/discharge-summary-long.json", import.meta.url), "utf8");
/** So many are counted for each page. */
const MOST_COUNTED = 1_000;
let house: House;
let id: string;
let small: string;

const request = (path: string, method = "GET", headers: Record<string, string> = {}): Promise<RawAnswer> =>
  ask(house.port, { method, path: `/fhir/${path}`, headers });

async function search(path: string): Promise<Bundle> {
  const answer = await request(path);
  expect([path, answer.status, answer.status === 200 ? "" : String(answer.body)]).toEqual([path, 200, ""]);
  return JSON.parse(String(answer.body)) as Bundle;
}

const shown = ({ entry = [] }: Bundle, mode: string): string[] =>
  entry.filter((one) => one.search.mode === mode).map(({ resource }) => resource.resourceType);
const moreThan = ({ meta }: Bundle): number | undefined =>
  meta.extension?.find(({ url }) => url === `${BASE}/StructureDefinition/more-than`)?.valueUnsignedInt;

async function deposit(body: string): Promise<string> {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  expect([answer.status, answer.status === 201 ? "" : String(answer.body).slice(0, 600)]).toEqual([201, ""]);
  return answer.headers.location?.split("/").at(-3) ?? "";
}

/** A document whose patient says more of itself, and that holds one Observation more than is counted. */
function large(): string {
  const urls = Array.from({ length: MOST_COUNTED }, (_, at) => `urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, "0")}`);
  const entries = urls.map((url) => `{"fullUrl":"${url}","resource":{"resourceType":"Observation","status":"final","code":{"text":"Many"}}}`);
  const meta = {
    tag: [{ system: "urn:tags", code: "tagged" }],
    security: [{ system: "urn:labels", code: "secret" }],
    profile: ["http://example.org/p"],
  };
  const text = documentJson({ words: "Unmistakable." })
    .replace(/"entry": \[\{ "reference"/, `"entry": [${urls.map((reference) => JSON.stringify({ reference })).join(",")}, { "reference"`)
    .replace('"resourceType": "Patient",', `"resourceType": "Patient", "meta": ${JSON.stringify(meta)},`);
  const end = text.lastIndexOf("]");
  return `${text.slice(0, end)},${entries.join(",")}${text.slice(end)}`;
}

beforeAll(async () => {
  house = await openHouse();
  await deposit(LONG);
  small = await deposit(documentJson());
  id = await deposit(large());
  // So many resources may take longer than a search waits for them.
  while ((await search("Observation?_summary=count")).entry !== undefined);
});
afterAll(() => house.close());

test("more matches than are counted have no total, and the Bundle says of how many there are more", async () => {
  const first = await search("Observation?code:text=many,hemoglobin,potassium&_count=2");
  expect([first.total, moreThan(first)]).toEqual([undefined, MOST_COUNTED]);
  const next = first.link.find(({ relation }) => relation === "next")?.url.slice(BASE.length + 1) ?? "";
  const second = await search(next);
  expect([second.total, moreThan(second)]).toEqual([undefined, MOST_COUNTED]);
  expect(String((await request("Observation?code:text=many,hemoglobin,potassium&_count=1&_format=xml")).body)).toContain(
    `<extension url="${BASE}/StructureDefinition/more-than"><valueUnsignedInt value="${MOST_COUNTED}"/></extension>`,
  );
  const all = (await search("Observation?_summary=count")).total ?? 0;
  expect(all).toBeGreaterThan(MOST_COUNTED);
  for (const total of ["accurate", "estimate"]) {
    const counted = await search(`Observation?_total=${total}&_count=1`);
    expect([counted.total, moreThan(counted)]).toEqual([all, undefined]);
  }
  const none = await search("Observation?_total=none&_count=1");
  expect([none.total, moreThan(none)]).toEqual([undefined, undefined]);
  // Exactly as many as are counted are no more than that.
  const exact = await search("Observation?code:text=many&_count=1");
  expect([exact.total, moreThan(exact)]).toEqual([MOST_COUNTED, undefined]);
});

test.each([
  ["_id", () => `_id=${id}.1`, () => `_id=${id}.0`],
  ["_lastUpdated", () => "_lastUpdated=gt2020-01-01", () => "_lastUpdated=lt2020-01-01"],
  ["_tag", () => "_tag=urn:tags|tagged", () => "_tag=urn:tags|other"],
  ["_security", () => "_security=urn:labels|secret", () => "_security=urn:labels|open"],
  ["_profile", () => "_profile=http://example.org/p", () => "_profile=http://example.org/q"],
  ["_has", () => "_has:Observation:patient:code=2823-3", () => "_has:Observation:patient:code=0-0"],
  ["_content", () => "_content=brandt", () => "_content=nobodyiscalledso"],
])("%s finds a Patient, and not any", async (_, right, wrong) => {
  expect((await search(`Patient?${right()}`)).entry?.map(({ resource }) => resource.id)).toContain(`${id}.1`);
  expect((await search(`Patient?${wrong()}`)).entry?.map(({ resource }) => resource.id) ?? []).not.toContain(`${id}.1`);
});

test("_type, _list and _text find what they name", async () => {
  const both = new Set(shown(await search("?_type=Patient,Organization&_count=100"), "match"));
  expect([...both].sort()).toEqual(["Organization", "Patient"]);
  expect(shown(await search(`Bundle?_list=${id}`), "match").length + shown(await search(`DocumentReference?_list=${id}`), "match").length).toBe(1);
  expect(shown(await search("DocumentReference?_list=nobody"), "match")).toEqual([]);
  expect((await search("Composition?_text=discharge")).total).toBeGreaterThan(0);
  expect((await search("Composition?_text=nobodywroteso")).total).toBe(0);
});

test("includes of includes are followed where that is asked for, and not else", async () => {
  const query = "Composition?_include=Composition:author";
  const once = await search(query);
  expect(new Set(shown(once, "include"))).toEqual(new Set(["Practitioner", "PractitionerRole"]));
  const organizations = shown(await search(`${query}&_include:iterate=PractitionerRole:organization`), "include");
  expect(organizations).toContain("Organization");
  expect(shown(await search(`${query}&_include=PractitionerRole:organization`), "include")).not.toContain("Organization");
  // From what refers to an include.
  const back = "Encounter?_include=Encounter:subject";
  expect(shown(await search(`${back}&_revinclude:iterate=Condition:patient`), "include")).toContain("Condition");
  expect(shown(await search(`${back}&_revinclude=Condition:patient`), "include")).not.toContain("Condition");
});

test("HEAD is answered wherever GET is, with its status and type, and without a body", async () => {
  for (const path of [
    "metadata",
    "Patient",
    "Patient?name=brandt&_format=xml",
    "?_type=Patient",
    `Patient/${small}.1`,
    `Patient/${small}.1/_history/1`,
    `Patient/${small}.1/_history`,
    "Patient/_history?_count=1",
    "_history?_count=1",
    `Patient/${small}.1/Observation?_count=1`,
    `Patient/${small}.1/$everything?_count=1`,
    `Composition/${small}.0/$document`,
    `DocumentReference/${small}`,
    `Bundle/${small}`,
    `Binary/${small}`,
    `List/${small}`,
    `Provenance/${small}.seal`,
    "SearchParameter/clinical-patient",
    "$versions",
    `Patient/${small}.9999`,
    "Patient?colour=1",
  ]) {
    const [got, head] = [await request(path), await request(path, "HEAD")];
    const facts = ({ status, headers }: RawAnswer): unknown[] => [path, status, headers["content-type"], headers.etag];
    expect(facts(head)).toEqual(facts(got));
    expect(String(head.body)).toBe("");
  }
});

test("_pretty and _format are no parameters of a search, and are not in its links", async () => {
  const plain = await search("Patient?name=brandt");
  const answer = await request("Patient?name=brandt&_pretty=true&_format=application/fhir%2Bjson");
  const other = JSON.parse(String(answer.body)) as Bundle;
  expect([other.total, other.entry, other.link[0]]).toEqual([plain.total, plain.entry, plain.link[0]]);
  // Indented, and else the same to the letter.
  expect(String(answer.body)).toMatch(/^\{\n {2}"resourceType": "Bundle",\n/);
  const stable = (text: string): string => text.replace(/"lastUpdated":"[^"]*"/, "");
  expect(stable(JSON.stringify(other))).toBe(stable(JSON.stringify(plain)));
  const xml = await request("Patient?name=brandt&_pretty=true&_format=xml");
  expect(String(xml.body)).toMatch(/<Bundle xmlns="http:\/\/hl7.org\/fhir">\n {2}<meta>\n/);
  for (const path of ["Patient/_history?_pretty=true", "_history?_pretty=true&_count=1"])
    expect(String((await request(path)).body)).toMatch(/^\{\n {2}"/);
});

test("everything that was taken out of a document is found by what its `meta.source` says, and nothing else", async () => {
  const source = encodeURIComponent(`${BASE}/Bundle/${small}`);
  for (const type of ["Patient", "Composition", "DocumentReference", "List", "Provenance"]) {
    const all = ((await search(`${type}?_source=${source}&_count=500`)).entry ?? []).map(({ resource }) => resource);
    const named = ((await search(`${type}?_count=500&-with-superseded=true`)).entry ?? []).map(({ resource }) => resource);
    const own = named.filter((one) => (one as { meta?: { source?: string } }).meta?.source === `${BASE}/Bundle/${small}`);
    expect([type, all.map((one) => one.id).sort()]).toEqual([type, own.map((one) => one.id).sort()]);
  }
  const count = async (query: string): Promise<number | undefined> => (await search(`${query}&_summary=count`)).total;
  const patients = await count("Patient?_lastUpdated=gt2000");
  expect([
    await count(`Patient?_source=${source}`),
    await count(`Observation?_source=${source}`),
    // The Bundle is the document itself, and says nothing of where it comes from.
    await count(`Bundle?_source=${source}`),
    await count(`Patient?_source=${source.slice(0, -1)}`),
    await count(`Patient?_source:above=${source}/_history/1`),
    await count(`Patient?_source:below=${source}`),
    await count(`Patient?_source:below=${encodeURIComponent(`${BASE}/Bundle/`)}`),
    await count("Patient?_source:missing=true"),
    await count("Bundle?_source:missing=false"),
  ]).toEqual([1, 1, 0, 0, 1, 1, patients, 0, 0]);
  const both = [small, id].map((one) => encodeURIComponent(`${BASE}/Bundle/${one}`)).join(",");
  expect(await count(`Composition?_source=${both}`)).toBe(2);
});
