/**
 * Every way to content, for every kind of caller, upon every document: what may not be known is told by no answer, and counts and pages are those of a repository that has nothing else. The second is judged by one that truly
 * has nothing else, and no access control.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import type { Caller, KnownCaller } from "../../src/core/asked.ts";
import { submitterOf } from "../../src/pipeline/sign/seal.ts";
import { readAccessPolicy } from "../../src/security/policy/read-access-policy.ts";
import { HOUSES, marked, PERSONS, type Marked } from "./access-documents.ts";
import { NOTHING } from "../core/fhir/terminology/memory-conformance.ts";
import { openHouse, type House } from "./house.ts";
import { ask, type RawAnswer } from "./local-server.ts";

const ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const POLICY = readAccessPolicy(
  JSON.stringify({
    version: "matrix/1",
    clearance: { ward: ["N"], hiv: ["R", "HIV"], patient: ["V", "*"], deposits: ["N"] },
    breakGlass: { clearance: ["R"] },
    rules: [
      { name: "the glass may be broken", permit: ["break-glass"], to: { roles: ["emergency"] } },
      { name: "nor in an emergency what is preliminary", deny: ["read"], to: { roles: ["emergency"] }, of: { status: ["preliminary"] } },
      { name: "wards read what their house holds", permit: ["read"], to: { roles: ["ward", "hiv"] }, of: { custodian: "own" } },
      { name: "patients read their own", permit: ["read"], to: { roles: ["patient"] }, of: { patient: "own" } },
      { name: "everything", permit: ["read"], to: { roles: ["all"] } },
      { name: "not what is preliminary", deny: ["read"], to: { roles: ["all"] }, of: { status: ["preliminary"] } },
      { name: "houses deposit theirs", permit: ["deposit"], to: { roles: ["deposits"] }, of: { custodian: "own" } },
    ],
  }),
);

const replaced = `urn:uuid:${randomUUID()}`;
const DOCUMENTS: readonly Marked[] = [
  marked({ name: "one", house: "A", person: "1" }),
  marked({ name: "two", house: "B", person: "2", identifier: replaced }),
  marked({ name: "three", house: "A", person: "1", labels: [`${CONFIDENTIALITY}|R`, `${ACT_CODE}|HIV`] }),
  marked({ name: "four", house: "B", person: "2", replaces: replaced }),
  marked({ name: "five", house: "A", person: "1", entryLabel: `${ACT_CODE}|PSY` }),
  marked({ name: "six", house: "A", person: "1", labels: ["https://labels.example.org|own"] }),
];

const known = (more: Partial<KnownCaller>): KnownCaller => ({
  kind: "person",
  issuer: "https://issuer.example.org",
  subject: "somebody",
  name: "Somebody",
  roles: [],
  organisations: [],
  clearance: [],
  ...more,
});
const scope = (level: "patient" | "user" | "system", type: string, rights: string, query?: string): NonNullable<KnownCaller["scopes"]>[number] => ({
  level,
  type,
  rights: [...rights] as ("c" | "r" | "u" | "d" | "s")[],
  query,
});

/** Whom there is, and which documents each may know. */
const CALLERS: Readonly<Record<string, { readonly caller: Caller; readonly sees: readonly string[] }>> = {
  anonymous: { caller: { kind: "anonymous" }, sees: [] },
  nobody: { caller: known({}), sees: [] },
  "ward of A": { caller: known({ roles: ["ward"], organisations: [`${HOUSES}|A`] }), sees: ["one"] },
  "ward of B": { caller: known({ roles: ["ward"], organisations: [`${HOUSES}|B`] }), sees: ["two", "four"] },
  "ward of no house": { caller: known({ roles: ["ward"] }), sees: [] },
  "cleared for HIV, of A": { caller: known({ roles: ["hiv"], organisations: [`${HOUSES}|A`] }), sees: ["one", "three", "six"] },
  "all, as cleared by the issuer": { caller: known({ roles: ["all"], clearance: ["R", "PSY"] }), sees: ["one", "two", "four", "five", "six"] },
  "patient 2": { caller: known({ roles: ["patient"] }), sees: ["two", "four"] },
  "app of patient 2": { caller: known({ roles: ["all"], clearance: ["V", "*"], scopes: [scope("patient", "*", "rs")] }), sees: ["two", "four"] },
  "one who may break the glass": { caller: known({ subject: "ready", roles: ["emergency"] }), sees: [] },
  "one who broke the glass of 1": { caller: known({ subject: "broke", roles: ["emergency"] }), sees: ["one", "six"] },
  "an app of theirs": { caller: known({ subject: "broke", roles: ["emergency"], scopes: [scope("user", "*", "rs")] }), sees: [] },
  "ward of B that broke the glass of 1": {
    caller: known({ subject: "ward", roles: ["ward", "emergency"], organisations: [`${HOUSES}|B`] }),
    sees: ["one", "two", "four", "six"],
  },
  "one who broke the glass of 2 and ended it": { caller: known({ subject: "ended", roles: ["emergency"] }), sees: [] },
  "app without a patient": { caller: known({ roles: ["all"], clearance: ["V", "*"], scopes: [scope("patient", "*", "rs")] }), sees: [] },
};
/** Of whom the patient is known when the documents are there. */
const OF_PATIENT_2: readonly string[] = ["patient 2", "app of patient 2"];

