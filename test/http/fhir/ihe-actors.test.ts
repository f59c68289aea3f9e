/** The actors of IHE that the CapabilityStatement says this service is, held to what their statements and texts demand; each option of QEDm (PCC-44) that it claims is asked by its parameters. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

interface TypeStatement {
  readonly type: string;
  readonly interaction?: readonly { readonly code: string }[];
  readonly searchParam?: readonly { readonly name: string }[];
  readonly supportedProfile?: readonly string[];
  readonly conditionalUpdate?: boolean;
  readonly operation?: readonly { readonly name: string; readonly definition: string }[];
}
interface Statement {
  readonly instantiates: readonly string[];
  readonly rest: readonly [
    { readonly documentation: string; readonly resource: readonly TypeStatement[]; readonly interaction: readonly { readonly code: string }[] },
  ];
}

const SYSTEM = "urn:oid:2.16.756.5.32.99";
const IHE = "https://profiles.ihe.net";
let house: House;
let patient = "";
let statement: Statement;

const get = async (path: string, of = house): Promise<readonly [number, string]> => {
  const { status, body } = await ask(of.port, { path: `/fhir/${path}`, headers: { Accept: "application/fhir+json" } });
  return [status, String(body)];
};
const statementOf = async (of: House): Promise<Statement> => JSON.parse((await get("metadata", of))[1]) as Statement;

/** A document with a resource of each of QEDm's types. */
function everything(): string {
  const document = JSON.parse(documentJson()) as {
    entry: { fullUrl: string; resource: { section?: { entry: object[] }[]; resourceType: string } }[];
  };
  const subject = { reference: document.entry[1]?.fullUrl };
  const code = { coding: [{ system: "http://snomed.info/sct", code: "38341003" }] };
  const medication = `urn:uuid:${randomUUID()}`;
  const laboratory = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "LAB" }] };
  const own: readonly (readonly [string, object, string?])[] = [
    [
      "AllergyIntolerance",
      {
        patient: subject,
        code,
        clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", code: "active" }] },
      },
    ],
    [
      "Condition",
      {
        subject,
        code,
        clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }] },
        category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-category", code: "encounter-diagnosis" }] }],
      },
    ],
    ["DiagnosticReport", { status: "final", subject, code, category: [laboratory], effectiveDateTime: "2026-03-13" }],
    ["Medication", { code }, medication],
    ["MedicationStatement", { status: "active", subject, medicationReference: { reference: medication } }],
    ["MedicationRequest", { status: "active", intent: "order", subject, medicationReference: { reference: medication } }],
    ["Immunization", { status: "completed", patient: subject, vaccineCode: code, occurrenceDateTime: "2026-03-13" }],
    ["Procedure", { status: "completed", subject, code, performedDateTime: "2026-03-13" }],
    [
      "Encounter",
      {
        status: "finished",
        subject,
        class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "IMP" },
        period: { start: "2026-03-10", end: "2026-03-14" },
      },
    ],
    [
      "Observation",
      {
        status: "final",
        subject,
        code,
        category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "vital-signs" }] }],
        effectiveDateTime: "2026-03-13",
        valueString: "x",
      },
    ],
  ];
  for (const [resourceType, more, fullUrl = `urn:uuid:${randomUUID()}`] of own) {
    document.entry.push({ fullUrl, resource: { resourceType, ...more } });
    document.entry[0]?.resource.section?.[0]?.entry.push({ reference: fullUrl });
  }
  return JSON.stringify(document);
}

beforeAll(async () => {
  house = await openHouse({ systems: new Set([SYSTEM]), hasIdentityFeed: true });
  const headers = { "Content-Type": "application/fhir+json" };
  const sent = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body: everything() });
  expect([sent.status, String(sent.body).slice(0, 2_000)]).toEqual([201, expect.anything()]);
  const [, text] = await get(`Patient?identifier=${SYSTEM}|J-4711`);
  patient = /"id":"(p-[0-9a-f]{40})"/.exec(text)?.[1] ?? "";
  statement = await statementOf(house);
});
afterAll(() => house.close());

const typed = (name: string): TypeStatement => statement.rest[0].resource.find(({ type }) => type === name) ?? { type: name };
const parametersOf = (name: string): readonly string[] => (typed(name).searchParam ?? []).map((one) => one.name);

