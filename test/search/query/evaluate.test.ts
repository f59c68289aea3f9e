import { describe, expect, test } from "@jest/globals";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import type { Criterion } from "../../../src/search/query/criterion.ts";
import { Effort } from "../../../src/search/query/effort.ts";
import { Evaluator } from "../../../src/search/query/evaluate.ts";
import type { IndexedResource, Probe } from "../../../src/search/resource-index.ts";
import { endOf, positionOf, resourceNumber, type ResourceNumber } from "../../../src/search/resource-number.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { MemoryIndex } from "../../contracts/memory-index.ts";
import { Random } from "../../contracts/random.ts";
import { randomCriterion, randomResources, randomWords, TYPES } from "../../contracts/random-resources.ts";

const SCOPE = { permitted: PERMIT_ALL, isCurrent: false };
const DOCUMENTS = 30;

/** What a criterion means, said once more: each resource by itself, without any order or narrowing. */
class Meaning {
  readonly #index: MemoryIndex;
  readonly #all: ReadonlyMap<ResourceNumber, IndexedResource>;

  constructor(index: MemoryIndex, all: ReadonlyMap<ResourceNumber, IndexedResource>) {
    this.#index = index;
    this.#all = all;
  }

  async holds(number: ResourceNumber, type: string, criterion: Criterion): Promise<boolean> {
    const resource = this.#all.get(number);
    if (resource?.type !== type) return false;
    switch (criterion.kind) {
      case "not":
        return !(await this.holds(number, type, criterion.of));
      case "every":
        return (await Promise.all(criterion.of.map((one) => this.holds(number, type, one)))).every(Boolean);
      case "some":
        return (await Promise.all(criterion.of.map((one) => this.holds(number, type, one)))).some(Boolean);
      case "refers": {
        const targets = resource.rows.flatMap((row) =>
          row.kind === "link" && row.name === criterion.name ? [resourceNumber(positionOf(number), row.target)] : [],
        );
        const found = await Promise.all(targets.flatMap((target) => criterion.to.map((to) => this.holds(target, to.type, to.criterion))));
        return found.some(Boolean);
      }
      case "referred": {
        const found = await Promise.all(
          [...this.#all].map(async ([from, { type: own, rows }]) => {
            const leadsHere = rows.some(
              (row) => row.kind === "link" && row.name === criterion.name && resourceNumber(positionOf(from), row.target) === number,
            );
            return own === criterion.type && leadsHere && (await this.holds(from, criterion.type, criterion.criterion));
          }),
        );
        return found.some(Boolean);
      }
      case "row":
      case "text":
      case "present":
      case "together":
        return (await this.#index.among(type, criterion, [number])).length > 0;
      default:
        throw new Error(`no random criterion is ${criterion.kind}`);
    }
  }
}

/** A member of an index as it is, called upon it where it is a function. */
function bound(index: MemoryIndex, name: keyof MemoryIndex): unknown {
  const member: unknown = index[name];
  return typeof member === "function" ? (member.bind(index) as unknown) : member;
}

describe("the evaluator", () => {
  test.each([1, 2, 3, 4])("finds what each resource by itself satisfies, page by page, newest first (seed %i)", async (seed) => {
    const random = new Random(seed);
    const index = new MemoryIndex();
    const all = new Map<ResourceNumber, IndexedResource>();
    await index.advance(stepOf(Array.from({ length: DOCUMENTS }, (_, from) => newDocument({ from }))));
    const documents = Array.from({ length: DOCUMENTS }, (_, position) => {
      const resources = randomResources(random, 1 + random.below(6));
      return { position, resources: [...resources, ...randomWords(random, resources)] };
    });
    await index.deepen({ from: 0, to: DOCUMENTS, documents });
    for (const { position, resources } of documents) for (const one of resources) all.set(resourceNumber(position, one.place), one);
    const meaning = new Meaning(index, all);
    const newest = [...all.keys()].sort((one, other) => other - one);
    for (let round = 0; round < 60; round++) {
      const [type, criterion] = [random.one(TYPES), randomCriterion(random)];
      const holds = await Promise.all(newest.map((number) => meaning.holds(number, type, criterion)));
      const expected = newest.filter((_, at) => holds[at]);
      const found: ResourceNumber[] = [];
      const count = random.one([1, 2, 7, 1_000]);
      for (let below = endOf(DOCUMENTS); ;) {
        const page = await new Evaluator(index, new Effort()).page(type, criterion, { below, count }, SCOPE);
        found.push(...page);
        if (page.length < count) break;
        below = page.at(-1) ?? 0;
      }
      expect({ type, criterion, found }).toEqual({ type, criterion, found: expected });
    }
  });

  test("counts no further than it must to know which criterion leaves the fewest", async () => {
    const index = new MemoryIndex();
    const documents = Array.from({ length: 400 }, (_, from) => newDocument({ from }));
    await index.advance(stepOf(documents));
    const word = (value: string) => ({ kind: "word", name: "a", value, part: 0 }) as const;
    await index.deepen({
      ...{ from: 0, to: 400 },
      documents: documents.map(({ from }) => ({
        position: from,
        resources: [
          {
            place: 0,
            type: "Patient",
            path: "0",
            rows: [word("all"), ...(from < 300 ? [word("most")] : []), ...(from % 100 === 0 ? [word("few")] : [])],
          },
        ],
      })),
    });
    const asked: number[] = [];
    const counting = new Proxy(index, {
      get: (target, name: keyof MemoryIndex) => {
        if (name !== "estimate") return bound(target, name);
        return (type: string, probe: Probe, most: number) => {
          asked.push(most);
          return target.estimate(type, probe, most);
        };
      },
    });
    const has = (value: string): Criterion => ({ kind: "row", anyOf: [{ kind: "word", name: "a", match: "whole", value }] });
    const found = async (criterion: Criterion): Promise<number> => {
      asked.length = 0;
      return (await new Evaluator(counting, new Effort()).page("Patient", criterion, { below: endOf(400), count: 1_000 }, SCOPE)).length;
    };
    expect(await found({ kind: "every", of: [has("all"), has("few"), has("most")] })).toBe(3);
    expect(Math.max(...asked)).toBe(256);
    expect(await found({ kind: "every", of: [has("all"), has("most")] })).toBe(300);
    expect(Math.max(...asked)).toBe(4_096);
    // Nothing is weighed against it.
    expect(await found(has("all"))).toBe(400);
    expect(Math.max(...asked)).toBe(1);
  });

  test("gives up when it has cost what it may", async () => {
    const index = new MemoryIndex();
    const effort = new Effort("", 10);
    effort.spent = 11;
    await expect(new Evaluator(index, effort).page("Patient", { kind: "every", of: [] }, { below: 1, count: 1 }, SCOPE)).rejects.toMatchObject({
      code: "too-costly",
    });
  });
});