/** By whom the glass is broken, of whom. */
const BROKEN: readonly (readonly [string, string])[] = [
  ["one who broke the glass of 1", "1"],
  ["ward of B that broke the glass of 1", "1"],
  ["one who broke the glass of 2 and ended it", "2"],
];

async function breakGlass(): Promise<void> {
  const { glass } = house.served.registry;
  for (const [name, value] of BROKEN) {
    const asked = { caller: callers.get(name) as KnownCaller, channel: "page", requestId: name } as const;
    const form = { system: PERSONS, value, document: "", reason: "ETREAT", text: "Found unconscious" };
    const broken = await glass.breakIt(asked, form, { address: "192.0.2.1" });
    if (typeof broken === "string") throw new Error(`${name}: ${broken}`);
    if (name.endsWith("ended it")) await glass.end(asked, broken.id, { address: "192.0.2.1" });
  }
}

const callers = new Map<string, Caller>(Object.entries(CALLERS).map(([name, { caller }]) => [name, caller]));
callers.set("filler", { kind: "program", name: "filler" });
const ids = new Map<string, string>();
let house: House;

const by = (caller: string, path: string, more: { readonly method?: string; readonly body?: string } = {}): Promise<RawAnswer> =>
  ask(house.port, {
    ...more,
    path,
    headers: {
      "X-Test-Caller": caller,
      Accept: path.startsWith("/fhir") ? "application/fhir+json" : "text/html",
      "Content-Type": "application/fhir+json",
    },
  });

async function fill(into: House, documents: readonly Marked[], headers: Record<string, string> = {}): Promise<string[]> {
  const found: string[] = [];
  for (const { json } of documents) {
    const answer = await ask(into.port, {
      ...{ method: "POST", path: "/fhir/Bundle", body: json },
      headers: { "Content-Type": "application/fhir+json", Accept: "application/fhir+json", ...headers },
    });
    if (answer.status !== 201) throw new Error(`${answer.status} ${String(answer.body)}`);
    found.push(answer.headers.location?.split("/").at(-3) ?? "");
  }
  return found;
}

const totalOf = (answer: RawAnswer): unknown => [answer.status, (JSON.parse(String(answer.body)) as { readonly total?: number }).total];

beforeAll(async () => {
  house = await openHouse({
    conformance: () => NOTHING,
    policy: POLICY,
    callers,
    systems: new Set([PERSONS]),
    trail: { record: () => Promise.resolve() },
  });
  const given = await fill(house, DOCUMENTS, { "X-Test-Caller": "filler" });
  DOCUMENTS.forEach(({ name }, at) => ids.set(name, given[at] ?? ""));
  const patients = JSON.parse(String((await by("filler", `/fhir/Patient?identifier=${PERSONS}%7C2&_elements=id`)).body)) as {
    readonly entry: readonly { readonly resource: { readonly id: string } }[];
  };
  const patient = patients.entry.map(({ resource }) => resource.id).find((id) => id.startsWith("p-"));
  for (const name of OF_PATIENT_2) callers.set(name, { ...(callers.get(name) as KnownCaller), patient });
  await breakGlass();
});
afterAll(() => house.close());

