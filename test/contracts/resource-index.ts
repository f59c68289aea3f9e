/** What every IndexPort must do for resources, whatever engine keeps it: held against MemoryResources, which looks at each row. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { IndexPort } from "../../src/search/index-port.ts";
import { notOf, PERMIT_ALL, ruledBy, ruleOf, type Predicate } from "../../src/search/predicate.ts";
import type { IndexedResource, IndexedResources, Probe, Scope } from "../../src/search/resource-index.ts";
import { endOf, MADE_PLACES, positionOf, resourceNumber } from "../../src/search/resource-number.ts";
import type { DocumentWord, IndexRow } from "../../src/search/values/index-row.ts";
import type { IndexPlace } from "./index-port.ts";
import { newDocument, stepOf } from "./indexed.ts";
import { MemoryIndex } from "./memory-index.ts";
import { packed } from "../../src/search/packed-resources.ts";
import { Random } from "./random.ts";
import { inTwoSteps, randomProbe, randomResources, TYPES } from "./random-resources.ts";

const ALL: Scope = { permitted: PERMIT_ALL, isCurrent: false };
const DOCUMENTS = 12;
const ROUNDS = 150;

export function describeResourceIndex(name: string, newPlace: () => Promise<IndexPlace>): void {
  describe(`${name} as an index of resources`, () => {
    let place: IndexPlace;
    let index: IndexPort;
    beforeEach(async () => {
      place = await newPlace();
      index = await place.open();
    });
    afterEach(async () => {
      await index.close();
      await place.remove();
    });

    /** The same documents in both indexes: every third is superseded, every fourth entered in error; each comes in two steps. */
    const fill = async (seed: number, ...indexes: readonly IndexPort[]): Promise<{ readonly numbers: number[]; readonly ids: string[] }> => {
      const random = new Random(seed);
      const all = Array.from({ length: DOCUMENTS }, () => randomResources(random, 1 + random.below(6)));
      const steps = all
        .map((resources) => inTwoSteps(random, resources))
        .map((step, at) => (at % 2 === 0 ? step : { header: asText(step.header), rest: asText(step.rest) }));
      const documents = steps.map(({ header }, from) =>
        newDocument({ from, header, ...(from % 3 === 0 && { to: from + 1 }), facts: { status: [from % 4 === 0 ? "entered-in-error" : "final"] } }),
      );
      const resources = steps.map(({ rest }, position) => ({ position, resources: rest }));
      for (const one of indexes) {
        expect(await one.advance(stepOf(documents))).toBe("advanced");
        expect(await one.deepen({ from: 0, to: 5, documents: resources.slice(0, 5) })).toBe("advanced");
        expect(await one.deepen({ from: 5, to: DOCUMENTS, documents: resources.slice(5) })).toBe("advanced");
      }
      return {
        numbers: all.flatMap((own, position) => own.map(({ place: at }) => resourceNumber(position, at))),
        ids: documents.map(({ summary }) => summary.id),
      };
    };

    test("answers every question as one that looks at each row", async () => {
      const oracle = new MemoryIndex();
      const { numbers, ids } = await fill(7, index, oracle);
      const random = new Random(11);
      for (let round = 0; round < ROUNDS; round++) {
        const [type, probe] = [random.one(TYPES), randomProbe(random)];
        const final: Predicate = { kind: "any", column: "status", values: ["final"] };
        const half = ids.filter(() => random.chance(50));
        const ruled = ruledBy([{ patients: { keys: [], documents: half }, rule: ruleOf(random.one([PERMIT_ALL, final])) ?? "" }]);
        const permitted: Predicate = random.one([PERMIT_ALL, final, ruled, notOf(ruled)] as const);
        const scope = { permitted, isCurrent: random.chance(30) };
        const window = { below: random.chance(50) ? endOf(DOCUMENTS) : random.one(numbers), count: random.one([1, 3, 1_000]) };
        const some = numbers.filter(() => random.chance(40)).reverse();
        const reference = random.chance(50) ? "a" : undefined;
        const link = random.chance(50) ? type : undefined;
        const places = [1, 2, 3].map(() => ({ documentId: random.one(ids), path: String(random.below(6)) }));
        const ask = async (one: IndexPort): Promise<unknown> => [
          await one.find(type, probe, window, scope),
          await one.among(type, probe, some),
          await one.targets(link, reference, some),
          await one.referrers(link, reference, some),
          await one.resources(some, scope),
          (await one.bounds(type, "a", some)).map(({ number }) => number).sort(),
          (await one.texts(type, "a", some)).map(({ from, value }) => `${some.indexOf(from)} ${value}`).sort(),
          await one.numbersOf(places, type),
          // How many rows or resources: each engine counts what it finds by.
          (await one.estimate(type, probe, 1)) > 0 || (await one.find(type, probe, { below: endOf(DOCUMENTS), count: 1 }, ALL)).length === 0,
        ];
        expect({ type, link, probe, window, scope, answers: await ask(index) }).toEqual({
          type,
          link,
          probe,
          window,
          scope,
          answers: await ask(oracle),
        });
      }
    });

    test("estimates no less than one and no more than it is asked to count", async () => {
      await fill(3, index);
      for (const type of TYPES) {
        const found = await index.find(type, { kind: "any" }, { below: endOf(DOCUMENTS), count: 1_000 }, ALL);
        expect(await index.estimate(type, { kind: "any" }, 1_000)).toBe(found.length);
        expect(await index.estimate(type, { kind: "any" }, 1)).toBe(Math.min(1, found.length));
      }
    });

    const resource = (more: Partial<IndexedResource> = {}): IndexedResource => ({ place: 0, type: "Patient", path: "0", rows: [], ...more });

    const words = (...own: readonly DocumentWord[]): IndexedResource => ({ place: MADE_PLACES.Words, type: "", path: "", rows: [], words: own });
    const TEXT: Probe = { kind: "text", names: ["_text", "_content"], value: "y" };

    test("finds and counts spans that begin before a bound and end behind it, and says none only where there is none", async () => {
      const documents = Array.from({ length: 6 }, (_, from) => newDocument({ from }));
      await index.advance(stepOf(documents));
      const span = (low: number, high: number): IndexRow => ({ kind: "span", name: "a", scale: "", low, high, part: 0 });
      const spans = [span(1, 2), span(1, 100), span(5, 6), span(50, 60), span(99, 100), span(7, 7)];
      const step = spans.map((row, at) => ({ position: at, resources: [resource({ rows: [row] })] }));
      await index.deepen({ from: 0, to: 6, documents: step });
      const bounds = [0, 1, 2, 5, 6, 50, 60, 99, 100, 101];
      for (const column of ["low", "high"] as const)
        for (const [operator, holds] of [
          ["<", (value: number, bound: number) => value < bound],
          ["<=", (value: number, bound: number) => value <= bound],
          [">", (value: number, bound: number) => value > bound],
          [">=", (value: number, bound: number) => value >= bound],
        ] as const)
          for (const bound of bounds) {
            const probe: Probe = { kind: "row", anyOf: [{ kind: "span", name: "a", scale: "", conditions: [{ column, operator, bound }] }] };
            const expected = spans.flatMap((row, at) => (row.kind === "span" && holds(Number(row[column]), bound) ? [at] : [])).reverse();
            const found = (await index.find("Patient", probe, { below: endOf(6), count: 10 }, ALL)).map(positionOf);
            const [any, all] = [await index.estimate("Patient", probe, 1), await index.estimate("Patient", probe, 10)];
            expect({ column, operator, bound, found, any: any > 0, isMore: all > expected.length }).toEqual({
              ...{ column, operator, bound, found: expected, any: expected.length > 0, isMore: false },
            });
          }
    });

    test("finds by names of ours that few have, many have, or nobody", async () => {
      const count = 30;
      const documents = Array.from({ length: count }, (_, from) => newDocument({ from }));
      await index.advance(stepOf(documents));
      const word = (name: string): IndexRow => ({ kind: "word", name, value: "x", part: 0 });
      const step = documents.map(({ from }) => ({
        position: from,
        resources: [resource({ rows: [word(":many"), ...(from === 4 ? [word(":few")] : [])] })],
      }));
      await index.deepen({ from: 0, to: count, documents: step });
      for (const [name, expected] of [
        [":few", [4]],
        [":many", documents.map(({ from }) => from).reverse()],
        [":nobody", []],
        ["nobody", []],
      ] as const) {
        const probe: Probe = { kind: "present", name };
        const found = (await index.find("Patient", probe, { below: endOf(count), count: 100 }, ALL)).map(positionOf);
        expect([name, found, await index.estimate("Patient", probe, 1_000)]).toEqual([name, expected, expected.length]);
        expect(await index.estimate("Observation", probe, 1)).toBe(0);
      }
    });

    test("finds words page by page, however many pieces those of a document stand in", async () => {
      const count = 40;
      const documents = Array.from({ length: count }, (_, from) => newDocument({ from }));
      await index.advance(stepOf(documents));
      const places = [0, 1, 2];
      const resources = places.map((at) => resource({ place: at, path: String(at), type: "Observation" }));
      // Each word in a piece of its own: `y0` of resource 0, and so on.
      const pieces = places.map((at) => ({
        ...words({ value: `y${at}`, at: [{ type: "Observation", name: at === 1 ? "_content" : "_text", places: String(at) }] }),
        place: MADE_PLACES.Words + at,
      }));
      await index.deepen({ from: 0, to: count, documents: documents.map(({ from }) => ({ position: from, resources: [...resources, ...pieces] })) });
      const all = documents.flatMap(({ from }) => places.map((at) => resourceNumber(from, at))).reverse();
      for (const size of [1, 2, 4, 50]) {
        const found: number[] = [];
        for (let below = endOf(count); ;) {
          const page = await index.find("Observation", TEXT, { below, count: size }, ALL);
          found.push(...page);
          if (page.length < size) break;
          below = page.at(-1) ?? 0;
        }
        expect({ size, found }).toEqual({ size, found: all });
      }
      const some = all.filter((_, at) => at % 4 === 0);
      expect(await index.among("Observation", TEXT, some)).toEqual(some);
      expect(await index.among("Observation", { ...TEXT, names: ["_content"] }, all)).toEqual(all.filter((number) => number % 2 ** 20 === 1));
      expect(await index.estimate("Observation", TEXT, 7)).toBeGreaterThan(0);
    });

    test("takes in a step where it stands, no further than its documents, and nothing of documents that are gone", async () => {
      const [kept, gone] = [newDocument({ from: 0 }), newDocument({ from: 1 })];
      expect(await index.advance(stepOf([kept, gone]))).toBe("advanced");
      expect(await index.deepen({ from: 0, to: 3, documents: [] })).toBe("behind");
      expect(await index.advance({ ...stepOf([], 2), to: 3, mark: "m", removed: [gone.summary.id] })).toBe("advanced");
      expect(await index.deepen({ from: 1, to: 2, documents: [] })).toBe("behind");
      const documents = [0, 1].map((position) => ({ position, resources: [resource()] }));
      expect(await index.deepen({ from: 0, to: 3, documents })).toBe("advanced");
      expect(await index.depth()).toBe(3);
      expect(await index.find("Patient", { kind: "any" }, { below: endOf(3), count: 9 }, ALL)).toEqual([resourceNumber(0, 0)]);
      expect(await index.numbersOf([{ documentId: kept.summary.id, path: "0" }], "Patient")).toEqual([resourceNumber(0, 0)]);
      expect(await index.numbersOf([{ documentId: kept.summary.id, path: "0" }], "Observation")).toEqual([undefined]);
      expect(await index.numbersOf([{ documentId: gone.summary.id, path: "0" }], "Patient")).toEqual([undefined]);
    });

    test("has the resources of header types with their document, and what follows them beside it, once", async () => {
      const word = (name: string, value: string) => ({ kind: "word", name, value, part: 0 }) as const;
      const probe = (name: string, value: string) => ({ kind: "row", anyOf: [{ kind: "word", name, match: "whole", value }] }) as const;
      const find = (type: string, name: string, value: string): Promise<number[]> =>
        index.find(type, probe(name, value), { below: endOf(9), count: 9 }, ALL);
      const [first, second] = [
        newDocument({ from: 0, header: [resource({ rows: [word("a", "x")] })] }),
        newDocument({ from: 1, header: [resource({ rows: [word("a", "x")] })] }),
      ];
      await index.advance(stepOf([first]));
      expect([await index.depth(), await find("Patient", "a", "x")]).toEqual([0, [resourceNumber(0, 0)]]);
      expect(await index.numbersOf([{ documentId: first.summary.id, path: "0" }], "Patient")).toEqual([resourceNumber(0, 0)]);
      expect((await index.resources([resourceNumber(0, 0)], ALL)).length).toBe(1);
      await index.advance(stepOf([second]));
      const more = words({ value: "y", at: [{ type: "Patient", name: "_text", places: "0" }] });
      const spoken = (): Promise<number[]> => index.find("Patient", TEXT, { below: endOf(9), count: 9 }, ALL);
      const other = resource({
        place: 1,
        path: "1",
        type: "Observation",
        rows: [word("a", "x"), { kind: "link", name: "subject", target: 0, part: 0 }],
      });
      expect(await index.deepen({ from: 0, to: 2, documents: [0, 1].map((position) => ({ position, resources: [more, other] })) })).toBe("advanced");
      const both = [resourceNumber(1, 0), resourceNumber(0, 0)];
      expect([await find("Patient", "a", "x"), await spoken()]).toEqual([both, both]);
      expect(await index.find("Observation", TEXT, { below: endOf(9), count: 9 }, ALL)).toEqual([]);
      expect(await find("Observation", "a", "x")).toEqual([resourceNumber(1, 1), resourceNumber(0, 1)]);
      expect((await index.referrers("Observation", "subject", [resourceNumber(0, 0)])).length).toBe(1);
      await index.advance({ ...stepOf([], 2), to: 3, mark: "m", removed: [first.summary.id] });
      expect([await find("Patient", "a", "x"), await spoken()]).toEqual([both.slice(0, 1), both.slice(0, 1)]);
      expect(await place.orphans()).toEqual([]);
    });

    test("loses nothing of what follows a document to somebody who was asleep when the document came", async () => {
      const asleep = await place.open();
      try {
        expect(await asleep.position()).toMatchObject({ size: 0 });
        const step = stepOf([newDocument({ from: 0, header: [resource()] })]);
        await index.advance(step);
        const other = { place: 1, path: "1", type: "Observation", rows: [] };
        const at = (type: string, places: string) => ({ type, name: "_text", places });
        const resources = [other, words({ value: "y", at: [at("Patient", "0"), at("Observation", "1")] })];
        await index.deepen({ from: 0, to: 1, documents: [{ position: 0, resources }] });
        expect([await asleep.advance(step), await asleep.depth()]).toEqual(["behind", 1]);
        const find = (type: string) => index.find(type, TEXT, { below: endOf(1), count: 9 }, ALL);
        expect([await find("Patient"), await find("Observation")]).toEqual([[resourceNumber(0, 0)], [resourceNumber(0, 1)]]);
      } finally {
        await asleep.close();
      }
    });

    test("keeps nothing of a document that was removed", async () => {
      const document = newDocument({ from: 0 });
      await index.advance(stepOf([document]));
      const rows = [{ kind: "word", name: "a", value: "x", part: 0 } as const, { kind: "link", name: "a", target: 0, part: 0 } as const];
      await index.deepen({
        from: 0,
        to: 1,
        documents: [{ position: 0, resources: [resource({ rows }), words({ value: "yes", at: [{ type: "Patient", name: "_text", places: "0" }] })] }],
      });
      expect(await index.find("Patient", TEXT, { below: endOf(1), count: 9 }, ALL)).toHaveLength(1);
      const probe = { kind: "row", anyOf: [{ kind: "word", name: "a", match: "whole", value: "x" }] } as const;
      expect(await index.find("Patient", probe, { below: endOf(1), count: 9 }, ALL)).toHaveLength(1);
      await index.advance({ ...stepOf([], 1), to: 2, mark: "m", removed: [document.summary.id] });
      expect(await index.find("Patient", probe, { below: endOf(2), count: 9 }, ALL)).toEqual([]);
      expect(await index.find("Patient", TEXT, { below: endOf(2), count: 9 }, ALL)).toEqual([]);
      expect(await index.referrers("Patient", "a", [resourceNumber(0, 0)])).toEqual([]);
      expect(await index.resources([resourceNumber(0, 0)], ALL)).toEqual([]);
      expect(await place.orphans()).toEqual([]);
    });

    test("begins anew when it is emptied, and beside itself", async () => {
      await fill(5, index);
      const beside = await index.beside();
      expect(await beside.depth()).toBe(0);
      await beside.abandon();
      await index.clear();
      expect(await index.depth()).toBe(0);
      expect(await index.find("Patient", { kind: "any" }, { below: endOf(99), count: 9 }, ALL)).toEqual([]);
      expect(positionOf(endOf(3))).toBe(3);
    });
  });
}

/** As a service hands them to the engine (packed-resources.ts). */
function asText(resources: readonly IndexedResource[]): IndexedResources {
  return { text: packed(resources).text, ids: [] };
}
