/** The source of a graph: what it asks a search for, how much of it at once, and what it takes for an answer. */
import { expect, test } from "@jest/globals";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { STORED_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import type { GraphQLSource, Held } from "../../../src/core/graphql/source.ts";
import { readerSource, type SourceNeeds } from "../../../src/interactions/fhir/graphql/reader-source.ts";
import { PAGE } from "../../../src/search/query/page-token.ts";

const held = (resource: { readonly resourceType: string } & Readonly<Record<string, unknown>>): Held => {
  const { resource: read } = readJson(new SourceText(JSON.stringify(resource)), STORED_READ_LIMITS);
  if (!read) throw new Error("no resource");
  return { resource: read, type: resource.resourceType };
};

/** Places with so many tasks each, which a search finds by `focus`. */
function opened(
  places: number,
  tasks: number,
): { readonly source: GraphQLSource; readonly to: readonly Held[]; readonly most: () => number; readonly asked: string[] } {
  const all = Array.from({ length: places }, (_, at) => `Location/${at}`);
  const asked: string[] = [];
  let [now, most] = [0, 0];
  const search: SourceNeeds["resources"]["search"] = (_asked, { parameters }) => {
    const given = new Map(parameters);
    const wanted = (given.get("focus") ?? all.join(",")).split(",");
    const count = Number(given.get("_count"));
    const found = wanted.flatMap((reference) => Array.from({ length: tasks }, (_, at) => ({ resourceType: "Task", id: `${reference.slice(9)}-${at}`, focus: { reference } }))); // prettier-ignore
    const bundle = {
      ...{ resourceType: "Bundle", type: "searchset", total: found.length },
      link: found.length > count ? [{ relation: "next", url: `https://x.example/fhir/Task?${PAGE}=more` }] : [],
      entry: found.slice(0, count).map((resource) => ({ resource, search: { mode: "match" } })),
    };
    asked.push(`${wanted.length} of ${given.get("_count") ?? ""}`);
    most = Math.max(most, ++now);
    const write = async (): Promise<Uint8Array> => {
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return new TextEncoder().encode(JSON.stringify(bundle));
    };
    return Promise.resolve({ weight: 0, write });
  };
  const nothing = (): Promise<never> => Promise.reject(new Error("nobody asks that"));
  const source = readerSource({ caller: { kind: "program", name: "test" } } as unknown as Parameters<typeof readerSource>[0], {
    ...{ reader: { pageOf: nothing, speaking: nothing, covered: nothing }, resources: { search }, own: { read: () => undefined }, kept: [] },
    ...{ findAmong: { referencesOf: ({ resource }) => [resource.object("focus")?.string("reference") ?? ""] }, fhirBase: "https://x.example/fhir" },
  });
  return { source, asked, most: () => most, to: all.map((address) => held({ resourceType: "Location", id: address.slice(9) })) };
}

const TASKS = { type: "Task", parameters: [], by: "focus", count: undefined };

test("what refers to many is one search", async () => {
  const { source, to, asked } = opened(20, 3);
  const found = await source.referring(TASKS, to);
  expect(found.map((tasks) => tasks.map(({ resource }) => resource.string("id")))).toEqual(
    to.map((_, at) => [0, 1, 2].map((task) => `${at}-${task}`)),
  );
  expect(asked).toEqual(["20 of 500"]);
});

test("the first of each are found where all together are too many, a few at once; all of them are an error", async () => {
  const { source, to, asked, most } = opened(40, 30);
  const found = await source.referring({ ...TASKS, count: 2 }, to);
  expect(found.map((tasks) => tasks.map(({ resource }) => resource.string("id")))).toEqual(to.map((_, at) => [`${at}-0`, `${at}-1`]));
  expect(asked).toEqual(["40 of 500", ...to.map(() => "1 of 2")]);
  expect(most()).toBeLessThanOrEqual(8);
  await expect(source.referring(TASKS, to)).rejects.toMatchObject({ code: "too-costly" });
});

test("nothing refers to what has no address, whatever a search without a value would find", async () => {
  const { source, to, asked } = opened(2, 2);
  const contained: Held = { ...held({ resourceType: "Location", id: "in" }), within: { holder: to[0] as Held, entry: undefined } };
  expect(await source.referring(TASKS, [contained])).toEqual([[]]);
  expect(await source.pageReferring(TASKS, contained)).toMatchObject({ total: 0, edges: [] });
  expect(asked).toEqual([]);
});