const graph = (query: string, place = ""): string => `/fhir${place}/$graphql?query=${encodeURIComponent(query)}`;
const EDGES = "subject { resource(optional: true) { ...P } }";
const RESOURCES = `fragment P on Patient { id name { family } CompositionList(_reference: subject) { id title } ObservationConnection(_reference: patient) { count edges { resource { id } } } }
  fragment R on Resource { id resourceType ... on Composition { title ${EDGES} relatesTo { targetReference { reference resource(optional: true) { id } } } } ... on Observation { ${EDGES} } ...P }`;
const graphsOf = (id: string): string[] =>
  ["Composition", "Patient", "Observation"].map((type) => graph(`{ ${type}(id: "${id}") { ...R } } ${RESOURCES}`));

/** Every address that says something of a document, or of several. */
function addresses(): string[] {
  const one = [...ids.values()].flatMap((id) => [
    ...["", "/_history/1", "/_history", "/$validate", "/$verify", "/$document", "?_format=html", "?_format=pdf"].map(
      (end) => `/fhir/Bundle/${id}${end}`,
    ),
    ...["", "/_history/1"].map((end) => `/fhir/Binary/${id}${end}`),
    ...["DocumentReference", "List"].map((type) => `/fhir/${type}/${id}`),
    ...[0, 1, 2, 3, 4].flatMap((at) =>
      ["Composition", "Patient", "Practitioner", "Organization", "Observation"].map((type) => `/fhir/${type}/${id}.${at}`),
    ),
    ...["seal", "extraction"].map((path) => `/fhir/Provenance/${id}.${path}`),
    `/fhir/Composition/${id}.0/$document`,
    `/fhir/Patient/${id}.1/$everything`,
    `/fhir/Patient/${id}.1/*`,
    ...["", ".pdf", ".tlog-proof", "/verify", "/receipt", "/record"].map((end) => `/documents/${id}${end}`),
    `/fhir/DocumentReference?_id=${id}`,
    `/fhir/Observation?_source=${id}`,
    ...[0, 1, 4].flatMap((at) => graphsOf(`${id}.${at}`)),
    graph(`{ Bundle(id: "${id}") { entry { resource { ...R } } } } ${RESOURCES}`),
    graph(
      `{ DocumentReference(id: "${id}") { description relatesTo { target { resource(optional: true) { ...R } } } subject { resource(optional: true) { ...R } } } } ${RESOURCES}`,
    ),
    graph("{ id CompositionList(_reference: subject) { id title } }", `/Patient/${id}.1`),
  ]);
  const types = [...house.served.registry.fhir.resources.types].filter((type) =>
    ["Bundle", "Composition", "Patient", "Practitioner", "Organization", "Observation", "DocumentReference", "List", "Provenance"].includes(type),
  );
  // And whatever else is mounted.
  const mounted = house.routes
    .filter(({ method }) => method === "GET")
    .flatMap(({ pattern }) =>
      [...ids.values()].map((id) =>
        pattern
          .replace(":type", pattern.includes(":member") ? "Patient" : "Composition")
          .replace(":member", "Observation")
          .replace(":id", pattern.startsWith("/patients") ? `${id}.1` : pattern.startsWith("/fhir/:type") ? `${id}.0` : id)
          .replace(":versionId", "1")
          .replace(":number", "1")
          .replace(/[*]\w+/, "none"),
      ),
    );
  // Some are both.
  const all = [
    ...one,
    ...mounted,
    ...[...ids.values()].map((id) => `/glass?document=${id}`),
    ...types.flatMap((type) => [
      `/fhir/${type}?_count=50`,
      `/fhir/${type}?_count=50&_include=*&_revinclude=*`,
      `/fhir/${type}/_history`,
      `/fhir/${type}?_lastUpdated=gt2000&_sort=-_lastUpdated`,
      `/fhir/${type}?_content=zqonetitle,zqtwotitle,zqthreetitle,zqfourtitle,zqfivetitle,zqsixtitle`,
    ]),
    "/fhir?_count=50",
    "/fhir/_history",
    "/fhir/Observation/$lastn?code=2823-3",
    ...["Composition", "Patient", "Observation", "DocumentReference"].flatMap((type) => [
      graph(`{ ${type}List { ...R } } ${RESOURCES}`),
      graph(`{ ${type}Connection(_count: 2) { count first next edges { resource { ...R } } } } ${RESOURCES}`),
    ]),
    "/",
    ...DOCUMENTS.map(({ words: [, , family = ""] }) => `/?q=${family}`),
    ...DOCUMENTS.map(({ words: [, , family = ""] }) => `/?family=${family}`),
  ];
  return [...new Set(all)];
}

