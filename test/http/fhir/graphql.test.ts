/** `$graphql` over HTTP: the audits of graphql-http, documents as a graph, what is told of failures. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { serverAudits } from "graphql-http";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Caller, Scope } from "../../../src/core/asked.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const LONG = readFileSync(new URL("../../../fixtures/documents/valid/discharge-summary-long.json", import.meta.url), "utf8");
const JSON_TYPE = { "Content-Type": "application/json" };
let house: House;
let id: string;
let other: string;

const deposit = async (body: string): Promise<string> => {
  const headers = { "Content-Type": "application/fhir+json" };
  return (await ask(house.port, { method: "POST", path: "/fhir/Bundle", headers, body })).headers.location?.split("/").at(-3) ?? "";
};
const post = (
  query: string,
  { place = "", variables = {}, headers = {} }: { place?: string; variables?: object; headers?: Record<string, string> } = {},
): Promise<RawAnswer> =>
  ask(house.port, {
    method: "POST",
    path: `/fhir${place}/$graphql`,
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify({ query, variables }),
  });

interface Response {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string; readonly resource: { readonly resourceType: string } };
  }[];
}

const read = ({ body }: RawAnswer): Response => JSON.parse(String(body)) as Response;
async function data(query: string, more: Parameters<typeof post>[1] = {}): Promise<Readonly<Record<string, unknown>>> {
  const answer = await post(query, more);
  expect([answer.status, String(answer.body).slice(0, 500)]).toEqual([200, expect.stringContaining('{"data":{')]);
  return read(answer).data ?? {};
}

beforeAll(async () => {
  house = await openHouse();
  id = await deposit(LONG);
  other = await deposit(documentJson());
});
afterAll(() => house.close());

describe("GraphQL over HTTP", () => {
  const audits = serverAudits({ url: () => `http://127.0.0.1:${house.port}/fhir/$graphql`, fetchFn: fetch });
  test("there are 61 audits", () => expect(audits.length).toBe(61));
  test.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))("%s", async (_name, audit) => {
    const result = await audit.fn();
    expect(result.status === "ok" ? "" : `${result.status}: ${"reason" in result ? result.reason : ""}`).toBe("");
  });

  test("GET and POST, JSON and application/graphql, at the service and at a resource", async () => {
    const query = "{ title }";
    const place = `/fhir/Composition/${id}.0/$graphql`;
    const answers = await Promise.all([
      ask(house.port, { path: `${place}?query=${encodeURIComponent(query)}` }),
      ask(house.port, { method: "POST", path: place, headers: JSON_TYPE, body: JSON.stringify({ query }) }),
      ask(house.port, { method: "POST", path: place, headers: { "Content-Type": "application/graphql" }, body: query }),
      ask(house.port, {
        method: "POST",
        path: "/fhir/$graphql",
        headers: JSON_TYPE,
        body: JSON.stringify({ query: `{ Composition(id: "${id}.0") { title } }` }),
      }),
    ]);
    const title = (JSON.parse(LONG) as { readonly entry: readonly { readonly resource: { readonly title: string } }[] }).entry[0]?.resource.title;
    expect(answers.map(read)).toEqual([...Array.from({ length: 3 }, () => ({ data: { title } })), { data: { Composition: { title } } }]);
    for (const { headers } of answers) expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  test.each([
    ["application/json;q=0.5, application/graphql-response+json", "application/graphql-response+json"],
    ["application/graphql-response+json;q=0.2, application/json;q=0.9", "application/json"],
    ["application/graphql-response+json;q=0", "application/json"],
    ["application/graphql-response+json, application/json", "application/graphql-response+json"],
  ])("Accept: %s is answered in %s", async (accept, expected) => {
    const { headers } = await post("{ __typename }", { headers: { Accept: accept } });
    expect(headers["content-type"]).toBe(`${expected}; charset=utf-8`);
  });

  test("other methods and media types, and bodies that are none, are told as errors of GraphQL", async () => {
    const path = "/fhir/$graphql";
    const refused = [
      [405, await ask(house.port, { method: "PUT", path, headers: JSON_TYPE, body: "{}" })],
      [415, await ask(house.port, { method: "POST", path, headers: { "Content-Type": "application/fhir+json" }, body: "{}" })],
      [400, await ask(house.port, { method: "POST", path, headers: JSON_TYPE, body: "{" })],
      [413, await ask(house.port, { method: "POST", path, headers: JSON_TYPE, body: JSON.stringify({ query: " ".repeat(1_000_000) }) })],
      [413, await ask(house.port, { method: "POST", path, headers: JSON_TYPE, body: JSON.stringify({ query: `{ ${"a ".repeat(50_000)} }` }) })],
      [404, await ask(house.port, { path: `/fhir/Patient/${randomUUID()}/$graphql?query=%7Bid%7D` })],
    ] as const;
    for (const [status, answer] of refused) {
      expect([answer.status, String(answer.body)]).toEqual([status, expect.stringContaining('"errors":[{')]);
      expect(read(answer).errors?.[0]?.extensions.resource.resourceType).toBe("OperationOutcome");
    }
  });
});

describe("documents", () => {
  test("as they were deposited, with what their references lead to within them", async () => {
    const query = `{ Bundle(id: "${id}") { type entry(_count: 1) { fullUrl resource { resourceType ... on Composition { title subject { reference resource { ... on Patient { name { family } } } } } } } } }`;
    const source = JSON.parse(LONG) as {
      readonly type: string;
      readonly entry: readonly {
        readonly fullUrl: string;
        readonly resource: {
          readonly title: string;
          readonly subject: { readonly reference: string };
          readonly name: readonly { readonly family: string }[];
        };
      }[];
    };
    const [first] = source.entry;
    const patient = source.entry.find(({ fullUrl }) => fullUrl.endsWith(first?.resource.subject.reference ?? "?"));
    expect((await data(query))["Bundle"]).toEqual({
      type: source.type,
      entry: [
        {
          fullUrl: first?.fullUrl,
          resource: {
            resourceType: "Composition",
            title: first?.resource.title,
            subject: { reference: first?.resource.subject.reference, resource: { name: patient?.resource.name.map(({ family }) => ({ family })) } },
          },
        },
      ],
    });
  });

  test("digits are those that were deposited: of 5.80 mmol/L", async () => {
    const { body } = await post('{ ObservationList(code: "2823-3") { valueQuantity { value } } }');
    const deposited = /"value": ?([0-9.]+)/.exec(documentJson())?.[1];
    expect(String(body)).toContain(`"value":${deposited ?? "?"}`);
  });

  test("their resources by id, by search, by what refers to them, and what they lead to", async () => {
    const found = await data(
      "query($id: ID!) { Composition(id: $id) { subject { resource(type: Patient) { id CompositionList(_reference: subject) { id } ObservationList(_reference: patient, _count: 2) { id subject { reference } } } } } }",
      {
        variables: { id: `${id}.0` },
      },
    );
    const composition = found["Composition"] as {
      readonly subject: { readonly resource: { readonly id: string; readonly CompositionList: readonly { readonly id: string }[] } };
    };
    expect(composition.subject.resource.id).toMatch(new RegExp(`^${id}\\.\\d+$`));
    expect(composition.subject.resource.CompositionList).toEqual([{ id: `${id}.0` }]);
  });

  test("as pages, whose cursors lead to the others; a cursor of another search is refused", async () => {
    const page = async (args: string): Promise<Record<string, unknown>> =>
      (await data(`{ ConditionConnection(${args}) { count offset pagesize first previous next edges { mode resource { id } } } }`))[
        "ConditionConnection"
      ] as Record<string, unknown>;
    const all = (await data("{ ConditionList { id } }"))["ConditionList"] as readonly { readonly id: string }[];
    expect(all.length).toBeGreaterThan(2);
    const seen: unknown[] = [];
    let next = await page("_count: 2");
    expect([next["count"], next["offset"], next["pagesize"], next["previous"]]).toEqual([all.length, 0, 2, undefined]);
    for (;;) {
      seen.push(...(next["edges"] as readonly { readonly resource: unknown }[]).map(({ resource }) => resource));
      if (next["next"] === undefined) break;
      next = await page(`_cursor: "${next["next"] as string}"`);
    }
    expect(seen).toEqual(all);
    expect((await page(`cursor: "${next["previous"] as string}"`))["edges"]).toHaveLength(2);
    const refused = await post(`{ PatientConnection(_cursor: "${next["first"] as string}") { count } }`);
    expect([refused.status, read(refused).errors?.[0]?.message]).toEqual([400, expect.stringContaining("no cursor of a search upon Patient")]);
  });

  test("nothing refers to what is contained, which has no address: neither a list nor a page shows everything", async () => {
    const plan = await deposit(readFileSync(new URL("../../../fixtures/documents/valid/medication-plan-from-data.json", import.meta.url), "utf8"));
    const referring =
      "MedicationRequestConnection(_reference: medication) { count edges { mode } } MedicationRequestList(_reference: medication) { id }";
    const query = `{ Bundle(id: "${plan}") { entry { resource { ... on MedicationRequest { contained { ... on Medication { ${referring} } } } } } } }`;
    expect(JSON.stringify(await data(query))).toContain('"contained":[{"MedicationRequestConnection":{"count":0,"edges":[]}}]');
    expect(String((await post("{ MedicationRequestList(_id: []) { id } }")).body)).toContain("_id has no value");
    expect((await data("{ MedicationRequestList { id } }"))["MedicationRequestList"]).not.toEqual([]);
  });

  test("what is not there, is erased, or stands elsewhere", async () => {
    const gone = await deposit(documentJson());
    await house.erase(gone);
    for (const [query, status] of [
      [`{ Bundle(id: "${gone}") { id } }`, 404],
      [`{ Patient(id: "${other}.77") { id } }`, 404],
      ["{ Patient(id: nothing) { id } }", 404],
      ["{ ObservationList(date: monday) { id } }", 400],
    ] as const) {
      const answer = await post(query);
      expect([query, answer.status, read(answer).data]).toEqual([query, status, null]);
    }
  });

  test("what the service says of itself", async () => {
    const { OperationDefinitionList: all } = await data(
      "{ OperationDefinitionList(name: Verify) { id url } OperationDefinitionConnection { count } }",
    );
    expect(all).toEqual([{ id: "verify", url: "https://documents.example.org/fhir/OperationDefinition/verify" }]);
    const { SearchParameterList: found } = await data("{ SearchParameterList(code: [gender], base: Patient) { code } }");
    expect(found).toEqual([{ code: "gender" }]);
  });
});

test("introspection is made in a thread, and told at a resource too", async () => {
  const { __type: type } = await data('{ __type(name: "Query") { name fields { name } } }');
  expect((type as { readonly fields: readonly { readonly name: string }[] }).fields.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["Patient", "PatientList", "BundleConnection"]),
  );
  expect((await data("{ __schema { queryType { name } mutationType { name } } }", { place: `/Patient/${other}.1` }))["__schema"]).toEqual({
    queryType: { name: "Patient" },
    mutationType: null,
  });
});

describe("a token", () => {
  const scoped = (scope: Scope): Caller => ({
    ...{ kind: "person", issuer: "https://issuer.example.org", subject: scope.type, name: scope.type },
    ...{ roles: ["all"], organisations: [], clearance: ["V", "*"], scopes: [scope] },
  });
  const callers = new Map<string, Caller>([
    ["filler", { kind: "program", name: "filler" }],
    ["reads patients", scoped({ level: "user", type: "Patient", rights: ["r"] })],
    ["finds observations", scoped({ level: "user", type: "Observation", rights: ["r", "s"] })],
  ]);
  const policy = readAccessPolicy(
    JSON.stringify({ version: "graph/1", clearance: {}, rules: [{ name: "everything", permit: ["read", "deposit"], to: { roles: ["all"] } }] }),
  );
  let guarded: House;
  let document: string;
  const by = async (caller: string, query: string): Promise<{ readonly status: number; readonly challenge: unknown; readonly text: string }> => {
    const answer = await ask(guarded.port, {
      ...{ method: "POST", path: "/fhir/$graphql", body: JSON.stringify({ query }) },
      headers: { ...JSON_TYPE, "X-Test-Caller": caller },
    });
    return { status: answer.status, challenge: answer.headers["www-authenticate"], text: String(answer.body) };
  };

  beforeAll(async () => {
    guarded = await openHouse({ policy, callers, trail: { record: () => Promise.resolve() } });
    const headers = { "Content-Type": "application/fhir+json", "X-Test-Caller": "filler" };
    const sent = await ask(guarded.port, { method: "POST", path: "/fhir/Bundle", headers, body: documentJson() });
    document = sent.headers.location?.split("/").at(-3) ?? "";
  });
  afterAll(() => guarded.close());

  test("that lets be read lets nothing be searched, and names the scope that is missing", async () => {
    expect(await by("reads patients", `{ Patient(id: "${document}.1") { id } }`)).toMatchObject({ status: 200 });
    const refused = await by("reads patients", "{ PatientList { id } }");
    expect([refused.status, refused.challenge]).toEqual([403, expect.stringContaining('scope="user/Patient.s"')]);
    expect((await by("reads patients", `{ Observation(id: "${document}.4") { id } }`)).status).toBe(404);
  });

  test("leads to no resource of a type that it does not cover", async () => {
    const edge = (args: string): string => `{ ObservationList { id subject { reference resource${args} { id } } } }`;
    expect((await by("finds observations", edge(""))).status).toBe(404);
    const passed = await by("finds observations", edge("(optional: true)"));
    expect([passed.status, passed.text.includes(`"id":"${document}.4"`), passed.text.includes('"resource"')]).toEqual([200, true, false]);
  });
});
