/** Queries that are made to cost: each is refused before anything is asked for it, and what it takes to refuse it grows with its text. */
import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { getIntrospectionQuery, GraphQLSchema, parse } from "graphql";
import { ELEMENTS, requireModest } from "../../../src/core/graphql/cost.ts";
import { KnownQueries } from "../../../src/core/graphql/known-queries.ts";
import { GRAPH_LIMITS } from "../../../src/core/graphql/limits.ts";
import { answer, ENGINE, resource } from "./engine.ts";
import { MemorySource } from "./memory-source.ts";

const PATIENT = resource({ resourceType: "Patient", id: "p", name: [{ family: "A" }] });
const nested = (depth: number, inner = "url"): string => "extension{".repeat(depth) + inner + "}".repeat(depth);
const fragments = (count: number, times: number): string =>
  `{ ...f0 } ${Array.from({ length: count }, (_, at) => `fragment f${at} on Patient { ${Array.from({ length: times }, (_, one) => `a${one}: name{family} ...f${at + 1}`).join(" ")} }`).join(" ")} fragment f${count} on Patient { id }`;

/** The schema, as far as it is counted. */
interface Told {
  readonly types: readonly {
    readonly fields: readonly { readonly args: readonly unknown[] }[] | null;
    readonly possibleTypes: readonly unknown[] | null;
  }[];
  readonly directives: readonly unknown[];
}

const HOSTILE: readonly (readonly [string, string, string])[] = [
  ["depth", `{ ${nested(GRAPH_LIMITS.depth + 1)} }`, '"depth"'],
  [
    "depth within fragments",
    `{ ...A } fragment A on Patient { extension { ...B } } fragment B on Extension { ${nested(GRAPH_LIMITS.depth)} }`,
    '"depth"',
  ],
  ["depth beyond any stack", `{ ${nested(1_500)} }`, '"depth"'],
  [
    "a fragment within itself",
    "{ ...A } fragment A on Patient { id ...B } fragment B on Patient { ...A }",
    'Cannot spread fragment "A" within itself',
  ],
  ["fragments that double", fragments(30, 2), '"aliases"'],
  ["aliases", `{ ${Array.from({ length: GRAPH_LIMITS.aliases + 1 }, (_, at) => `a${at}: id`).join(" ")} }`, '"aliases"'],
  ["directives", `{ ${"id @skip(if: false) ".repeat(GRAPH_LIMITS.directives + 1)} }`, '"directives"'],
  ["directives on one field", `{ id ${"@skip(if: false) ".repeat(100)} }`, "can only be used once"],
  ["tokens", `{ ${"id ".repeat(GRAPH_LIMITS.tokens)} }`, "token"],
  ["comments", `{ id ${"#\n".repeat(GRAPH_LIMITS.tokens + 1)} }`, "omment"],
  ["a megabyte of tokens", `{ ${"id ".repeat(350_000)} }`, "at most 50000 characters"],
  ["a megabyte of blanks", `{ id ${" ".repeat(1_000_000)} }`, "at most 50000 characters"],
  [
    "lists within lists",
    "{ ObservationList(_reference: patient, _count: 500) { subject { resource { ... on Patient { ObservationList(_reference: patient, _count: 500) { id } } } } } }",
    '"cost"',
  ],
  [
    "searches",
    `{ ${Array.from({ length: GRAPH_LIMITS.searches + 1 }, (_, at) => `a${at}: ObservationList(_reference: patient) { id }`).join(" ")} }`,
    '"searches"',
  ],
  ["introspection within introspection", `{ __schema { types ${"{ fields { type ".repeat(8)} { name } ${"} }".repeat(8)} } }`, "ntrospection"],
  [
    "many introspections",
    `{ ${Array.from({ length: 60 }, (_, at) => `a${at}: __schema { types { fields { args { name } } } }`).join(" ")} }`,
    '"introspection"',
  ],
  [
    "the largest type many times",
    `{ ${Array.from({ length: 150 }, (_, at) => `a${at}: __type(name: "Query") { fields { name args { name description type { name ofType { name } } } } }`).join(" ")} }`,
    '"introspection"',
  ],
  ["types of types", "{ __schema { types { fields { type { ofType { fields { args { name } } } } } } } }", "without end"],
  [
    "types that are possible for each other",
    '{ __type(name: "Resource") { possibleTypes { interfaces { possibleTypes { name } } } } }',
    "ntrospection",
  ],
  ["FHIRPath that puts texts together", '{ name(fhirpath: "(family & family & family).upper().exists()") { family } }', "& is not offered"],
  ["FHIRPath that adds texts", '{ name(fhirpath: "(family + family).exists()") { family } }', "+ is not offered"],
  ["fields that must be merged", `{ ${"name { family given } ".repeat(1_200)} }`, ""],
  ["a name that only we may give", "{ __resourceType: name { family } }", "no name that a query may give"],
  ["FHIRPath within FHIRPath", `{ name(fhirpath: "${"where(".repeat(60)}true${")".repeat(60)}") { family } }`, "criteria stand within criteria"],
  ["FHIRPath that is long", `{ name(fhirpath: "${"true and ".repeat(60)}true") { family } }`, "at most 500 characters"],
  ["FHIRPath in many brackets", `{ name(fhirpath: "${"(".repeat(240)}true${")".repeat(240)}") { family } }`, "nested too deeply"],
];