describe.each(Object.entries(CALLERS))("%s", (name, { sees }) => {
  test("is told of no other document by any answer", async () => {
    const hidden = DOCUMENTS.filter((document) => !sees.includes(document.name)).flatMap((document) => [
      ...document.words,
      ids.get(document.name) ?? "",
    ]);
    for (const address of addresses()) {
      const answer = await by(name, address);
      // What was asked for may be said again.
      const text = `${JSON.stringify(answer.headers)} ${String(answer.body)}`.replaceAll(address, "").replaceAll(encodeURI(address), "");
      const told = hidden.filter((word) => text.includes(word) && !address.includes(word));
      expect([address, answer.status, told]).toEqual([address, answer.status, []]);
      expect(answer.status).toBeLessThan(500);
    }
  });

  test("is given what it may see, and of others the answer of what never was", async () => {
    const never = randomUUID();
    for (const [document, id] of ids)
      for (const address of [
        `/fhir/Bundle/${id}`,
        `/fhir/Binary/${id}`,
        `/documents/${id}`,
        `/documents/${id}/receipt`,
        `/documents/${id}.tlog-proof`,
        `/fhir/DocumentReference/${id}`,
      ]) {
        const answer = await by(name, address);
        if (sees.includes(document)) expect([address, answer.status]).toEqual([address, 200]);
        else {
          const absent = await by(name, address.replace(id, never));
          const plain = ({ status, body, headers }: RawAnswer, of: string): unknown => [
            status,
            String(body).replaceAll(of, "ID").replaceAll(String(headers["x-request-id"]), "REQUEST"),
          ];
          expect(plain(answer, id)).toEqual(plain(absent, never));
          expect([403, 404]).toContain(answer.status);
        }
      }
  });

  test("is given by a graph what it may see, and of a list nothing else", async () => {
    const { body } = await by(name, graph("{ BundleList { id } CompositionConnection { count } }"));
    const { data } = JSON.parse(String(body)) as {
      readonly data: { readonly BundleList?: readonly { readonly id: string }[]; readonly CompositionConnection: object } | null;
    };
    const seen = [...ids].filter(([document]) => sees.includes(document)).map(([, id]) => id);
    if (data) expect([data.BundleList?.map(({ id }) => id).sort() ?? [], data.CompositionConnection]).toEqual([seen.sort(), { count: seen.length }]);
    // Nothing is asked of those alone who may ask for nothing.
    else expect(seen).toEqual([]);
  });

  test("counts as if nothing else were there", async () => {
    if (sees.length === 0) return;
    const alone = await openHouse({ systems: new Set([PERSONS]) });
    try {
      await fill(
        alone,
        DOCUMENTS.filter((document) => sees.includes(document.name)),
      );
      const questions = [
        ...["Bundle", "Composition", "Patient", "Practitioner", "Organization", "Observation", "DocumentReference", "List", "Provenance"],
        "Observation?code=2823-3",
        "Observation?subject:Patient.identifier=2",
        "Observation?patient.family=Zq",
        ...DOCUMENTS.map(({ words: [, , family = ""] }) => `Observation?patient.family=${family}`),
        ...DOCUMENTS.map(({ words: [, , family = ""] }) => `Patient?family=${family}`),
        ...DOCUMENTS.map(({ words: [, title = ""] }) => `Patient?_has:Composition:patient:title=${title}`),
        ...DOCUMENTS.map(({ words: [, title = ""] }) => `Composition?title:contains=${title}&_summary=count`),
        ...["A", "B"].map((value) => `Patient?_has:Composition:patient:custodian.identifier=${value}`),
        "Patient?_has:Observation:patient:code=2823-3",
        "Patient?_has:Observation:patient:_security=PSY",
        "Composition?confidentiality=N",
        "Bundle?composition.custodian.identifier=A",
        "DocumentReference?relatesto:missing=false",
        "DocumentReference?status=superseded",
        "Composition?patient:not=Patient/none",
      ];
      for (const question of questions) {
        const path = `/fhir/${question}${question.includes("?") ? "&" : "?"}_total=accurate&_count=1`;
        expect([question, totalOf(await by(name, path))]).toEqual([
          question,
          totalOf(await ask(alone.port, { path, headers: { Accept: "application/fhir+json" } })),
        ]);
      }
    } finally {
      await alone.close();
    }
  });
});

