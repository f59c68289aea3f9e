/** Houses that deposit beside each other: none gives documents to another, none supersedes another's, and no answer tells one what the other has. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { Caller, KnownCaller } from "../../src/core/asked.ts";
import { readAccessPolicy } from "../../src/security/policy/read-access-policy.ts";
import { HOUSES, marked, PERSONS, type MarkedOptions } from "./access-documents.ts";
import { openHouse, type House } from "./house.ts";
import { ask, type RawAnswer } from "./local-server.ts";
import { statusPatch, submission } from "./fhir/mhd-submission.ts";

const POLICY = readAccessPolicy(
  JSON.stringify({
    version: "custody/1",
    clearance: { house: ["N"], laboratory: ["N"], reader: ["V", "*"] },
    rules: [
      { name: "houses", permit: ["read", "deposit"], to: { roles: ["house"] }, of: { custodian: "own" } },
      { name: "laboratories", permit: ["deposit"], to: { roles: ["laboratory"] }, of: { custodian: "own", type: ["http://loinc.org|11502-2"] } },
      { name: "patients", permit: ["read", "deposit"], to: { roles: ["patient"] }, of: { patient: "own" } },
      { name: "readers", permit: ["read"], to: { roles: ["reader"] } },
    ],
  }),
);
const known = (role: string, houses: readonly string[], more: Partial<KnownCaller> = {}): KnownCaller => ({
  ...{ kind: "system", issuer: "https://issuer.example.org", subject: role, name: role, roles: [role], clearance: [] },
  organisations: houses.map((house) => `${HOUSES}|${house}`),
  ...more,
});
const callers = new Map<string, Caller>([
  ["A", known("house", ["A"])],
  ["A and A2", known("house", ["A", "A2"])],
  ["B", known("house", ["B"])],
  ["laboratory of A", known("laboratory", ["A"])],
  ["reader", known("reader", [])],
  ["filler", { kind: "program", name: "filler" }],
]);

let house: House;
beforeAll(async () => {
  house = await openHouse({ policy: POLICY, callers, systems: new Set([PERSONS]) });
});
afterAll(() => house.close());

const by = (caller: string, path: string, { method = "GET", body }: { method?: string; body?: string } = {}): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method, path, ...(body !== undefined && { body }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json" },
  });
const deposit = (caller: string, json: string): Promise<RawAnswer> => by(caller, "/fhir/Bundle", { method: "POST", body: json });
const idOf = ({ headers }: RawAnswer): string => headers.location?.split("/").at(-3) ?? "";
const isSuperseded = async (id: string): Promise<boolean> => {
  const answer = await by("reader", `/fhir/DocumentReference?_id=${id}&status=superseded&_total=accurate`);
  return (JSON.parse(String(answer.body)) as { total: number }).total === 1;
};

/** A document whose custodian has these identifiers, and the address of all others. */
function of(houses: readonly string[], more: Partial<MarkedOptions> & { readonly persons?: readonly string[] } = {}): string {
  const { persons = ["1"], ...options } = more;
  const { json } = marked({ name: "x", house: "-", person: "1", ...options });
  const tree = JSON.parse(json) as { entry: { resource: { resourceType: string; identifier?: object[] } }[] };
  for (const { resource } of tree.entry) {
    if (resource.resourceType === "Organization") {
      resource.identifier = houses.map((value) => ({ system: HOUSES, value }));
      if (houses.length === 0) delete resource.identifier;
    }
    if (resource.resourceType === "Patient") resource.identifier = persons.map((value) => ({ system: PERSONS, value }));
  }
  return JSON.stringify(tree);
}
const name = (): string => `urn:uuid:${randomUUID()}`;

describe("a house deposits", () => {
  test.each<[string, string, readonly string[], number]>([
    ["its own", "A", ["A"], 201],
    ["another's", "B", ["A"], 403],
    ["its own that is another's too, by a second identifier", "B", ["B", "A"], 403],
    ["what is kept by nobody", "B", [], 403],
    ["under both of its identifiers", "A and A2", ["A", "A2"], 201],
    ["under one of its identifiers", "A and A2", ["A2"], 201],
    ["under an identifier that it did not prove", "A", ["A", "A2"], 403],
  ])("%s", async (_, caller, houses, status) => {
    expect((await deposit(caller, of(houses))).status).toBe(status);
  });

  test("its patients may not deposit what is somebody else's as well", async () => {
    await deposit("A", of(["A"], { persons: ["7"] }));
    const found = JSON.parse(String((await by("filler", `/fhir/Patient?identifier=${PERSONS}%7C7&_elements=id`)).body)) as {
      entry: { resource: { id: string } }[];
    };
    const patient = found.entry.map(({ resource }) => resource.id).find((id) => id.startsWith("p-"));
    callers.set("patient 7", known("patient", [], { kind: "person", patient }));
    expect((await deposit("patient 7", of(["A"], { persons: ["7", "8"] }))).status).toBe(403);
    expect((await deposit("patient 7", of(["A"], { persons: ["7"] }))).status).toBe(201);
  });
});

