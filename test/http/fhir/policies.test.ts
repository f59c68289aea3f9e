/** What a policy decides about a document, everything goes by afterwards: the record says it, and search, supersession and what is taken out of it use it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Policy } from "../../../src/pipeline/validate/policy.ts";
import { createInlineWork } from "../../../src/pipeline/work/inline-work.ts";
import { aDocument, compositionOf, entries, resourceAt, type Plain } from "../../pipeline/validate/a-document.ts";
import { ours } from "../../pipeline/validate/a-policy.ts";
import { openHouse, PLAIN_PAGES, TOOLS, type House } from "../house.ts";
import { ask } from "../local-server.ts";

const LOINC = "http://loinc.org";
/** Summaries strictly; what else comes by type and id. */
const POLICY: Policy = {
  ...ours("references"),
  version: "house/1",
  cases: [{ types: [{ system: LOINC, code: "60591-5" }], policy: ours("strict") }],
};
const NAMES = ["Patient/1", "Practitioner/1", "Observation/1"];
let house: House;
let first: string;
let second: string;

/** Composition, Patient, Practitioner and Observation, which refer to each other by type and id alone. */
function document(number: number, composition: Plain = {}): Plain {
  const made = aDocument();
  made["identifier"] = { system: "urn:ietf:rfc:3986", value: identifierOf(number) };
  NAMES.forEach((_, at) => (resourceAt(made, at + 1)["id"] = "1"));
  resourceAt(made, 1)["identifier"] = [{ system: "urn:oid:1.2.3", value: "4711" }];
  const text = JSON.stringify(made, (name, value: unknown) => {
    const at = entries(made).findIndex(({ fullUrl }) => fullUrl === value);
    return name === "reference" && at > 0 ? NAMES[at - 1] : value;
  });
  const changed = JSON.parse(text) as Plain;
  Object.assign(compositionOf(changed), composition);
  return changed;
}

function identifierOf(number: number): string {
  return `urn:uuid:00000000-0000-4000-8000-00000000010${number}`;
}

async function post(body: Plain): Promise<{ readonly status: number; readonly id: string; readonly text: string }> {
  const headers = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body: JSON.stringify(body) });
  return { status: answer.status, id: answer.headers.location?.split("/").at(-3) ?? "", text: String(answer.body) };
}

async function get<T>(path: string): Promise<T> {
  return JSON.parse(String((await ask(house.port, { path, headers: { Accept: "application/fhir+json" } })).body)) as T;
}

async function found(query: string): Promise<string[]> {
  const { entry = [] } = await get<{ entry?: { resource: { id: string } }[] }>(`/fhir/${query}`);
  return entry.map(({ resource }) => resource.id);
}

beforeAll(async () => {
  house = await openHouse({
    workWith: (tools) =>
      createInlineWork({ ...TOOLS, ...tools, validator: TOOLS.validator.under(POLICY), pages: () => Promise.resolve(PLAIN_PAGES) }),
  });
  const target = { system: "urn:ietf:rfc:3986", value: identifierOf(1) };
  const answers = [await post(document(1)), await post(document(2, { relatesTo: [{ code: "replaces", targetIdentifier: target }] }))];
  expect(answers.map(({ status, text }) => (status === 201 ? 201 : text))).toEqual([201, 201]);
  [first, second] = answers.map(({ id }) => id) as [string, string];
});
afterAll(() => house.close());

test("the record names the policy, each reference that it decided about, and what it let pass", async () => {
  const record = await get<Plain>(`/documents/${first}/record`);
  expect(record["versions"]).toMatchObject({ policy: "house/1" });
  expect(record["decisions"]).toEqual([
    { kind: "reference", by: "house/1", from: 0, reference: "Patient/1", to: 1 },
    { kind: "reference", by: "house/1", from: 0, reference: "Practitioner/1", to: 2 },
    { kind: "reference", by: "house/1", from: 0, reference: "Observation/1", to: 3 },
    { kind: "reference", by: "house/1", from: 3, reference: "Patient/1", to: 1 },
    { kind: "rule", by: "house/1", rule: "reference-full-url", count: 4 },
  ]);
});

test("it is found by its patient, and so is what is in it", async () => {
  expect(await found("Bundle?composition.patient.identifier=urn:oid:1.2.3%7C4711&-with-superseded=true")).toHaveLength(2);
  expect(await found("Observation?patient.name=example")).toEqual([`${second}.3`]);
});

test("what replaces it is confirmed: both have the same patient", async () => {
  expect(await found("Observation?patient.name=example&-with-superseded=true")).toHaveLength(2);
});

test("what is taken out of it leads to the patient of the document", async () => {
  const observation = await get<{ subject: { reference: string } }>(`/fhir/Observation/${second}.3`);
  expect(observation.subject.reference).toBe(`Patient/${second}.1`);
});

test("the document itself is given back as it came", async () => {
  const { entry } = await get<{ entry: { resource: Plain }[] }>(`/fhir/Bundle/${second}`);
  expect(entry[0]?.resource["subject"]).toEqual({ reference: "Patient/1" });
});

test("of a type that has a case of its own, that policy counts", async () => {
  const { status, text } = await post(document(3, { type: { coding: [{ system: LOINC, code: "60591-5" }] } }));
  expect([status, text]).toEqual([422, expect.stringContaining("composition-reference-unresolved")]);
});
