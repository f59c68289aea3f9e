/** Pages of a search, their links and order; what is contained in other resources; who is named by words alone (docs/design/search.md). */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly fullUrl: string; readonly resource: { readonly resourceType: string; readonly id: string } }[];
}

const BASE = "https://documents.example.org/fhir";
const SYSTEM = "urn:oid:2.16.756.5.32.99";
let house: House;
/** Newest first. */
const documents: string[] = [];

const get = (path: string): Promise<RawAnswer> => ask(house.port, { path: `/fhir/${path}` });
const search = async (path: string): Promise<Bundle> => {
  const answer = await get(path);
  expect([path, answer.status, answer.status === 200 ? "" : String(answer.body)]).toEqual([path, 200, ""]);
  return JSON.parse(String(answer.body)) as Bundle;
};
const urlsOf = ({ entry = [] }: Bundle): string[] => entry.map(({ fullUrl }) => fullUrl.slice(BASE.length + 1));
const refused = async (path: string): Promise<string> => {
  const { status, body } = await get(path);
  expect([path, status]).toEqual([path, 400]);
  return String(body);
};
const deposit = async (body: string): Promise<string> => {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  expect([answer.status, answer.status === 201 ? "" : String(answer.body)]).toEqual([201, ""]);
  return answer.headers.location?.split("/").at(-3) ?? "";
};
/** With a medication that is contained in an order, and an author and custodian who are named by words alone. */
const withContained = (text: string): string => {
  const medications = ["IBU", "IBU", "ASS"].map((code, at) => ({
    resourceType: "Medication",
    id: `m${at}`,
    code: { coding: [{ system: "urn:drugs", code }] },
  }));
  const order = {
    resourceType: "MedicationRequest",
    status: "active",
    intent: "order",
    contained: medications,
    medicationReference: { reference: "#m0" },
    supportingInformation: [{ reference: "#m1" }, { reference: "#m2" }],
    subject: { reference: "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" },
    requester: { reference: "urn:uuid:6a9df0d6-3f6a-4b8e-8a1d-2f4e0f5f2b3c" },
    performer: { reference: "urn:uuid:5f7f8e3a-1c2d-4e5f-9a8b-7c6d5e4f3a2b" },
  };
  const own = { fullUrl: "urn:uuid:7d7b4c22-0d2e-4d8b-9b0f-0f6b1f7f6a56", resource: order };
  const end = text.lastIndexOf("]");
  return `${text.slice(0, end)},${JSON.stringify(own)}${text.slice(end)}`
    .replace('"entry": [{ "reference"', `"entry": [{ "reference": "${own.fullUrl}" }, { "reference"`)
    .replace(/"author": \[\{ "reference": "[^"]*" \}\]/, '"author": [{ "display": "Prof. Séverine Achterberg" }]')
    .replace(/"custodian": \{ "reference": "[^"]*" \}/, '"custodian": { "display": "Kantonsspital Seeblick" }');
};

beforeAll(async () => {
  house = await openHouse({ systems: new Set([SYSTEM]) });
  for (const title of ["b", "a", "b", "a", "c"]) documents.unshift(await deposit(documentJson({ title })));
});
afterAll(() => house.close());

test("pages lead on, back and to the first, as of the same size of the log, sorted or not", async () => {
  for (const [path, order] of [
    ["Composition?_count=2", [0, 1, 2, 3, 4]],
    ["Composition?_sort=title&_count=2", [1, 3, 2, 4, 0]],
    ["Composition?_sort=-title,_lastUpdated&_count=2", [0, 4, 2, 3, 1]],
    ["Composition?_sort=status,-title&_count=2", [0, 2, 4, 1, 3]],
  ] as const) {
    const pages: string[][] = [];
    const back: (string | undefined)[] = [];
    let [page, first]: [Bundle, string | undefined] = [await search(path), undefined];
    const seen = [page];
    for (;;) {
      const link = (relation: string): string | undefined => page.link.find((one) => one.relation === relation)?.url.slice(BASE.length + 1);
      pages.push(urlsOf(page));
      back.push(link("previous"));
      first ??= link("first");
      expect(link("first")).toBe(first);
      const next = link("next");
      if (next === undefined) break;
      page = await search(next);
      seen.push(page);
    }
    const ids = documents.map((id) => `Composition/${id}.0`);
    expect([path, pages]).toEqual([path, [order.slice(0, 2), order.slice(2, 4), order.slice(4)].map((places) => places.map((at) => ids[at]))]);
    expect(back[0]).toBeUndefined();
    // What comes meanwhile is on none of them.
    const late = await deposit(documentJson({ title: "a" }));
    for (const [at, address] of back.entries()) if (address !== undefined) expect(urlsOf(await search(address))).toEqual(pages[at - 1]);
    expect(urlsOf(await search(first ?? ""))).toEqual(pages[0]);
    expect((await search(first ?? "")).total).toBe(seen[0]?.total);
    await house.erase(late);
  }
});

test("what is contained is found when that is asked for, as the resource that contains it or by itself", async () => {
  const id = await deposit(withContained(documentJson()));
  const order = `MedicationRequest/${id}.5`;
  expect(urlsOf(await search("Medication?code=IBU"))).toEqual([]);
  for (const contained of ["true", "both"]) {
    expect(urlsOf(await search(`Medication?code=IBU&_contained=${contained}`))).toEqual([order]);
    expect(urlsOf(await search(`Medication?code=IBU&_contained=${contained}&_containedType=container`))).toEqual([order]);
    const own = await search(`Medication?code=IBU&_contained=${contained}&_containedType=contained`);
    expect(urlsOf(own).sort()).toEqual([`Medication/${id}.5.1`, `Medication/${id}.5.2`]);
    expect(own.total).toBe(2);
    for (const url of urlsOf(own)) expect((await get(url)).status).toBe(200);
  }
  expect(urlsOf(await search("Medication?_contained=true&_count=2"))).toEqual([order]);
  expect((await search("Medication?_contained=true&_containedType=contained&_summary=count")).total).toBe(3);
  expect(urlsOf(await search("MedicationRequest?_contained=true"))).toEqual([]);
  expect(urlsOf(await search("MedicationRequest?_contained=both"))).toEqual([order]);
  const self = (await search("Medication?_contained=both&_containedType=contained")).link.find(({ relation }) => relation === "self")?.url;
  expect(self).toBe(`${BASE}/Medication?_contained=both&_containedType=contained`);
  await refused("Medication?_contained=some");
  await refused("Medication?_containedType=all");
});

test("who is named by words alone is found by them, by programs and by people", async () => {
  const [found] = urlsOf(await search("Composition?author:text=achterberg"));
  const id = found?.split(/[/.]/)[1] ?? "";
  expect(urlsOf(await search("Composition?author:text=severine"))).toEqual([`Composition/${id}.0`]);
  expect(urlsOf(await search("DocumentReference?custodian:text=seeblick&author:text=prof"))).toEqual([`DocumentReference/${id}`]);
  expect(urlsOf(await search("Composition?author:text=terberg"))).toEqual([]);
  for (const query of ["author=Achterberg", "organisation=Kantonsspital%20Seeblick", "author=severine&organisation=seeblick"]) {
    const page = String((await ask(house.port, { path: `/?${query}` })).body);
    expect([query, [...page.matchAll(/documents\/([0-9a-f-]{36})/g)].map(([, one]) => one)]).toEqual([query, [id]]);
  }
  expect(String((await ask(house.port, { path: "/?organisation=Achterberg" })).body)).not.toContain(`/documents/${id}`);
});

test("a value set that is not held here, or not whole, is refused by name", async () => {
  expect(await refused("Observation?code:in=http://example.org/ValueSet/mine")).toContain("http://example.org/ValueSet/mine");
  expect(await refused("Observation?code:in=mine")).toContain("canonical");
  expect(await refused("Observation?code:in=http://hl7.org/fhir/ValueSet/observation-status|3.0")).toContain("not held");
  expect(await refused("Patient?language:in=http://hl7.org/fhir/ValueSet/all-languages")).toContain("not");
  expect(await refused("Observation?code:above=http://loinc.org|1")).toContain("terminology");
  expect(await refused("Observation?_list=$current-problems")).toContain("$current-problems");
});

test("a derived Patient is found by each copy that it links to, of superseded documents too", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const own = (text: string): string => text.replaceAll("J-4711", "J-0815");
  const first = await deposit(own(documentJson({ identifier })));
  const second = await deposit(own(documentJson({ replaces: identifier })));
  const [person] = urlsOf(await search(`Patient?identifier=${SYSTEM}|J-0815`)).filter((url) => url.startsWith("Patient/p-"));
  for (const copy of [first, second]) expect(urlsOf(await search(`Patient?link=Patient/${copy}.1`))).toEqual([person]);
  expect(urlsOf(await search(`Patient?link=Patient/${documents[0] ?? ""}.1`))).not.toContain(person);
  expect(urlsOf(await search(`Patient?link=Patient/${first}.1&gender=female`))).toEqual([person]);
  expect(urlsOf(await search(`Patient?link=Patient/${first}.1&gender=male`))).toEqual([]);
  expect((await search(`Patient?link=Patient/${first}.1,Patient/${second}.1`)).total).toBe(1);
});