describe("a document is superseded", () => {
  let target = "";
  const identifier = name();
  beforeAll(async () => {
    target = idOf(await deposit("A", of(["A"], { identifier })));
  });

  test.each<[string, string]>([
    ["by another house under its address", of(["B"], { replaces: identifier })],
    [
      "by another house under its Composition.identifier",
      of(["B"], { replaces: identifier }).replace(
        '"resourceType":"Composition"',
        `"resourceType":"Composition","identifier":{"system":"urn:ietf:rfc:3986","value":"${identifier}"}`,
      ),
    ],
  ])("not %s, which is told nothing", async (_, json) => {
    const there = await deposit("B", json);
    const nowhere = await deposit("B", json.replaceAll(identifier, name()).replace(/"value":"urn:uuid:[^"]+"/, `"value":"${name()}"`));
    expect([there.status, nowhere.status]).toEqual([201, 201]);
    expect(await isSuperseded(target)).toBe(false);
  });

  test("not by a claim of another house that came before it", async () => {
    const coming = name();
    expect((await deposit("B", of(["B"], { replaces: coming }))).status).toBe(201);
    const late = idOf(await deposit("A", of(["A"], { identifier: coming })));
    expect(await isSuperseded(late)).toBe(false);
  });

  test("not by a source that may not deposit such a document, and a refusal names nothing that it may not know", async () => {
    const laboratory = of(["A"], { replaces: identifier }).replaceAll("18842-5", "11502-2");
    const answer = await deposit("laboratory of A", laboratory);
    expect([answer.status, String(answer.body).includes(target)]).toEqual([403, false]);
    const other = await deposit("laboratory of A", of(["A"]));
    expect(String(other.body)).toBe(String(answer.body));
    expect(await isSuperseded(target)).toBe(false);
  });

  test("not as of MHD, nor is its status set", async () => {
    const bytes = of(["B"], { persons: ["J-4711"] });
    const relatesTo = [{ code: "replaces", target: { reference: `DocumentReference/${target}` } }];
    const body = submission({
      documents: [{ text: bytes, as: "bundle", reference: { relatesTo } }],
      more: [statusPatch(`DocumentReference/${target}`)],
    });
    const answer = await by("B", "/fhir", { method: "POST", body });
    const nowhere = await by("B", "/fhir", { method: "POST", body: body.replaceAll(target, randomUUID()) });
    expect([answer.status, nowhere.status]).toEqual([422, 422]);
    const plain = (text: string): string => text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID");
    expect(plain(String(answer.body))).toBe(plain(String(nowhere.body)));
    expect(await isSuperseded(target)).toBe(false);
  });

  test("by its own house", async () => {
    expect((await deposit("A", of(["A"], { replaces: identifier }))).status).toBe(201);
    expect(await isSuperseded(target)).toBe(true);
  });
});

describe("an identifier is taken", () => {
  const identifier = name();
  const plain = ({ status, body }: RawAnswer): string => `${status} ${String(body).replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")}`;
  const faulty = (json: string): string => json.replace('"status":"final"', '"status":"nonsense"');
  let own = "";
  beforeAll(async () => {
    own = of(["A"], { identifier });
    expect((await deposit("A", own)).status).toBe(201);
    const erased = idOf(await deposit("A", of(["A"], { identifier: `${identifier}-erased` })));
    await house.erase(erased);
  });

  test.each<[string, () => string]>([
    ["what it may not deposit", () => of(["A"], { identifier })],
    ["the very same document", () => own],
    ["the same content in another form", () => JSON.stringify(JSON.parse(own), undefined, 2)],
    ["what breaks rules", () => faulty(of(["B"], { identifier }))],
    ["what it may not deposit, and was erased", () => of(["A"], { identifier: `${identifier}-erased` })],
  ])("of which another house is not told by %s", async (_, json) => {
    const free = json().replaceAll(identifier, name());
    for (const path of ["/fhir/Bundle", "/fhir/Bundle/$validate"]) {
      const [there, nowhere] = [await by("B", path, { method: "POST", body: json() }), await by("B", path, { method: "POST", body: free })];
      expect([path, plain(there)]).toEqual([path, plain(nowhere)]);
    }
  });

  test("and two documents have it never; whoever may know is told at once", async () => {
    const theirs = await deposit("B", of(["B"], { identifier }));
    expect([theirs.status, /[0-9a-f]{8}-[0-9a-f]{4}-/.test(String(theirs.body).replaceAll(identifier, ""))]).toEqual([409, false]);
    expect((await deposit("A", faulty(of(["A"], { identifier })))).status).toBe(409);
    expect((await deposit("A", own)).status).toBe(200);
    expect((await deposit("A", JSON.stringify(JSON.parse(own), undefined, 2))).status).toBe(200);
  });

  test("as that of a submission, of which another house is told no more", async () => {
    const setIdentifier = "urn:oid:2.25.4711";
    const sent = (houses: readonly string[]): string =>
      submission({ documents: [{ text: of(houses, { persons: ["J-4711"] }), as: "bundle" }], setIdentifier });
    const first = sent(["A"]);
    expect((await by("A", "/fhir", { method: "POST", body: first })).status).toBe(200);
    expect((await by("A", "/fhir", { method: "POST", body: first })).status).toBe(200);
    expect((await by("A", "/fhir", { method: "POST", body: sent(["A"]) })).status).toBe(409);
    for (const body of [first, sent(["A"])]) {
      const [there, nowhere] = [
        await by("B", "/fhir", { method: "POST", body }),
        await by("B", "/fhir", { method: "POST", body: body.replaceAll(setIdentifier, "urn:oid:2.25.4712") }),
      ];
      expect([there.status, plain(there)]).toEqual([403, plain(nowhere)]);
    }
    const theirs = await by("B", "/fhir", { method: "POST", body: sent(["B"]) });
    expect([theirs.status, String(theirs.body).includes("()")]).toEqual([409, false]);
    expect(plain(theirs)).not.toContain("ID");
  });
});