test("that a document was superseded is told to whoever may read it, and not by what they may not", async () => {
  const identifier = `urn:uuid:${randomUUID()}`;
  const [first = ""] = await fill(house, [marked({ name: "seven", house: "A", person: "3", identifier })], { "X-Test-Caller": "filler" });
  const hidden = marked({ name: "eight", house: "A", person: "3", replaces: identifier, labels: [`${CONFIDENTIALITY}|V`] });
  const [second = ""] = await fill(house, [hidden], { "X-Test-Caller": "filler" });
  for (const path of [`/fhir/Bundle/${first}`, `/documents/${first}`, `/documents/${first}/verify`, `/fhir/DocumentReference/${first}`]) {
    const answer = await by("ward of A", path);
    const text = `${JSON.stringify(answer.headers)} ${String(answer.body)}`;
    expect([path, answer.status, [second, ...hidden.words].filter((word) => text.includes(word))]).toEqual([path, 200, []]);
  }
  const { body } = await by("ward of A", `/fhir/DocumentReference/${first}`);
  expect((JSON.parse(String(body)) as { readonly status: string }).status).toBe("superseded");
});

test("whoever stands in another's document is not therefore the one whom it is about", async () => {
  const child = JSON.parse(marked({ name: "child", house: "A", person: "5" }).json) as {
    readonly entry: { fullUrl: string; resource: { resourceType: string; section?: { entry?: object[] }[] } }[];
  };
  for (const more of [{}, { identifier: [{ system: PERSONS, value: "6" }] }]) {
    const fullUrl = `urn:uuid:${randomUUID()}`;
    const mother = { resourceType: "Patient", name: [{ family: "Zqmother" }], ...more };
    child.entry.push({ fullUrl, resource: mother });
    const [section] = child.entry[0]?.resource.section ?? [];
    if (section) section.entry = [...(section.entry ?? []), { reference: fullUrl }];
  }
  const documents = [{ name: "child", json: JSON.stringify(child), words: [] }, marked({ name: "hers", house: "A", person: "6" })];
  const [id = "", hers = ""] = await fill(house, documents, { "X-Test-Caller": "filler" });
  const seenBy = async (patient: string): Promise<number[]> => {
    callers.set("copy", known({ roles: ["patient"], patient }));
    return Promise.all([id, hers].map(async (one) => (await by("copy", `/documents/${one}`)).status));
  };
  const at = child.entry.length;
  expect([await seenBy(`${id}.1`), await seenBy(`${id}.${at - 2}`), await seenBy(`${id}.${at - 1}`), await seenBy(`${id}.0`)]).toEqual([
    [200, 404],
    [404, 404],
    [404, 200],
    [404, 404],
  ]);
});

