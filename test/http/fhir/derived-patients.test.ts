/** The one Patient of a person in all documents (docs/design/search.md, derived Patients). */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly meta: { readonly source?: string; readonly tag?: readonly { readonly code: string }[] };
  readonly link?: readonly { readonly other: { readonly reference: string }; readonly type: string }[];
  readonly subject?: { readonly reference: string };
  readonly [name: string]: unknown;
}
interface Bundle {
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly { readonly resource: Resource; readonly search: { readonly mode: string } }[];
}

const SYSTEM = "urn:oid:2.16.756.5.32.99";
const OTHER = "urn:oid:2.16.756.5.30.1";
const BASE = "https://documents.example.org/fhir";
let house: House;

const deposit = async (body: string): Promise<string> => {
  const headers = { "Content-Type": "application/fhir+json" };
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body });
  expect([answer.status, String(answer.body).slice(0, 300)]).toEqual([201, expect.anything()]);
  return answer.headers.location?.split("/").at(-3) ?? "";
};
const get = async (path: string, status = 200): Promise<Resource> => {
  const answer = await ask(house.port, { path: `/fhir/${path}` });
  expect([path, answer.status]).toEqual([path, status]);
  return JSON.parse(String(answer.body)) as Resource;
};
const search = async (query: string): Promise<Resource[]> => ((await get(query)) as unknown as Bundle).entry?.map(({ resource }) => resource) ?? [];
const idsOf = async (query: string): Promise<string[]> => (await search(query)).map(({ resourceType, id }) => `${resourceType}/${id}`);
const isDerived = ({ meta }: Resource): boolean => meta.tag?.some(({ code }) => code === "derived") === true;
const theOne = async (query: string): Promise<Resource> => {
  const found = (await search(query)).filter(isDerived);
  expect([query, found.length]).toEqual([query, 1]);
  return found[0] as Resource;
};
const named = (family: string, options: Parameters<typeof documentJson>[0] = {}): string => documentJson(options).replaceAll("Brandt", family);

beforeEach(async () => {
  house = await openHouse({ systems: new Set([SYSTEM, OTHER]) });
});
afterEach(() => house.close());

