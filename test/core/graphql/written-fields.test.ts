/** What is written straight from the tree is what GraphQL's executor works out field by field: the same queries both ways. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse, print } from "graphql";
import { JsonArray, JsonObject, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";
import { GraphEngine } from "../../../src/core/graphql/answer.ts";
import { GraphSchemas } from "../../../src/core/graphql/schema.ts";
import { writtenQuery } from "../../../src/core/graphql/written-fields.ts";
import { answer, resource } from "./engine.ts";
import { MemorySource } from "./memory-source.ts";

const DOCUMENTS = join(import.meta.dirname, "../../../fixtures/documents/valid");
const EXAMPLES = "../shared/cases/r4-examples";
const ENGINE = new GraphEngine({ definitions: R4.definitions, parameters: SEARCH_PARAMETERS });
/** A directive that changes nothing here; a query with one is left to the executor. */
const BY_EXECUTOR = "@first";

type Names = Map<string, Names | undefined>;

/** What a resource has, as a selection; each resource within another by its type, under names of its own, for one name stands for one thing. */
function everythingOf(value: JsonObject): string {
  const names: Names = new Map();
  gather(value, names);
  return selection(names);
}

function gather(value: JsonValue, names: Names): void {
  if (value instanceof JsonArray) for (const item of value.items) gather(item, names);
  if (!(value instanceof JsonObject)) return;
  const type = value.string("resourceType");
  const inner = type !== undefined && names.has("") ? within(names, `... on ${type}`) : names;
  for (const name of value.names) {
    const of = value.get(name) ?? null;
    const objects = of instanceof JsonObject ? [of] : of instanceof JsonArray ? of.items.filter((item) => item instanceof JsonObject) : [];
    if (objects.length === 0) {
      if (!inner.has(name)) inner.set(name, undefined);
      continue;
    }
    const below = within(inner, name);
    for (const one of objects) {
      if (one.has("resourceType")) below.set("", undefined);
      gather(one, below);
    }
  }
}

function within(names: Names, name: string): Names {
  const known = names.get(name) ?? new Map<string, Names | undefined>();
  names.set(name, known);
  return known;
}

function selection(names: Names, prefix = ""): string {
  return [...names]
    .filter(([name]) => name !== "")
    .map(([name, inner]) => {
      if (inner && name.startsWith("... on ")) return `${name} { ${selection(inner, `${name.slice(7)}_`)} }`;
      const called = prefix === "" ? name : `${prefix}${name}: ${name}`;
      return inner ? `${called} { ${selection(inner)} }` : called;
    })
    .join(" ");
}

async function bothWays(json: string): Promise<readonly [written: string, workedOut: string]> {
  const about = resource(json);
  const type = about.string("resourceType") ?? "";
  const ask = async (directive: string): Promise<string> => {
    const query = `{ resourceType ${directive} __typename ${everythingOf(about.without("resourceType"))} }`;
    const { text } = await ENGINE.answer({ query }, new MemorySource([]), { type, load: () => Promise.resolve({ resource: about, type }) });
    return text;
  };
  return [await ask(""), await ask(BY_EXECUTOR)];
}

describe("both ways", () => {
  test.each(readdirSync(DOCUMENTS).filter((name) => name.endsWith(".json")))("%s", async (name) => {
    const [written, workedOut] = await bothWays(readFileSync(join(DOCUMENTS, name), "utf8"));
    expect(written).toContain('{"data":{"resourceType":"Bundle"');
    expect(written).toBe(workedOut);
  });

  // All 438 are the same; each tenth is asked here.
  (existsSync(EXAMPLES) ? test : test.skip)(`examples of R4 in ${EXAMPLES}`, async () => {
    const examples = readdirSync(EXAMPLES).filter((name, at) => name.endsWith(".json") && at % 10 === 0);
    expect(examples.length).toBeGreaterThan(20);
    for (const name of examples) {
      const [written, workedOut] = await bothWays(readFileSync(join(EXAMPLES, name), "utf8"));
      expect(`${name} ${written}`).toBe(`${name} ${workedOut}`);
      expect(written.slice(0, 9)).toBe('{"data":{');
    }
  });
});

describe("which fields are written at once", () => {
  const schemas = new GraphSchemas({ definitions: R4.definitions, parameters: SEARCH_PARAMETERS });
  const writtenIn = async (query: string): Promise<string[]> => {
    const { document, writers } = writtenQuery(parse(query), await schemas.of(undefined), R4.definitions);
    const names = [...print(document).matchAll(/(\w+)!/g)].map(([, name = ""]) => name);
    expect(names).toHaveLength(writers.size);
    return names;
  };

  test.each([
    ["a resource with its elements", '{ Patient(id: "a") { id name { family given } } }', ["Patient"]],
    ["entries by their types", '{ Bundle(id: "a") { entry { resource { ... on Patient { id } ...L } } } } fragment L on List { id }', ["Bundle"]],
    [
      "around what a reference leads to",
      '{ Patient(id: "a") { name { family } managingOrganization { reference resource { id } } } }',
      ["name", "resource"],
    ],
    [
      "around arguments and directives",
      '{ Patient(id: "a") { name(use: official) { family } contact { name { given @skip(if: true) } gender } } }',
      ["name"],
    ],
    [
      "around what refers to it",
      '{ Patient(id: "a") { ObservationList(_reference: patient) { status } photo { url } } }',
      ["ObservationList", "photo"],
    ],
    ["on the pages of a search", "{ PatientConnection { edges { mode resource { id } } } }", ["resource"]],
  ])("%s", async (_what, query, names) => {
    expect(await writtenIn(query)).toEqual(names);
  });

  test("none of what stands twice, since both are one in the answer", async () => {
    expect(await writtenIn('{ Patient(id: "a") { name { family } } Patient(id: "a") { name { given } } }')).toEqual([]);
    expect(await writtenIn('{ Patient(id: "a") { name { family } ... on Resource { meta { source } } ... on Patient { name { given } } generalPractitioner { resource { id } } } }')).toEqual([]); // prettier-ignore
    const query = '{ Patient(id: "p") { name { family } name { given } ...F } } fragment F on Patient { name { use } }';
    expect(
      await answer(query, new MemorySource([resource({ resourceType: "Patient", id: "p", name: [{ use: "usual", family: "F", given: ["G"] }] })])),
    ).toBe('answered: {"Patient":{"name":[{"family":"F","given":["G"],"use":"usual"}]}}');
  });

  test("no plan is larger than a small multiple of the query: fragments within fragments", async () => {
    const fragments = Array.from(
      { length: 30 },
      (_, at) => `fragment F${at} on Extension { a: extension { ...F${at + 1} } b: extension { ...F${at + 1} } }`,
    );
    expect(await writtenIn(`{ Patient(id: "a") { extension { ...F0 } } } ${fragments.join(" ")} fragment F30 on Extension { url }`)).toEqual([]);
  });
});

describe("faults within what is written at once", () => {
  test("a number beyond 32 bits, and too many values, fail the query", async () => {
    const big = resource('{"resourceType":"Observation","id":"o","component":[{"valueInteger":3000000000}]}');
    expect(await answer('{ Observation(id: "o") { component { valueInteger } } }', new MemorySource([big]))).toMatch(/^failed: Int cannot represent/);
    const many = resource({ resourceType: "Patient", id: "p", name: Array.from({ length: 70_000 }, () => ({ family: "F" })) });
    expect(await answer('{ Patient(id: "p") { name { family } } }', new MemorySource([many]))).toMatch(
      /^failed: The answer would have more than 200000 values/,
    );
  });
});
