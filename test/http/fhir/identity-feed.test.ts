/** What an identity feed says (IHE ITI-104), who is found by it (ITI-78), and `$ihe-pix` (ITI-83): docs/design/identity-feed.md. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly meta: { readonly tag?: readonly { readonly code: string }[] };
  readonly active?: boolean;
  readonly link?: readonly { readonly other: { readonly reference: string }; readonly type: string }[];
  readonly subject?: { readonly reference: string };
  readonly [name: string]: unknown;
}
interface Issue {
  readonly code: string;
  readonly diagnostics?: string;
  readonly details?: { readonly text: string };
}

const SYSTEM = "urn:oid:2.16.756.5.32.99";
const OTHER = "http://other.example.org/ids";
const BASE = "https://documents.example.org/fhir";
const JSON_TYPE = "application/fhir+json";
let house: House;

const about = (value: string): string => documentJson().replace('"J-4711"', JSON.stringify(value));
const deposit = async (value: string): Promise<string> => {
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: { "Content-Type": JSON_TYPE }, body: about(value) });
  expect(answer.status).toBe(201);
  return answer.headers.location?.split("/").at(-3) ?? "";
};
const patient = (value: string, more: object = {}): object => ({
  ...{ resourceType: "Patient", identifier: [{ system: SYSTEM, value }], active: true },
  ...{ name: [{ family: `Mohr-${value}`, given: ["Alice"] }], gender: "female", birthDate: "1958-01-30" },
  ...more,
});
const replaced = (value: string, by: string): object =>
  patient(value, { active: false, link: [{ type: "replaced-by", other: { identifier: { system: SYSTEM, value: by } } }] });
interface Answer {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}
const feed = async (value: string, body: object | string, headers: Record<string, string> = {}, system = SYSTEM): Promise<Answer> => {
  const path = `/fhir/Patient?identifier=${encodeURIComponent(`${system}|${value}`)}`;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await ask(house.port, { method: "PUT", path, headers: { "Content-Type": JSON_TYPE, ...headers }, body: text });
  return { status: answer.status, body: String(answer.body), location: answer.headers.location };
};
const get = async (path: string, status = 200): Promise<Resource> => {
  const answer = await ask(house.port, { path: `/fhir/${path}` });
  expect([path, answer.status]).toEqual([path, status]);
  return JSON.parse(String(answer.body)) as Resource;
};
const search = async (query: string): Promise<Resource[]> =>
  ((await get(query))["entry"] as readonly { readonly resource: Resource }[] | undefined)?.map(({ resource }) => resource) ?? [];
const idsOf = async (query: string): Promise<string[]> => (await search(query)).map(({ id }) => id).sort();
const personOf = async (value: string, system = SYSTEM): Promise<Resource> => {
  const found = (await search(`Patient?identifier=${system}|${value}`)).filter(({ id }) => id.startsWith("p-"));
  expect([value, found.length]).toEqual([value, 1]);
  return found[0] as Resource;
};
const entries = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;
const issueOf = (text: string): Issue => (JSON.parse(text) as { issue: Issue[] }).issue[0] as Issue;

beforeEach(async () => {
  house = await openHouse({ systems: new Set([SYSTEM, OTHER]), hasIdentityFeed: true });
});
afterEach(() => house.close());

describe("a message", () => {
  test("opens a person: found before there is a document, and says that a feed said it", async () => {
    const { status, location, body } = await feed("1", patient("1"));
    expect([status, body]).toEqual([201, ""]);
    const person = await personOf("1");
    expect(location).toBe(`${BASE}/Patient/${person.id}`);
    expect(person.meta.tag?.map(({ code }) => code)).toEqual(["identity-feed"]);
    expect(person["name"]).toEqual([{ family: "Mohr-1", given: ["Alice"] }]);
    expect(await get(`Patient/${person.id}`)).toEqual(person);
  });

  test("by Prefer answers the Patient or an OperationOutcome, in JSON or XML", async () => {
    const returned = await feed("1", patient("1"), { Prefer: "return=representation" });
    expect(JSON.parse(returned.body)).toEqual(await personOf("1"));
    const told = await feed("1", patient("1"), { Prefer: "return=OperationOutcome" });
    expect([told.status, JSON.stringify(JSON.parse(told.body))]).toEqual([200, expect.stringContaining("nothing was entered")]);
    const xml = `<Patient xmlns="http://hl7.org/fhir"><identifier><system value="${SYSTEM}"/><value value="2"/></identifier></Patient>`;
    const inXml = await feed("2", xml, { "Content-Type": "application/fhir+xml", Accept: "application/fhir+xml", Prefer: "return=representation" });
    expect([inXml.status, inXml.body]).toEqual([201, expect.stringContaining("<Patient")]);
  });

  test("that is sent again changes nothing, in the other form too; a revision takes its place", async () => {
    const xml = `<Patient xmlns="http://hl7.org/fhir"><identifier><system value="${SYSTEM}"/><value value="1"/></identifier><gender value="male"/></Patient>`;
    const json = { resourceType: "Patient", identifier: [{ system: SYSTEM, value: "1" }], gender: "male" };
    expect((await feed("1", json)).status).toBe(201);
    expect((await feed("1", xml, { "Content-Type": "application/fhir+xml" })).status).toBe(200);
    const many = await Promise.all(Array.from({ length: 5 }, () => feed("1", patient("1"))));
    expect(many.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await entries()).toBe(2);
    expect((await personOf("1"))["gender"]).toBe("female");
    expect(await idsOf("Patient?gender=male")).toEqual([]);
  });

  test.each([
    ["no identifier", "/fhir/Patient", 400],
    ["another parameter", `/fhir/Patient?identifier=${SYSTEM}|1&name=x`, 400],
    ["two identifiers", `/fhir/Patient?identifier=${SYSTEM}|1&identifier=${SYSTEM}|2`, 400],
    ["no system", "/fhir/Patient?identifier=1", 400],
    ["a system that is not listed", "/fhir/Patient?identifier=urn:x|1", 422],
  ])("is refused with an address that has %s", async (_, path, status) => {
    const headers = { "Content-Type": JSON_TYPE };
    const answer = await ask(house.port, { method: "PUT", path, headers, body: JSON.stringify(patient("1")) });
    expect([answer.status, await entries()]).toEqual([status, 0]);
  });

  test.each([
    ["breaks a rule of R4", { ...patient("1"), gender: "unknowable" }, 422],
    ["is no JSON", "{", 400],
    ["is no Patient", { resourceType: "Group", type: "person", actual: true }, 422],
    ["replaces itself", replaced("1", "1"), 422],
  ])("is refused that %s", async (_, body, status) => {
    const answer = await feed("1", body);
    expect([answer.status, issueOf(answer.body).code === "", await entries()]).toEqual([status, false, 0]);
  });

  test("of another media type, another origin, or too long, is refused", async () => {
    expect((await feed("1", patient("1"), { "Content-Type": "text/plain" })).status).toBe(415);
    expect((await feed("1", patient("1"), { Origin: "https://elsewhere.example.org" })).status).toBe(403);
    expect((await feed("1", patient("1", { name: Array.from({ length: 100 }, () => ({ family: "x".repeat(6_000) })) }))).status).toBe(413);
  });

  test("that removes a Patient is refused in words", async () => {
    const answer = await ask(house.port, { method: "DELETE", path: `/fhir/Patient?identifier=${SYSTEM}|1` });
    expect([answer.status, String(answer.body)]).toEqual([405, expect.stringContaining("Remove Patient Option")]);
  });
});

describe("one who is replaced by another", () => {
  let ids: readonly string[];
  const everywhere = (place: number): string[] => ids.map((id) => `${id}.${place}`).sort();

  beforeEach(async () => {
    ids = [await deposit("1"), await deposit("2")];
    expect((await feed("1", patient("1"))).status).toBe(201);
    expect((await feed("2", replaced("2", "1"))).status).toBe(201);
  });

  test("is found under the one that is left, by either identifier, with all that either's documents say", async () => {
    const person = await personOf("1");
    expect((await personOf("2")).id).toBe(person.id);
    for (const value of ["1", "2"]) {
      const token = `${SYSTEM}|${value}`;
      expect(await idsOf(`Composition?subject:Patient.identifier=${token}`)).toEqual(everywhere(0));
      expect(await idsOf(`Composition?subject:Patient.identifier=${value}`)).toEqual(everywhere(0));
      expect(await idsOf(`DocumentReference?patient.identifier=${token}`)).toEqual([...ids].sort());
      expect(await idsOf(`Observation?patient.identifier=${token}`)).toEqual(everywhere(4));
    }
    expect(await idsOf(`Observation?subject=Patient/${person.id}`)).toEqual(everywhere(4));
    expect(await idsOf(`Patient/${person.id}/Observation`)).toEqual(everywhere(4));
    expect((await search(`Patient/${person.id}/$everything`)).filter(({ resourceType }) => resourceType === "Composition").length).toBe(2);
    expect(await idsOf(`Patient?_id=${person.id}&_revinclude=Observation:subject`)).toEqual([...everywhere(4), person.id].sort());
    const included = await idsOf(`DocumentReference?subject=Patient/${person.id}&_include=DocumentReference:subject`);
    expect(included).toEqual([...ids, person.id].sort());
    for (const id of ids) expect((await get(`DocumentReference/${id}`)).subject?.reference).toBe(`Patient/${person.id}`);
  });

  test("says so when it is read, and the one that is left says whom it replaces; no search gives the first", async () => {
    const person = await personOf("1");
    const [link] = person.link?.filter(({ type }) => type === "replaces") ?? [];
    const id = link?.other.reference.slice("Patient/".length) ?? "";
    const old = await get(`Patient/${id}`);
    expect([old.active, old.link?.[0]]).toEqual([false, { other: { reference: `Patient/${person.id}` }, type: "replaced-by" }]);
    expect(await idsOf("Patient?family=Mohr-2")).toEqual([]);
    expect(await idsOf(`Patient?_id=${id}`)).toEqual([person.id]);
    expect(await idsOf(`Observation?subject=Patient/${id}`)).toEqual(everywhere(4));
    const page = await ask(house.port, { path: `/patients/${id}` });
    expect([page.status, page.headers.location]).toEqual([303, expect.stringContaining(`/patients/${person.id}`)]);
    const left = await ask(house.port, { path: `/patients/${person.id}` });
    for (const one of ids) expect(String(left.body)).toContain(one);
    for (const question of ["q=1", "q=2", "identifier=1", "identifier=2"]) {
      const start = String((await ask(house.port, { path: `/?${question}` })).body);
      for (const one of ids) expect([question, start.includes(one)]).toEqual([question, true]);
    }
  });

  test("stands by itself again when the feed says so, and everything with it", async () => {
    expect((await feed("2", patient("2"))).status).toBe(200);
    expect((await personOf("2")).id).not.toBe((await personOf("1")).id);
    expect(await idsOf(`Composition?subject:Patient.identifier=${SYSTEM}|1`)).toEqual([`${ids[0]}.0`]);
    expect(await idsOf(`Composition?subject:Patient.identifier=${SYSTEM}|2`)).toEqual([`${ids[1]}.0`]);
    expect((await personOf("1")).link?.some(({ type }) => type === "replaces")).toBe(false);
  });

  test("may be replaced by one who is replaced in turn, but never goes in a circle", async () => {
    expect((await feed("1", replaced("1", "3"))).status).toBe(200);
    const chained = await feed("3", replaced("3", "2"));
    expect([chained.status, issueOf(chained.body).details?.text]).toEqual([422, expect.stringContaining("by itself")]);
    expect(await idsOf(`Composition?subject:Patient.identifier=${SYSTEM}|3`)).toEqual(everywhere(0));
    expect((await personOf("3")).link?.filter(({ type }) => type === "replaces").length).toBe(2);
  });

  test("leaves with its documents alone when these are erased", async () => {
    await house.erase(ids[1] ?? "");
    expect(await idsOf(`Composition?subject:Patient.identifier=${SYSTEM}|1`)).toEqual([`${ids[0]}.0`]);
    expect(await idsOf(`Patient?identifier=${SYSTEM}|2`)).toEqual([`${ids[0]}.1`, (await personOf("1")).id].sort());
  });
});

describe("Patients are searched (ITI-78)", () => {
  beforeEach(async () => {
    const address = [{ line: ["Elm Street 3"], city: "Basel", state: "BS", postalCode: "4051", country: "CH" }];
    await feed("1", patient("1", { telecom: [{ system: "phone", value: "+41 61 555" }], address }));
    await feed("2", patient("2", { gender: "male", birthDate: "1960-05" }));
  });

  test.each([
    "family=Mohr-1",
    "given=alice&family=mohr-1",
    "birthdate=1958-01-30",
    "birthdate=lt1959",
    "gender=female",
    "telecom=%2B41%2061%20555",
    "address=elm",
    "address-city=basel",
    "address-country=CH",
    "address-postalcode=4051",
    "address-state=BS",
    "active=true&gender=female",
    `identifier=${SYSTEM}|1`,
    `identifier=${SYSTEM}|&gender=female`,
    "_lastUpdated=gt2000&gender=female",
  ])("by %s", async (query) => {
    const found = await search(`Patient?${query}`);
    expect([query, found.map((one) => one["name"])]).toEqual([query, [[{ family: "Mohr-1", given: ["Alice"] }]]]);
  });

  test("by mothersMaidenName, which is an extension", async () => {
    const url = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName";
    expect((await feed("1", patient("1", { extension: [{ url, valueString: "Grünwald" }] }))).status).toBe(200);
    for (const query of ["mothersMaidenName=grun", "mothersMaidenName:exact=Gr%C3%BCnwald", "mothersMaidenName:contains=wald"])
      expect([query, (await search(`Patient?${query}`)).length]).toEqual([query, 1]);
    expect(await search("Patient?mothersMaidenName=mohr")).toEqual([]);
  });

  test("sorted and in pages", async () => {
    expect((await search("Patient?_sort=-family")).map(({ name }) => JSON.stringify(name))).toEqual([
      expect.stringContaining("Mohr-2"),
      expect.stringContaining("Mohr-1"),
    ]);
    expect((await get("Patient?_count=1"))["total"]).toBe(2);
    expect((await get("Patient?_summary=count"))["total"]).toBe(2);
  });

  test("messages are no documents: in no list, no history, no Bundle", async () => {
    expect(await idsOf("Bundle")).toEqual([]);
    expect(await idsOf("Composition")).toEqual([]);
    expect(await search("Patient/_history")).toEqual([]);
    expect(await search("_history")).toEqual([]);
    expect(String((await ask(house.port, { path: "/" })).body)).not.toContain("Mohr");
  });
});

describe("$ihe-pix", () => {
  const pix = async (query: string, status = 200): Promise<Resource> => get(`Patient/$ihe-pix?${query}`, status);
  const parameters = async (query: string): Promise<unknown[]> =>
    ((await pix(query))["parameter"] as readonly { name: string; valueIdentifier?: { value: string }; valueReference?: { reference: string } }[]).map(
      ({ name, valueIdentifier, valueReference }) => [name, valueIdentifier?.value ?? valueReference?.reference],
    );

  beforeEach(async () => {
    await deposit("9");
    const both = [
      { system: SYSTEM, value: "1" },
      { system: OTHER, value: "x" },
      { system: "urn:not-listed", value: "n" },
    ];
    await feed("1", patient("1", { identifier: both }));
  });

  test("gives the other identifiers of a person, and the Patient here", async () => {
    const { id } = await personOf("1");
    const target = ["targetId", `Patient/${id}`];
    expect(await parameters(`sourceIdentifier=${SYSTEM}|1`)).toEqual([["targetIdentifier", "x"], target]);
    expect(await parameters(`sourceIdentifier=${OTHER}|x`)).toEqual([["targetIdentifier", "1"], target]);
    expect(await parameters(`sourceIdentifier=${OTHER}|x&targetSystem=${OTHER}`)).toEqual([target]);
    expect(await parameters(`sourceIdentifier=${OTHER}|x&targetSystem=${OTHER}&targetSystem=${SYSTEM}`)).toEqual([["targetIdentifier", "1"], target]);
  });

  test("follows who was replaced, and gives no identifier of theirs", async () => {
    await feed("2", replaced("2", "1"));
    const { id } = await personOf("1");
    expect(await parameters(`sourceIdentifier=${SYSTEM}|2`)).toEqual([
      ["targetIdentifier", "1"],
      ["targetIdentifier", "x"],
      ["targetId", `Patient/${id}`],
    ]);
    expect(await parameters(`sourceIdentifier=${SYSTEM}|1`)).toEqual([
      ["targetIdentifier", "x"],
      ["targetId", `Patient/${id}`],
    ]);
    await feed("2", patient("2"));
    expect(await parameters(`sourceIdentifier=${SYSTEM}|2`)).toEqual([["targetId", `Patient/${(await personOf("2")).id}`]]);
  });

  test("is called by POST too", async () => {
    const body = JSON.stringify({ resourceType: "Parameters", parameter: [{ name: "sourceIdentifier", valueString: `${SYSTEM}|1` }] });
    const answer = await ask(house.port, { method: "POST", path: "/fhir/Patient/$ihe-pix", headers: { "Content-Type": JSON_TYPE }, body });
    expect([answer.status, String(answer.body)]).toEqual([200, expect.stringContaining('"x"')]);
  });

  test.each([
    ["what documents alone say", `sourceIdentifier=${SYSTEM}|9`, 404, "not-found", "sourceIdentifier Patient Identifier not found"],
    ["a strange domain", "sourceIdentifier=urn:not-listed|n", 400, "code-invalid", "sourceIdentifier Assigning Authority not found"],
    ["a strange target", `sourceIdentifier=${SYSTEM}|1&targetSystem=urn:not-listed`, 403, "code-invalid", "targetSystem not found"],
  ])("answers %s in the words of ITI-83", async (_, query, status, code, diagnostics) => {
    const outcome = await pix(query, status);
    expect((outcome["issue"] as Issue[])[0]).toMatchObject({ code, diagnostics });
  });

  test.each(["", `sourceIdentifier=1`, `sourceIdentifier=${SYSTEM}|1&sourceIdentifier=${SYSTEM}|2`, `sourceIdentifier=${SYSTEM}|1&x=y`])(
    "refuses %j",
    async (query) => void (await pix(query, 400)),
  );
});

test("the CapabilityStatement says what is taken and answered, and nothing where it is not", async () => {
  const patientIn = async (): Promise<string> =>
    JSON.stringify(((await get("metadata"))["rest"] as [{ resource: { type: string }[] }])[0].resource.find(({ type }) => type === "Patient"));
  const said = await patientIn();
  for (const words of ['"conditionalUpdate":true', '"code":"update"', '"ihe-pix"', "IHE.PIXm.pix"]) expect(said).toContain(words);
  expect(await get("OperationDefinition/IHE.PIXm.pix")).toMatchObject({ code: "ihe-pix", type: true, instance: false, affectsState: false });
  await house.close();
  house = await openHouse({ systems: new Set([SYSTEM]) });
  expect(await patientIn()).toContain('"conditionalUpdate":false');
  const refused = await feed("1", patient("1"));
  expect([refused.status, refused.body]).toEqual([405, expect.stringContaining("IDENTITY_FEED=1")]);
});