describe("a derived Patient", () => {
  test("says what the newest document says, whence, that it is not attested, and leads to every copy", async () => {
    const first = await deposit(named("Brandt"));
    const second = await deposit(named("Brandt-Keller"));
    const person = await theOne(`Patient?identifier=${SYSTEM}|J-4711`);
    expect(person.id).toMatch(/^p-[0-9a-f]{40}$/);
    expect(person["name"]).toEqual([{ family: "Brandt-Keller", given: ["Ada"] }]);
    expect(person.meta.source).toBe(`${BASE}/Bundle/${second}`);
    expect(person.meta.tag?.map(({ code }) => code)).toEqual(["extracted", "derived"]);
    expect(person["text"]).toBeUndefined();
    expect(person.link).toEqual([second, first].map((id) => ({ other: { reference: `Patient/${id}.1` }, type: "seealso" })));
    for (const { other } of person.link ?? []) await get(other.reference);
    expect(await get(`Patient/${person.id}`)).toEqual(person);
    await get(`Patient/${person.id}/_history/1`, 404);
    await get(`Patient/p-${"0".repeat(40)}`, 404);
  });

  test("is called the same from one opening to the next, and by nothing of the identifier", async () => {
    await deposit(named("Brandt"));
    const { id } = await theOne("Patient?family=Brandt");
    expect(id).toBe(`p-${(await house.keys.personKeyOf(SYSTEM, "J-4711")).slice(0, 40)}`);
  });

  test("is found by what its newest document says, and by what an earlier one said no more", async () => {
    await deposit(named("Brandt"));
    await deposit(named("Keller"));
    await theOne("Patient?family=Keller");
    expect((await search("Patient?family=Brandt")).filter(isDerived)).toEqual([]);
    expect((await search("Patient?family=Brandt")).length).toBe(1);
    await theOne("Patient?birthdate=1951-05-02&gender=female");
  });

  test("stands for every copy where others refer to it", async () => {
    const ids = [await deposit(named("Brandt")), await deposit(named("Brandt"))];
    const stranger = await deposit(documentJson().replace("J-4711", "J-4712"));
    const { id } = await theOne("Patient?identifier=J-4711");
    const observations = ids.map((one) => `Observation/${one}.4`).reverse();
    for (const parameter of [
      `patient=Patient/${id}`,
      `subject=Patient/${id}`,
      `subject=${id}`,
      `patient=${BASE}/Patient/${id}`,
      `subject:Patient=${id}`,
    ])
      expect([parameter, await idsOf(`Observation?${parameter}`)]).toEqual([parameter, observations]);
    expect(await idsOf(`Observation?patient=Patient/${ids[0] ?? ""}.1`)).toEqual([`Observation/${ids[0] ?? ""}.4`]);
    expect(await idsOf(`Patient/${id}/Observation`)).toEqual(observations);
    expect(await idsOf(`Patient/${id}/DocumentReference`)).toEqual(ids.map((one) => `DocumentReference/${one}`).reverse());
    expect(await idsOf(`Composition?subject=Patient/${id}`)).toEqual(ids.map((one) => `Composition/${one}.0`).reverse());
    expect(await idsOf(`DocumentReference?patient=Patient/${id}`)).toEqual(ids.map((one) => `DocumentReference/${one}`).reverse());
    const all = (await get(`Observation?patient:not=x`, 400)).resourceType;
    expect(all).toBe("OperationOutcome");
    expect((await idsOf(`Observation`)).length).toBe(3);
    expect(await idsOf(`DocumentReference?patient=Patient/${stranger}.1`)).toEqual([`DocumentReference/${stranger}`]);
  });

  test("is whom a DocumentReference is about, is included by it, and includes what refers to any copy", async () => {
    const ids = [await deposit(named("Brandt")), await deposit(named("Keller"))];
    const { id } = await theOne("Patient?identifier=J-4711");
    for (const one of ids) expect((await get(`DocumentReference/${one}`)).subject?.reference).toBe(`Patient/${id}`);
    expect(await idsOf(`DocumentReference?_id=${ids[0] ?? ""}&_include=DocumentReference:subject`)).toEqual([
      `DocumentReference/${ids[0] ?? ""}`,
      `Patient/${id}`,
    ]);
    const around = await idsOf(`Patient?_id=${id}&_revinclude=Observation:patient`);
    expect(around.sort()).toEqual([...ids.map((one) => `Observation/${one}.4`), `Patient/${id}`].sort());
    await theOne("Patient?_has:Observation:patient:code=2823-3&_count=1");
    expect((await search("Patient?_has:Observation:patient:code=none")).length).toBe(0);
  });

  test("is of the documents that are neither superseded nor entered in error, as long as there is one", async () => {
    const identifier = "urn:uuid:7f1f5c7e-8a55-4ad8-9c0b-0f6f5c1b7a01";
    const kept = await deposit(named("Brandt"));
    await deposit(named("Wrong", { identifier }));
    expect((await theOne("Patient?identifier=J-4711"))["name"]).toMatchObject([{ family: "Wrong" }]);
    const later = await deposit(
      named("Brandt", { replaces: identifier }).replace('"status": "final",\n        "type"', '"status": "entered-in-error",\n        "type"'),
    );
    const person = await theOne("Patient?identifier=J-4711");
    expect(person["name"]).toMatchObject([{ family: "Brandt" }]);
    expect(person.meta.source).toBe(`${BASE}/Bundle/${kept}`);
    expect(person.link?.length).toBe(3);
    await house.erase(kept);
    const last = await get(`Patient/${person.id}`);
    expect(last.meta.source).toBe(`${BASE}/Bundle/${later}`);
    expect((await search("Patient?identifier=J-4711")).filter(isDerived)).toEqual([]);
  });

  test("ends with the last of its documents", async () => {
    const ids = [await deposit(named("Brandt")), await deposit(named("Brandt"))];
    const { id } = await theOne("Patient?identifier=J-4711");
    await house.erase(ids[1] ?? "");
    expect((await get(`Patient/${id}`)).link?.length).toBe(1);
    await house.erase(ids[0] ?? "");
    await get(`Patient/${id}`, 404);
    expect(await search(`Patient?_id=${id}`)).toEqual([]);
    expect(await search(`Observation?patient=Patient/${id}`)).toEqual([]);
  });

  test("is one for each identifier, and the first listed is whom the document is about", async () => {
    const both = named("Brandt").replace('"value": "J-4711" }', `"value": "J-4711" }, { "system": "${OTHER}", "value": "756.1" }`);
    const id = await deposit(both);
    const [one, other] = [
      await theOne("Patient?_id=" + (await personOf("J-4711", SYSTEM))),
      await theOne("Patient?_id=" + (await personOf("756.1", OTHER))),
    ];
    expect(one.id).not.toBe(other.id);
    expect((await get(`DocumentReference/${id}`)).subject?.reference).toBe(`Patient/${one.id}`);
    for (const person of [one, other]) expect(await idsOf(`DocumentReference?patient=Patient/${person.id}`)).toEqual([`DocumentReference/${id}`]);
    expect((await search("Patient?family=Brandt")).filter(isDerived).length).toBe(2);
  });

  test("pages of people repeat and miss nobody while documents arrive", async () => {
    for (let at = 0; at < 5; at++) for (let again = 0; again < 2; again++) await deposit(documentJson().replace("J-4711", `J-${at}`));
    const wanted = (await search("Patient?_count=50")).map(({ id }) => id);
    expect(wanted.length).toBe(15);
    const seen: string[] = [];
    let page = (await get("Patient?_count=4")) as unknown as Bundle;
    for (let round = 0; ; round++) {
      expect(page.total).toBe(15);
      seen.push(...(page.entry ?? []).map(({ resource }) => resource.id));
      await deposit(documentJson().replace("J-4711", `J-${round}`));
      const next = page.link.find(({ relation }) => relation === "next")?.url;
      if (next === undefined) break;
      page = (await get(next.slice(BASE.length + 1))) as unknown as Bundle;
    }
    expect(seen).toEqual(wanted);
  });

  test("has no history: it is made anew", async () => {
    const ids = [await deposit(named("Brandt")), await deposit(named("Brandt"))];
    const { entry = [] } = (await get("Patient/_history")) as unknown as Bundle;
    expect(entry.map(({ resource }) => resource.id)).toEqual(ids.map((one) => `${one}.1`).reverse());
    await get(`Patient/${(await theOne("Patient?family=Brandt")).id}/_history`, 404);
  });

  const personOf = async (value: string, system: string): Promise<string> => `p-${(await house.keys.personKeyOf(system, value)).slice(0, 40)}`;
});