describe("the statement names IHE's", () => {
  test("of the actors that it is, and of a manager of identities where it takes a feed alone", async () => {
    const always = [
      ...["", ".Comprehensive", ".UnContained", ".Simplified", ".Generate", ".Fdoc"].map(
        (option) => `ITI/MHD/CapabilityStatement/IHE.MHD.DocumentRecipient${option}`,
      ),
      "ITI/MHD/CapabilityStatement/IHE.MHD.DocumentResponder",
      "ITI/mXDE/CapabilityStatement/IHE.mXDE.DataElementExtractor",
      "PCC/QEDm/CapabilityStatement/IHE.QEDm.Clinical-Data-Source",
      "ITI/PDQm/CapabilityStatement/IHE.PDQm.PatientDemographicsSupplier",
    ].map((path) => `${IHE}/${path}`);
    expect(statement.instantiates.filter((url) => url.startsWith(IHE))).toEqual([...always, `${IHE}/ITI/PIXm/CapabilityStatement/IHE.PIXm.Manager`]);
    const plain = await openHouse();
    expect((await statementOf(plain)).instantiates.filter((url) => url.startsWith(IHE))).toEqual(always);
    await plain.close();
  });

  test("MHD's Document Responder: its interactions and parameters are there", () => {
    expect(parametersOf("DocumentReference")).toEqual(
      expect.arrayContaining(
        [
          "author",
          "category",
          "creation",
          "date",
          "event",
          "facility",
          "format",
          "identifier",
          "patient",
          "period",
          "related",
          "security-label",
          "setting",
          "status",
          "type",
        ].sort(),
      ),
    );
    expect(parametersOf("List")).toEqual(
      expect.arrayContaining(["code", "date", "designationType", "identifier", "patient", "source", "sourceId", "status"]),
    );
    for (const type of ["DocumentReference", "List"])
      expect(typed(type).interaction?.map(({ code }) => code)).toEqual(expect.arrayContaining(["read", "search-type"]));
    expect(typed("Binary").interaction?.map(({ code }) => code)).toEqual(expect.arrayContaining(["read"]));
    expect(statement.rest[0].interaction.map(({ code }) => code)).toEqual(expect.arrayContaining(["transaction", "search-system"]));
    expect(typed("DocumentReference").interaction?.map(({ code }) => code)).toContain("create");
    expect(typed("DocumentReference").operation).toContainEqual(
      expect.objectContaining({ name: "generate-metadata", definition: `${IHE}/ITI/MHD/OperationDefinition/generate-metadata` }),
    );
  });

  test("PDQm's and PIXm's: their parameters, the update and the operation are there", () => {
    expect(parametersOf("Patient")).toEqual(
      expect.arrayContaining([
        "active",
        "address",
        "address-city",
        "address-country",
        "address-postalcode",
        "address-state",
        "birthdate",
        "family",
        "gender",
        "given",
        "identifier",
        "mothersMaidenName",
        "telecom",
      ]),
    );
    expect(typed("Patient")).toMatchObject({
      conditionalUpdate: true,
      operation: expect.arrayContaining([expect.objectContaining({ name: "ihe-pix" })]),
    });
  });

  test("profiles that what is served may claim", () => {
    for (const type of ["DocumentReference", "List", "Provenance"]) expect(typed(type).supportedProfile?.length).toBeGreaterThan(0);
    expect(statement.rest[0].documentation).toContain("QEDm");
  });
});

describe("QEDm, option", () => {
  const when = ["ge2026-03-01", "gt2026-03-01", "le2026-04-01", "lt2026-04-01"];
  const dated = (query: string): string[] => when.map((one) => `${query}&date=${one}`);
  test.each<readonly [option: string, type: string, queries: readonly string[]]>([
    [
      "Simple Observations",
      "Observation",
      [
        "category=vital-signs",
        "category=vital-signs&code=38341003",
        ...dated("category=vital-signs"),
        ...dated("category=vital-signs&code=38341003"),
      ],
    ],
    ["Allergies and Intolerances", "AllergyIntolerance", [""]],
    ["Conditions", "Condition", ["", "category=encounter-diagnosis", "clinical-status=active"]],
    [
      "Diagnostic Reports",
      "DiagnosticReport",
      ["category=LAB", "category=LAB&code=38341003", ...dated("category=LAB"), ...dated("category=LAB&code=38341003")],
    ],
    ["Medications", "MedicationStatement", ["", "_include=MedicationStatement:medication"]],
    ["Medications", "MedicationRequest", ["", "_include=MedicationRequest:medication"]],
    ["Immunizations", "Immunization", [""]],
    ["Procedures", "Procedure", ["", ...dated("")]],
    ["Encounters", "Encounter", ["", ...dated("")]],
  ])("%s: %s, with the Provenance that leads to its document", async (_, type, queries) => {
    for (const query of queries) {
      const [status, text] = await get(`${type}?patient=Patient/${patient}&${query}&_revinclude=Provenance:target`.replace("&&", "&"));
      const { entry = [] } = JSON.parse(text) as { entry?: { resource: { resourceType: string }; search: { mode: string } }[] };
      const types = entry.map(({ resource, search }) => `${search.mode} ${resource.resourceType}`).sort();
      const included = [...(query.includes("_include") ? ["include Medication"] : []), "include Provenance"];
      expect([query, status, types]).toEqual([query, 200, [...included, `match ${type}`].sort()]);
    }
    const [, nobody] = await get(`${type}?patient=Patient/p-${"0".repeat(40)}`);
    expect(JSON.parse(nobody)).toMatchObject({ total: 0 });
  });

  test("Provenance: by target, of the form that mXDE's profile has", async () => {
    const [, found] = await get(`Procedure?patient=Patient/${patient}`);
    const target = /"id":"([^"]*\.\d+)"/.exec(found)?.[1] ?? "";
    const [status, text] = await get(`Provenance?target=Procedure/${target}`);
    expect(status).toBe(200);
    const { entry } = JSON.parse(text) as { entry: { resource: Readonly<Record<string, unknown>> }[] };
    expect(entry.map(({ resource }) => resource)).toEqual([
      expect.objectContaining({
        policy: ["urn:ihe:iti:mxde:2023:document-provenance-policy"],
        agent: [expect.objectContaining({ who: expect.objectContaining({ reference: "#chartulary-repository" }) })],
        entity: [{ role: "source", what: { reference: expect.stringMatching(/^DocumentReference\//) } }],
      }),
    ]);
    expect(entry[0]?.resource).not.toHaveProperty("modifierExtension");
  });

  test("a modifier that is none is refused, and :exact is none of a token", async () => {
    for (const query of ["category:exact=vital-signs", "code:nonsense=1", "patient:nonsense=1"])
      expect([query, (await get(`Observation?patient=Patient/${patient}&${query}`))[0]]).toEqual([query, 400]);
  });
});
