/** What is made of each document: DocumentReference, List, Provenances (docs/design/search.md). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}
interface Bundle {
  readonly entry?: readonly { readonly resource: Resource; readonly search: { readonly mode: string } }[];
}

const BASE = "https://documents.example.org/fhir";
const SYSTEM = "urn:oid:2.16.756.5.32.99";
const SIGNED = readFileSync(new URL("../../../fixtures/documents/valid/operation-report-signed.json", import.meta.url), "utf8");
const IDENTIFIER = "urn:uuid:1b7f1f52-3f31-4f56-8b3c-6a6c5b0a2a10";
let house: House;
let [first, second, signed]: string[] = [];

const deposit = async (body: string): Promise<string> => {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": "application/fhir+json" }, body });
  expect([answer.status, String(answer.body).slice(0, 300)]).toEqual([201, expect.anything()]);
  return answer.headers.location?.split("/").at(-3) ?? "";
};
const text = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
  const answer = await ask(house.port, { path: `/fhir/${path}`, headers });
  expect([path, answer.status]).toEqual([path, 200]);
  return String(answer.body);
};
const get = async (path: string): Promise<Resource> => JSON.parse(await text(path)) as Resource;
const found = async (query: string): Promise<string[]> => {
  const { entry = [] } = JSON.parse(await text(query)) as Bundle;
  return entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
};

const ENCOUNTER = `{ "fullUrl": "urn:uuid:e", "resource": { "resourceType": "Encounter", "status": "finished",
  "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP" },
  "serviceType": { "text": "Nephrology" }, "location": [{ "location": { "reference": "urn:uuid:l" } }] } },
  { "fullUrl": "urn:uuid:l", "resource": { "resourceType": "Location", "name": "Ward 4", "type": [{ "text": "Hospital ward" }] } },`;
const withStay = (document: string): string =>
  document
    .replace('"title": "Discharge letter"', '"encounter": { "reference": "urn:uuid:e" }, "confidentiality": "R", "title": "Discharge letter"')
    .replace('{ "fullUrl": "urn:uuid:6a9df0d6', `${ENCOUNTER} { "fullUrl": "urn:uuid:6a9df0d6`);
const uuids = (document: string): string =>
  document
    .replaceAll('"urn:uuid:e"', '"urn:uuid:11111111-1111-4111-8111-111111111111"')
    .replaceAll('"urn:uuid:l"', '"urn:uuid:22222222-2222-4222-8222-222222222222"');

beforeAll(async () => {
  house = await openHouse({ systems: new Set([SYSTEM]) });
  first = await deposit(documentJson({ identifier: IDENTIFIER }));
  second = await deposit(uuids(withStay(documentJson({ replaces: IDENTIFIER }))));
  signed = await deposit(SIGNED);
});
afterAll(() => house.close());

describe("the DocumentReference", () => {
  test("tells what the document says, what it weighs, and which documents it stands to", async () => {
    const made = await get(`DocumentReference/${second}`);
    const original = await text(`Binary/${second}`);
    expect(made).toMatchObject({
      id: second,
      status: "current",
      subject: { reference: expect.stringMatching(/^Patient\/p-/) },
      type: { coding: [{ code: "18842-5" }] },
      author: [{ reference: `Practitioner/${second}.4` }],
      custodian: { reference: `Organization/${second}.5` },
      description: "Discharge letter",
      securityLabel: [{ coding: [{ code: "R" }] }],
      relatesTo: [{ code: "replaces", target: { reference: `DocumentReference/${first}`, identifier: { value: IDENTIFIER } } }],
      content: [
        {
          attachment: {
            contentType: "application/fhir+json",
            url: `${BASE}/Binary/${second}.document`,
            size: Buffer.byteLength(original),
            hash: createHash("sha1").update(original).digest("base64"),
            creation: "2026-03-14T09:00:00+01:00",
          },
          format: { code: "urn:ihe:iti:xds:2017:mimeTypeSufficient" },
        },
      ],
      context: {
        encounter: [{ reference: `Encounter/${second}.2` }],
        facilityType: { text: "Hospital ward" },
        practiceSetting: { text: "Nephrology" },
        sourcePatientInfo: { reference: `Patient/${second}.1` },
      },
    });
    expect(await get(`DocumentReference/${first}`)).toMatchObject({ status: "superseded", masterIdentifier: { value: IDENTIFIER } });
  });

  test("is found by when it came, and by what it says of the stay", async () => {
    const { date } = (await get(`DocumentReference/${second}`)) as unknown as { readonly date: string };
    expect(await found(`DocumentReference?date=${date.slice(0, 10)}&_count=9`)).toContain(`DocumentReference/${second}`);
    expect(await found("DocumentReference?setting:text=nephrology")).toEqual([`DocumentReference/${second}`]);
    expect(await found("DocumentReference?facility:text=hospital")).toEqual([`DocumentReference/${second}`]);
    expect((await found("DocumentReference?contenttype=application/fhir%2Bjson")).length).toBe(3);
    expect(await found(`DocumentReference?identifier=${IDENTIFIER}`)).toEqual([`DocumentReference/${first}`]);
  });
});

describe("the List", () => {
  test("is the submission of the document, and leads to it", async () => {
    const made = await get(`List/${second}`);
    expect(made).toMatchObject({
      status: "current",
      mode: "working",
      code: { coding: [{ code: "submissionset" }] },
      subject: { reference: expect.stringMatching(/^Patient\/p-/) },
      source: { reference: `Practitioner/${second}.4` },
      entry: [{ item: { reference: `DocumentReference/${second}` } }],
      extension: [{ valueCodeableConcept: { coding: [{ code: "18842-5" }] } }, { valueIdentifier: { value: BASE } }],
    });
    expect(await found("List?code=submissionset&source.family=Okafor&_count=9")).toEqual([`List/${second}`, `List/${first}`]);
    expect(await found(`List?_id=${first}&_include=List:item`)).toEqual([`List/${first}`, `DocumentReference/${first}`]);
    expect(await found(`DocumentReference?_list=${first}`)).toEqual([`DocumentReference/${first}`]);
    const { subject } = made as unknown as { readonly subject: { readonly reference: string } };
    expect(await found(`List?patient=${subject.reference}&status=current`)).toEqual([`List/${second}`, `List/${first}`]);
  });

  test("is written in XML in the order of its elements", async () => {
    const xml = await text(`List/${second}`, { Accept: "application/fhir+xml" });
    const places = ["<identifier>", "<status ", "<mode ", "<title ", "<code>", "<subject>", "<date ", "<source>", "<entry>"].map((one) =>
      xml.indexOf(one),
    );
    expect(places.every((place) => place > 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });
});

describe("Provenances", () => {
  test("lead from what was taken out of a document back to it, and say that it is not attested", async () => {
    const [match, ...included] = await found(`Observation?_id=${second}.6&_revinclude=Provenance:target`);
    expect([match, included]).toEqual([`Observation/${second}.6`, [`Provenance/${second}.extraction`]]);
    const made = await get(`Provenance/${second}.extraction`);
    expect(made).toMatchObject({
      activity: { text: expect.stringContaining("not") },
      entity: [{ role: "source", what: { reference: `DocumentReference/${second}` } }],
      meta: { tag: [{ code: "extracted" }] },
    });
    const targets = (made["target"] as { readonly reference: string }[]).map(({ reference }) => reference);
    for (const target of targets) expect((await get(target)).id).toBe(target.split("/")[1]);
    expect(targets).toContain(`Observation/${second}.6`);
    expect(await found(`Provenance?_id=${second}.extraction&_include=Provenance:entity`)).toEqual([
      `Provenance/${second}.extraction`,
      `DocumentReference/${second}`,
    ]);
  });

  test("hold our seal", async () => {
    expect(await found(`Provenance?target=Bundle/${first}`)).toEqual([`Provenance/${first}.seal`]);
    expect(await found(`Bundle?_id=${first}&_revinclude=Provenance:target`)).toEqual([`Bundle/${first}`, `Provenance/${first}.seal`]);
    const made = await get(`Provenance/${first}.seal`);
    expect(made).toMatchObject({
      id: `${first}.seal`,
      target: [{ reference: `Bundle/${first}/_history/1` }],
      signature: [{ sigFormat: "application/jose" }],
    });
  });

  test("hold the signature that a document came with, as it says of itself", async () => {
    expect((await found(`Provenance?target=Bundle/${signed}`)).sort()).toEqual([`Provenance/${signed}.seal`, `Provenance/${signed}.signature-1`]);
    const made = await get(`Provenance/${signed}.signature-1`);
    const { signature } = JSON.parse(SIGNED) as { readonly signature: { readonly data: string; readonly when: string } };
    expect(made).toMatchObject({ recorded: signature.when, signature: [{ data: signature.data }] });
    expect((await ask(house.port, { path: `/fhir/Provenance/${first}.signature-1` })).status).toBe(404);
  });

  test("end with their document", async () => {
    const id = await deposit(documentJson());
    await house.erase(id);
    for (const path of [`Provenance/${id}.seal`, `List/${id}`, `DocumentReference/${id}`])
      expect((await ask(house.port, { path: `/fhir/${path}` })).status).toBe(410);
    expect(await found(`Provenance?target=Bundle/${id}`)).toEqual([]);
  });
});

test("what is made is valid R4", async () => {
  const person = (await found(`DocumentReference?_id=${first}&_include=DocumentReference:subject`)).at(-1) ?? "";
  for (const path of [
    person,
    `DocumentReference/${second}`,
    `List/${second}`,
    ...["seal", "extraction"].map((one) => `Provenance/${second}.${one}`),
    `Provenance/${signed}.signature-1`,
  ]) {
    const body = await text(path);
    const headers = { "Content-Type": "application/fhir+json" };
    const answer = await ask(house.port, { method: "POST", path: `/fhir/${path.split("/")[0] ?? ""}/$validate`, headers, body });
    const { issue } = JSON.parse(String(answer.body)) as { readonly issue: readonly { readonly severity: string; readonly diagnostics?: string }[] };
    expect([path, issue.filter(({ severity }) => severity === "error" || severity === "fatal")]).toEqual([path, []]);
  }
});
