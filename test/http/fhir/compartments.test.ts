/** Searches in compartments over HTTP (R4 http.html, search; compartmentdefinition.html). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { SEARCH_PARAMETERS } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly fullUrl: string; readonly resource: { readonly resourceType: string } }[];
}

const BASE = "https://documents.example.org/fhir";
const LONG = readFileSync(new URL("../../../fixtures/documents/valid/discharge-summary-long.json", import.meta.url), "utf8");
let house: House;
let id: string;
let patient: string;

const get = (path: string): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}` });

async function deposit(body: string): Promise<string> {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  return answer.headers.location?.split("/").at(-3) ?? "";
}

async function search(path: string): Promise<Bundle> {
  const answer = await get(path);
  expect([path, answer.status, String(answer.body).slice(0, 300)]).toEqual([path, 200, expect.anything()]);
  return JSON.parse(String(answer.body)) as Bundle;
}

const urls = ({ entry = [] }: Bundle): string[] => entry.map(({ fullUrl }) => fullUrl.slice(BASE.length + 1)).sort();

beforeAll(async () => {
  house = await openHouse();
  id = await deposit(LONG);
  await deposit(documentJson());
  patient = urls(await search("/Patient?_has:Condition:patient:code:missing=false"))[0] ?? "";
});
afterAll(() => house.close());

describe("the compartment of a patient", () => {
  test("holds what refers to it, and nothing of another's", async () => {
    expect(patient).toMatch(new RegExp(`^Patient/${id}\\.`));
    const inIt = await search(`/${patient}/Observation?_count=500`);
    expect(inIt.total).toBeGreaterThan(5);
    expect(urls(inIt)).toEqual(urls(await search(`/Observation?subject=${patient}&_count=500`)));
    expect(inIt.link[0]?.url).toBe(`${BASE}/${patient}/Observation?_count=500`);
    const final = await search(`/${patient}/Observation?status=final&_count=2`);
    expect([urls(final).length, final.total]).toEqual([2, (await search(`/Observation?subject=${patient}&status=final`)).total]);
    expect((await search(`/Patient/${id}.9999/Observation`)).total).toBe(0);
  });

  test("is asked by POST too, and in a batch", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const byPost = await ask(house.port, { method: "POST", path: `/fhir/${patient}/Observation/_search`, headers, body: "status=final" });
    const total = (await search(`/${patient}/Observation?status=final`)).total;
    expect(JSON.parse(String(byPost.body))).toMatchObject({ total });
    const body = `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"${patient}/Observation?status=final"}}]}`;
    const batch = await ask(house.port, { method: "POST", path: "/fhir", headers: { "Content-Type": "application/fhir+json" }, body });
    expect(JSON.parse(String(batch.body))).toMatchObject({ entry: [{ resource: { total } }] });
  });

  test("is asked whole, or for some types", async () => {
    const whole = await search(`/${patient}/*?_count=500`);
    const types = new Set(whole.entry?.map(({ resource }) => resource.resourceType));
    for (const type of ["Patient", "Observation", "Condition", "Composition", "DocumentReference"])
      expect([type, types.has(type)]).toEqual([type, true]);
    for (const type of ["Organization", "Bundle", "Medication"]) expect(types.has(type)).toBe(false);
    expect(urls(whole).every((url) => url.includes(id))).toBe(true);
    const some = await search(`/${patient}/*?_type=Condition,Composition&_count=500`);
    expect(new Set(some.entry?.map(({ resource }) => resource.resourceType))).toEqual(new Set(["Condition", "Composition"]));
    const next = (await search(`/${patient}/*?_count=5`)).link.find(({ relation }) => relation === "next")?.url;
    expect(urls(await search(next?.slice(BASE.length) ?? "")).length).toBe(5);
  });

  test("includes what its matches refer to, also from outside of it", async () => {
    const found = await search(`/${patient}/Composition?_include=Composition:author`);
    expect(urls(found).length).toBeGreaterThan(1);
  });
});

test("practitioners, encounters, devices and related persons have compartments", async () => {
  const [role] = (await search("/PractitionerRole?practitioner:missing=false&_count=1")).entry ?? [];
  const { practitioner } = role?.resource as unknown as { readonly practitioner: { readonly reference: string } };
  expect(urls(await search(`/${practitioner.reference}/PractitionerRole`))).toEqual([role?.fullUrl.slice(BASE.length + 1)]);
  const [composition] = (await search("/Composition?encounter:missing=false&_count=1")).entry ?? [];
  const { encounter } = composition?.resource as unknown as { readonly encounter: { readonly reference: string } };
  expect((await search(`/${encounter.reference}/Composition`)).total).toBe(1);
  expect((await search(`/Device/${id}.1/Observation`)).total).toBe(0);
  expect((await search(`/RelatedPerson/${id}.1/Patient`)).total).toBe(0);
});

test.each([
  "Organization/1/Observation",
  "Patient/1/Medication",
  "Patient/1/Bundle",
  "Patient/1/Nothing",
  "Patient/1/*?_type=Organization",
  "Patient/1/x",
])("%s is nothing", async (path) => {
  expect((await get(`/${path}`)).status).toBe(404);
});

test("every parameter of a compartment is one by which is searched here", () => {
  const unknown = SEARCH_PARAMETERS.compartments().flatMap((root) =>
    [...(SEARCH_PARAMETERS.compartment(root) ?? [])].flatMap(([type, names]) =>
      names.filter((name) => name !== "{def}" && SEARCH_PARAMETERS.of(type).get(name)?.type !== "reference").map((name) => `${root}/${type}.${name}`),
    ),
  );
  expect(unknown).toEqual([]);
  expect([...SEARCH_PARAMETERS.compartments()].sort()).toEqual(["Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"]);
});
