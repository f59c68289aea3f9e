/** Labels that a document bears as a whole stand on what is taken out of it, and what is taken out is found by them: an Observation by itself is no less confidential than the document that it came in. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { marked, PERSONS } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";
import { depositSubmission } from "../submission.ts";

const LEVEL = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode";

type Resource = Readonly<Record<string, unknown>> & { readonly id: string; readonly meta: { readonly security?: readonly { code: string }[] } };
let house: House;
const ids = new Map<string, string>();

const get = async (path: string): Promise<Record<string, unknown>> => {
  const answer = await ask(house.port, { path, headers: { Accept: "application/fhir+json" } });
  expect([path, answer.status]).toEqual([path, 200]);
  return JSON.parse(String(answer.body)) as Record<string, unknown>;
};
const codesOf = ({ meta }: Resource): string[] => (meta.security ?? []).map(({ code }) => code).sort();
const found = async (query: string): Promise<Resource[]> =>
  ((await get(`/fhir/${query}`)) as { entry?: { resource: Resource }[] }).entry?.map(({ resource }) => resource) ?? [];

beforeAll(async () => {
  house = await openHouse({ systems: new Set([PERSONS]) });
  const documents = [
    { name: "plain", json: marked({ name: "plain", house: "A", person: "1" }).json.replace(',"confidentiality":"N"', "") },
    { name: "level", json: marked({ name: "level", house: "A", person: "2" }).json.replace('"confidentiality":"N"', '"confidentiality":"R"') },
    {
      name: "bundle",
      json: marked({ name: "bundle", house: "A", person: "3", labels: [`${LEVEL}|V`, `${ACT}|HIV`], entryLabel: `${ACT}|ETH` }).json,
    },
    { name: "own", json: marked({ name: "own", house: "A", person: "4", entryLabel: `${LEVEL}|V` }).json },
    // Names whose letters are escaped are the same names.
    {
      name: "escaped",
      json: marked({ name: "escaped", house: "A", person: "5", labels: [`${ACT}|PSY`] }).json.replace('"security"', '"sec\\u0075rity"'),
    },
  ];
  for (const { name, json } of documents) {
    const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", body: json, headers: { "Content-Type": "application/fhir+json" } });
    expect([name, answer.status]).toEqual([name, 201]);
    ids.set(name, answer.headers.location?.split("/").at(-3) ?? "");
  }
  const said = { securityLabel: [{ coding: [{ system: ACT, code: "SDV" }] }] };
  const [id = ""] = await depositSubmission(
    { documents: [{ text: marked({ name: "said", house: "A", person: "6" }).json, reference: said }] },
    house.depositing,
  );
  ids.set("said", id);
});
afterAll(() => house.close());

test.each([
  ["plain", "Observation", []],
  ["level", "Observation", ["R"]],
  ["level", "Patient", ["R"]],
  ["bundle", "Observation", ["ETH", "HIV", "V"]],
  ["bundle", "Patient", ["HIV", "V"]],
  ["bundle", "Organization", ["HIV", "V"]],
  ["own", "Observation", ["V"]],
  ["own", "Patient", ["N"]],
  ["escaped", "Observation", ["N", "PSY"]],
  ["said", "Observation", ["N", "SDV"]],
])("of %s, a %s bears %j, read and found alone and with others", async (name, type, expected) => {
  const id = ids.get(name) ?? "";
  const all = await found(`${type}?_source=https://documents.example.org/fhir/Bundle/${id}&_count=100`);
  const own = all.filter((one) => /\.\d+$/.test(one.id));
  expect(own.length).toBeGreaterThan(0);
  for (const one of own) {
    expect([one.id, codesOf(one)]).toEqual([one.id, expected]);
    expect(codesOf((await get(`/fhir/${type}/${one.id}`)) as Resource)).toEqual(expected);
  }
});

test.each(["R", "V", "HIV", "ETH", "PSY", "SDV", "N"])("who searches for %s finds exactly what is served with it", async (code) => {
  for (const type of ["Observation", "Patient", "Organization", "Practitioner", "Composition"]) {
    const every = await found(`${type}?_count=200&-with-superseded=true`);
    const bearing = every.filter((one) => codesOf(one).includes(code)).map(({ id }) => id);
    const searched = (await found(`${type}?_security=${code}&_count=200&-with-superseded=true`)).map(({ id }) => id);
    expect([type, searched.sort()]).toEqual([type, bearing.sort()]);
  }
});

test("the Patient that stands for a person has those of the document that speaks for it", async () => {
  const [person] = (await found(`Patient?identifier=${PERSONS}%7C3`)).filter(({ id }) => id.startsWith("p-"));
  expect(person && codesOf(person)).toEqual(["HIV", "V"]);
});

test("the document itself is served as it was sent", async () => {
  const { entry } = (await get(`/fhir/Bundle/${ids.get("bundle") ?? ""}`)) as { entry: { resource: { resourceType: string; meta?: object } }[] };
  expect(entry.find(({ resource }) => resource.resourceType === "Patient")?.resource.meta).toBeUndefined();
});