describe("whoever is known by no listed identifier", () => {
  test.each([
    ["without a system", { value: "J-4711" }],
    ["of another system", { system: "urn:oid:1.2.3", value: "J-4711" }],
    ["an old one", { system: SYSTEM, value: "J-4711", use: "old" }],
    ["a temporary one", { system: SYSTEM, value: "J-4711", use: "temp" }],
    [
      "of an insurance",
      {
        system: SYSTEM,
        value: "J-4711",
        type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "MB", display: "Member Number" }] },
      },
    ],
  ])("stands alone: %s", async (_, identifier) => {
    const changed = (): string => documentJson().replace(`{ "system": "${SYSTEM}", "value": "J-4711" }`, JSON.stringify(identifier));
    await deposit(changed());
    await deposit(changed());
    const found = await search("Patient?family=Brandt");
    expect(found.map(isDerived)).toEqual([false, false]);
    const [document] = await search("DocumentReference?_count=1");
    expect(document?.subject?.reference).toMatch(/^Patient\/.*\.1$/);
  });

  test("is found by who is named by an identifier alone, when that is trusted", async () => {
    const id = await deposit(documentJson());
    const logical = `{ "identifier": { "system": "${SYSTEM}", "value": "J-4711" }, "type": "Patient" }`;
    const text = documentJson().replace(
      '"subject": { "reference": "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" },\n        "effective',
      `"subject": ${logical},\n        "effective`,
    );
    const named = await deposit(text.replace('J-4711" }],\n        "name', 'J-1" }],\n        "name'));
    const [person] = (await search("Patient?identifier=J-4711")).filter(isDerived);
    expect(await idsOf(`Observation?subject=Patient/${person?.id ?? ""}`)).toEqual([`Observation/${named}.4`, `Observation/${id}.4`]);
  });
});