test("that a document was erased is told in lists to those alone who may know of everything", async () => {
  const [erased = ""] = await fill(house, [marked({ name: "gone", house: "A", person: "1" })], { "X-Test-Caller": "filler" });
  await house.erase(erased);
  // Until the index has taken it in, its facts are known still.
  await by("filler", "/fhir/Bundle?_summary=count");
  for (const path of ["/fhir/_history?_count=100", "/fhir/Bundle/_history?_count=100", `/fhir/Bundle/${erased}/_history`]) {
    expect([path, String((await by("filler", path)).body).includes(erased)]).toEqual([path, true]);
    for (const who of ["nobody", "ward of A", "app of patient 2"]) {
      const said = String((await by(who, path)).body).replaceAll(path, "");
      expect([who, path, said.includes(`"url":"Bundle/${erased}`) || said.includes(`Bundle/${erased}/_history/`)]).toEqual([who, path, false]);
    }
  }
});

describe("deposits", () => {
  const depositors = new Map<string, Caller>([
    ["A's", known({ kind: "system", roles: ["deposits"], organisations: [`${HOUSES}|A`] })],
    ["A's without a scope", known({ kind: "system", roles: ["deposits"], organisations: [`${HOUSES}|A`], scopes: [scope("system", "*", "rs")] })],
    ["A's with a scope", known({ kind: "system", roles: ["deposits"], organisations: [`${HOUSES}|A`], scopes: [scope("system", "Bundle", "c")] })],
    ["a ward's", known({ roles: ["ward"], organisations: [`${HOUSES}|A`] })],
  ]);
  beforeAll(() => depositors.forEach((caller, name) => callers.set(name, caller)));

  test.each([
    ["A's", "A", 201],
    ["A's", "B", 403],
    ["A's without a scope", "A", 403],
    ["A's with a scope", "A", 201],
    ["a ward's", "A", 403],
    ["anonymous", "A", 403],
  ])("%s, of a document of %s", async (who, custodian, status) => {
    const before = totalOf(await by("filler", "/fhir/Bundle?_summary=count"));
    const document = marked({ name: "nine", house: custodian, person: "4" });
    const answer = await by(who, "/fhir/Bundle", { method: "POST", body: document.json });
    expect([answer.status, String(answer.body).slice(0, 200)]).toEqual([status, expect.any(String)]);
    if (status !== 201) expect(totalOf(await by("filler", "/fhir/Bundle?_summary=count"))).toEqual(before);
  });

  test("of what is here already are told to those alone who may deposit it, and a check tells of it to those alone who may know of it", async () => {
    const [ours, theirs] = [DOCUMENTS[0], DOCUMENTS[1]];
    const sent = (who: string, document: Marked | undefined, path = "/fhir/Bundle"): Promise<RawAnswer> =>
      by(who, path, { method: "POST", body: document?.json ?? "" });
    const [own, id] = [ids.get(ours?.name ?? "") ?? "", ids.get(theirs?.name ?? "") ?? ""];
    const repeated = await sent("A's", ours);
    expect([repeated.status, repeated.headers.location?.includes(own)]).toEqual([200, true]);
    const foreign = await sent("A's", theirs);
    expect([foreign.status, foreign.headers.location, String(foreign.body).includes(id)]).toEqual([403, undefined, false]);
    const checks = await Promise.all(["A's", "ward of A", "ward of B"].map((who) => sent(who, theirs, "/fhir/Bundle/$validate")));
    expect(checks.map(({ status, body }) => [status, String(body).includes(id)])).toEqual([
      [200, false],
      [200, false],
      [200, true],
    ]);
  });

  test("are recorded as those of whoever sent them", () => {
    const asked = { channel: "rest", requestId: "r" } as const;
    expect(submitterOf({ ...asked, caller: depositors.get("A's") as Caller, purpose: "TREAT" })).toEqual({
      ...{ kind: "system", client: "https://issuer.example.org|somebody", name: "Somebody", organization: `${HOUSES}|A`, purpose: "TREAT" },
    });
    const person = known({ client: "app" });
    expect(submitterOf({ ...asked, caller: person })).toEqual({
      ...{ kind: "person", person: "https://issuer.example.org|somebody", client: "app", name: "Somebody" },
    });
  });
});
