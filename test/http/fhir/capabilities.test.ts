/** What the service says of itself, held to what it does: every interaction, parameter and operation that is told of is there, and is valid R4. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readResource } from "../../../src/core/fhir/reading/read-resource.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { isError } from "../../../src/core/fhir/issue.ts";
import { R4, VALIDATOR } from "../../r4.ts";
import { conformanceOf, r4Resources } from "../../core/fhir/terminology/memory-conformance.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

interface Operation {
  readonly name: string;
  readonly definition: string;
}
interface TypeStatement {
  readonly type: string;
  readonly interaction?: readonly { readonly code: string }[];
  readonly operation?: readonly Operation[];
  readonly searchParam?: readonly { readonly name: string; readonly definition: string; readonly type: string }[];
  readonly searchInclude?: readonly string[];
  readonly searchRevInclude?: readonly string[];
}
interface Statement {
  readonly rest: readonly {
    readonly resource: readonly TypeStatement[];
    readonly interaction: readonly { readonly code: string }[];
    readonly operation: readonly Operation[];
    readonly searchParam: readonly { readonly name: string; readonly definition: string }[];
    readonly compartment: readonly string[];
  }[];
}

const CONFORMANCE = conformanceOf(r4Resources());
let house: House;
let rest: Statement["rest"][number];
const get = (path: string): Promise<RawAnswer> => ask(house.port, { path: `/fhir${path}` });

/** Errors that our own validator finds; it was compared with HL7's. */
function errorsOf(body: Uint8Array): string[] {
  const { resource, issues } = readResource(body, "application/fhir+json", DEFAULT_READ_LIMITS, R4.definitions);
  return (resource ? VALIDATOR.validate(resource, issues) : issues)
    .filter(isError)
    .map(({ rule, expression, text }) => `${rule} ${expression} ${text}`);
}

beforeAll(async () => {
  house = await openHouse({ conformance: () => CONFORMANCE });
  const [first] = (JSON.parse(String((await get("/metadata")).body)) as Statement).rest;
  if (!first) throw new Error("the statement tells nothing");
  rest = first;
});
afterAll(() => house.close());

describe("the CapabilityStatement", () => {
  test("and its fellows are valid", async () => {
    for (const path of ["/metadata", "/metadata?mode=full", "/metadata?mode=normative", "/metadata?mode=terminology", "/$versions"])
      expect([path, errorsOf((await get(path)).body)]).toEqual([path, []]);
    expect((await get("/metadata?mode=x")).status).toBe(400);
    expect(JSON.parse(String((await get("/metadata?mode=terminology")).body))).toMatchObject({ resourceType: "TerminologyCapabilities" });
    expect(JSON.parse(String((await get("/$versions")).body))).toMatchObject({ parameter: [{ valueCode: "4.0" }, { name: "default" }] });
  });

  test("tells of interactions that are there", async () => {
    expect(rest.interaction.map(({ code }) => code).sort()).toEqual(["batch", "history-system", "search-system", "transaction"]);
    const status: Readonly<Record<string, (type: string) => Promise<number>>> = {
      "search-type": async (type) => (await get(`/${type}?_summary=count`)).status,
      "history-type": async (type) => (await get(`/${type}/_history?_count=1`)).status,
    };
    for (const { type, interaction = [] } of rest.resource)
      for (const { code } of interaction) if (status[code]) expect([type, code, await status[code](type)]).toEqual([type, code, 200]);
    // What it does not tell of is not there.
    const history = rest.resource.filter(({ interaction = [] }) => !interaction.some(({ code }) => code === "history-type"));
    for (const { type } of history) expect([type, (await get(`/${type}/_history`)).status]).toEqual([type, 404]);
  });

  test("names search parameters and includes that are answered, and their definitions", async () => {
    for (const { type, searchParam = [], searchInclude = [], searchRevInclude = [] } of rest.resource) {
      const first = searchParam.filter(({ type: kind }) => kind !== "composite").map(({ name }) => `${name}:missing=true`);
      const includes = [...searchInclude.map((one) => `_include=${one}`), ...searchRevInclude.map((one) => `_revinclude=${one}`)];
      if (first.length + includes.length === 0) continue;
      const answer = await get(`/${type}?${[...first.slice(0, 99)].join("&")}`);
      expect([type, answer.status, answer.status === 200 ? "" : String(answer.body)]).toEqual([type, 200, ""]);
      // A query may ask for so many (result-parameters.ts).
      for (let at = 0; at < includes.length; at += 30)
        expect([type, (await get(`/${type}?${includes.slice(at, at + 30).join("&")}`)).status]).toEqual([type, 200]);
    }
    const all = [...rest.searchParam, ...rest.resource.flatMap(({ searchParam = [] }) => searchParam)];
    const ids = [...new Set(all.map(({ definition }) => definition.split("/").at(-1) ?? ""))];
    expect(ids.length).toBeGreaterThan(1_000);
    for (const id of ids) {
      const answer = await get(`/SearchParameter/${id}`);
      expect([id, answer.status]).toEqual([id, 200]);
    }
  });

  test("names operations that are called where it says", async () => {
    const called = async (path: string): Promise<string> => {
      const { status, body } = await ask(house.port, { method: "POST", path: `/fhir${path}` });
      return `${status} ${/no such operation|nothing at this address/.test(String(body)) ? "nothing" : "there"}`;
    };
    for (const { name } of rest.operation) expect([name, await called(`/$${name}`)]).toEqual([name, expect.stringMatching(/there$/)]);
    for (const { type, operation = [] } of rest.resource)
      for (const { name } of operation) {
        const found = [await called(`/${type}/$${name}`), await called(`/${type}/x/$${name}`)];
        expect([type, name, found.some((one) => one.endsWith("there"))]).toEqual([type, name, true]);
      }
  });
});

describe("definitions of our own", () => {
  test("of operations are served, and valid", async () => {
    const named = [...rest.operation, ...rest.resource.flatMap(({ operation = [] }) => operation)].map(({ definition }) => definition);
    for (const definition of new Set(named)) {
      const answer = await get(`/OperationDefinition/${definition.split("/").at(-1) ?? ""}`);
      expect([definition, answer.status, errorsOf(answer.body)]).toEqual([definition, 200, []]);
      // One that is defined here is not based on itself.
      const { url, base } = JSON.parse(String(answer.body)) as { readonly url: string; readonly base?: string };
      expect(base ?? url).toBe(definition);
    }
    expect((await get("/OperationDefinition/Nothing")).status).toBe(404);
  });

  test.each([
    "Patient-name",
    "clinical-patient",
    "Observation-code-value-quantity",
    "Resource-lastUpdated",
    "Bundle-composition",
    "individual-birthdate",
  ])("SearchParameter %s is valid", async (id) => {
    const answer = await get(`/SearchParameter/${id}`);
    expect([answer.status, errorsOf(answer.body)]).toEqual([200, []]);
    const inXml = await ask(house.port, { path: `/fhir/SearchParameter/${id}`, headers: { Accept: "application/fhir+xml" } });
    expect(String(inXml.body)).toContain("<SearchParameter");
  });
});