test("docs/limits.md names these limits", () => {
  const limits = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8");
  for (const [name, value] of Object.entries({ ...GRAPH_LIMITS })) expect(limits).toContain(`| \`graphql.${name}\` | ${value} |`);
});

describe("hostile queries", () => {
  test.each(HOSTILE)("%s", async (name, query, expected) => {
    const source = new MemorySource([PATIENT]);
    const before = process.cpuUsage();
    const told = await answer(query, source, PATIENT);
    const { user, system } = process.cpuUsage(before);
    expect([name, told.slice(0, 300)]).toEqual([name, expect.stringContaining(expected)]);
    if (expected !== "") expect(told).not.toMatch(/^answered/);
    expect(source.asked).toEqual([]);
    // Of a processor, in milliseconds: a thousand times what it takes to read such a text.
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });

  test("variables do not change what a list may cost", async () => {
    const query =
      "query($n: Int) { ObservationList(_reference: patient, _count: $n) { subject { resource { ... on Patient { ObservationList(_reference: patient, _count: $n) { id } } } } } }";
    expect(await answer(query, new MemorySource([PATIENT]), PATIENT, { n: 500 })).toContain('"cost"');
    expect(await answer(query, new MemorySource([PATIENT]), PATIENT, { n: 5 })).toContain("answered");
    expect(await answer(query.replace("$n: Int", "$n: Int = 500"), new MemorySource([PATIENT]), PATIENT)).toContain('"cost"');
  });

  test("an answer that grows beyond what a query said is given up", async () => {
    const large = resource({
      resourceType: "Patient",
      id: "p",
      name: Array.from({ length: 2_000 }, (_, at) => ({ family: `n${at}`, given: Array.from({ length: 300 }, () => "g") })),
    });
    expect(await answer("{ name { family given } }", new MemorySource([large]), large)).toContain(
      `failed: The answer would have more than ${GRAPH_LIMITS.values} values`,
    );
  });

  test("no list of the schema is longer than it counts", async () => {
    const query = "{ __schema { types { fields { args { name } } possibleTypes { name } } directives { name } } }";
    const { text } = await ENGINE.answer({ query }, new MemorySource([]));
    const { data } = JSON.parse(text) as { readonly data: { readonly __schema: Told } };
    const { types, directives } = data.__schema;
    const { ofAll, ofOne } = ELEMENTS;
    const fields = types.map((type) => type.fields ?? []);
    const args = fields.map((all) => all.reduce((sum, field) => sum + field.args.length, 0));
    expect(Math.max(...fields.map((all) => all.length))).toBeLessThanOrEqual(ofOne.fields);
    expect(Math.max(...args)).toBeLessThanOrEqual(ofOne.fields * ofOne.args);
    expect(Math.max(...types.map(({ possibleTypes }) => possibleTypes?.length ?? 0))).toBeLessThanOrEqual(ofOne.possibleTypes);
    expect(types.length).toBeLessThanOrEqual(ofAll.types);
    expect(fields.flat().length).toBeLessThanOrEqual(ofAll.types * ofAll.fields);
    expect(args.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(ofAll.types * ofAll.fields * ofAll.args);
    expect(directives.length).toBeLessThanOrEqual(ofAll.directives);
  });

  test("queries that are kept are so many characters, of however many schemas", () => {
    const known = new KnownQueries();
    const fitted = {} as Parameters<KnownQueries["keep"]>[2];
    const schemas = Array.from({ length: 10 }, () => new GraphQLSchema({}));
    for (const schema of schemas) known.keep(schema, "x".repeat(GRAPH_LIMITS.characters), fitted);
    expect(known.characters).toBeLessThanOrEqual(200_000);
    expect(schemas.map((schema) => known.get(schema, "x".repeat(GRAPH_LIMITS.characters)) === fitted)).toEqual(schemas.map((_, at) => at > 6));
  });

  test("what tools ask for is within the limits", () => {
    expect(() => requireModest(parse(getIntrospectionQuery()), {})).not.toThrow();
  });
});
