/**
 * How often one request asks record and index. An engine on another machine is waited for with each question: with more results there may be more documents to open, and no more questions else. Whoever
 * asks once for each row of a page is found here.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { Watch } from "../../../src/core/watch.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

const SYSTEM = "urn:oid:2.16.756.5.32.99";
/** What opening a document asks: once for each that a page shows, and for the tree's nodes by which its entry is held against the log the first time alone. Times are looked up in the log by halving. */
const OPENING: ReadonlySet<string> = new Set(["record proof", "record content", "record claimed", "record entries", "record nodes"]);
/** Documents at first, and at last. */
const FEW = 4;
const MANY = 20;

let house: House;
let calls: string[] = [];
const watch: Watch = {
  step: ({ kind, name }, work) => {
    calls.push(`${kind} ${name}`);
    return work();
  },
  committed: () => undefined,
};

/** A chain of documents about one patient, each of which replaces the one before; every other one is about somebody else, and two persons stand in each. */
const deposit = async (at: number, before: string | undefined): Promise<{ readonly id: string; readonly identifier: string }> => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const body = documentJson({ identifier, ...(before !== undefined && at % 4 === 2 && { replaces: before }) });
  const own = at % 2 === 0 ? body : body.replaceAll("J-4711", `J-${at}`);
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body: own });
  expect(answer.status).toBe(201);
  return { id: answer.headers.location?.split("/").at(-3) ?? "", identifier };
};

const countOf = async (path: string): Promise<{ readonly counts: ReadonlyMap<string, number>; readonly results: number }> => {
  calls = [];
  const answer = await ask(house.port, { path });
  expect([path, answer.status, String(answer.body).slice(0, 200)]).toEqual([path, 200, expect.anything()]);
  const counts = new Map([...Map.groupBy(calls, (one) => one)].map(([name, all]) => [name, all.length]));
  const text = String(answer.body);
  if (path.includes("$graphql")) return { counts, results: (text.match(/"id"/g) ?? []).length };
  return { counts, results: text.startsWith("{") ? (text.match(/"fullUrl"/g) ?? []).length : (text.match(/[0-9a-f]{8}-/g) ?? []).length };
};

const documents: { readonly id: string; readonly identifier: string }[] = [];
let person = "";
/** By address, how it was with few documents. */
const before = new Map<string, Awaited<ReturnType<typeof countOf>>>();

const graph = (query: string): string => `/fhir/$graphql?query=${encodeURIComponent(query)}`;

const ADDRESSES = (): readonly string[] => [
  "/fhir/Bundle",
  "/fhir/Composition?_sort=-date",
  "/fhir/Composition?subject.identifier=J-4711&_include=*",
  "/fhir/Composition?_revinclude=Provenance:target&_include=Composition:author",
  "/fhir/DocumentReference",
  "/fhir/DocumentReference?status=superseded,current",
  `/fhir/DocumentReference?patient=Patient/${person}&_include=DocumentReference:subject`,
  "/fhir/List?_include=List:subject",
  "/fhir/Patient",
  `/fhir/Patient?identifier=${SYSTEM}|`,
  `/fhir/Patient?_id=${person}&_revinclude=Observation:subject`,
  "/fhir/Patient?_has:Observation:patient:code=2823-3",
  "/fhir/Patient?_revinclude=Composition:subject",
  "/fhir/Observation?patient.name=Brandt&_include=Observation:subject",
  `/fhir/Observation?patient=Patient/${person}`,
  `/fhir/Observation?_id=${documents.map(({ id }) => `${id}.4`).join(",")}`,
  `/fhir/Patient/${person}/$everything`,
  `/fhir/Patient/${person}/*`,
  `/fhir/Observation/$lastn?patient=Patient/${person}&category:missing=true&code=2823-3`,
  `/fhir/DocumentReference/$docref?patient=${person}`,
  graph("{ ObservationList { id subject { resource { ... on Patient { id } } } } }"),
  graph(
    "{ CompositionList { author { resource(optional: true) { id } } subject { resource { ... on Patient { ObservationList(_reference: patient) { id } } } } } }",
  ),
  graph("{ DocumentReferenceList { subject { resource { id } } relatesTo { target { resource { id } } } } }"),
  graph(`{ ${documents.map(({ id }, at) => `b${at}: Observation(id: "${id}.4") { id }`).join(" ")} }`),
  "/fhir/_history",
  "/fhir/Bundle/_history",
  "/fhir/Observation/_history",
  "/fhir/DocumentReference/_history",
  `/fhir/_history?_at=${new Date().toISOString()}`,
  `/patients/${person}`,
  "/?patient=Brandt",
  "/?q=Brandt",
];

beforeAll(async () => {
  house = await openHouse({ systems: new Set([SYSTEM]), watch });
  for (let at = 0; at < FEW; at += 1) documents.push(await deposit(at, documents.at(-2)?.identifier));
  const found = await ask(house.port, { path: `/fhir/Patient?identifier=${SYSTEM}|J-4711` });
  person = /"id":"(p-[0-9a-f]{40})"/.exec(String(found.body))?.[1] ?? "";
  for (const [at, path] of ADDRESSES().entries()) before.set(String(at), await countOf(path));
  for (let at = FEW; at < MANY; at += 1) documents.push(await deposit(at, documents.at(-2)?.identifier));
});
afterAll(() => house.close());

test("no request asks once for each of its results", async () => {
  const grown: string[] = [];
  for (const [at, path] of ADDRESSES().entries()) {
    const [few, many] = [before.get(String(at)), await countOf(path)];
    expect([path, many.results > (few?.results ?? 0)]).toEqual([path, true]);
    for (const [name, count] of many.counts) {
      const was = few?.counts.get(name) ?? 0;
      if (!OPENING.has(name) && count > was) grown.push(`${path.replaceAll(/[0-9a-f-]{36,}/g, "…").slice(0, 90)}: ${name} ${was} -> ${count}`);
    }
  }
  expect(grown).toEqual([]);
});

test("of a compartment only the types are asked about that refer to the patient at all", async () => {
  for (const id of [person, `${documents.at(-1)?.id ?? ""}.1`])
    for (const path of [`/fhir/Patient/${id}/$everything`, `/fhir/Patient/${id}/*`]) {
      const { counts, results } = await countOf(path);
      expect([path, results > 3]).toEqual([path, true]);
      // Of some sixty types that R4 names, with about a hundred parameters.
      expect([path, (counts.get("index referrers") ?? 0) < 30]).toEqual([path, true]);
    }
});
