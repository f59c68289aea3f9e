/** Resources, probes and criteria without sense, from few values, so that they meet often. */
import { inOrder } from "../../src/search/query/satisfies.ts";
import type { Criterion, RowTest, SpanCondition } from "../../src/search/query/criterion.ts";
import { isHeaderType } from "../../src/search/header-types.ts";
import type { IndexedResource, Probe } from "../../src/search/resource-index.ts";
import { MADE_PLACES } from "../../src/search/resource-number.ts";
import type { DocumentWord, IndexRow } from "../../src/search/values/index-row.ts";
import type { Random } from "./random.ts";

export const TYPES = ["Patient", "Observation", "Composition"] as const;
const NAMES = ["a", "b", "c"] as const;
const TEXTS = ["_text", "_content"] as const;
const VALUES = ["", "a", "ab", "abc", "b", "ba", "é", "\u{1f9ec}", "nul \u0000"] as const;
const SYSTEMS = [undefined, "s", "t"] as const;
const SCALES = ["", "x"] as const;
const BOUNDS = [-5, 0, 1, 2, 7, "3", "5", "61", "7"] as const;

export function randomResources(random: Random, count: number): IndexedResource[] {
  return random.many(count, (place) => ({
    place,
    type: random.one(TYPES),
    path: String(place),
    rows: random.many(random.below(6), () => randomRow(random, count)),
  }));
}

/** As a document comes into an index: what is of a header type with the document, all else behind it, and so are words of any of them, now and then. */
export function inTwoSteps(
  random: Random,
  resources: readonly IndexedResource[],
): { readonly header: readonly IndexedResource[]; readonly rest: readonly IndexedResource[] } {
  const others = resources.filter(({ type }) => !isHeaderType(type));
  return { header: resources.filter(({ type }) => isHeaderType(type)), rest: [...others, ...randomWords(random, resources)] };
}

/** Words of the document in one or two pieces, none of which stands in both. */
export function randomWords(random: Random, resources: readonly IndexedResource[]): IndexedResource[] {
  const words = VALUES.flatMap((value): DocumentWord[] => {
    const at = TYPES.flatMap((type) =>
      TEXTS.flatMap((name) => {
        const places = resources.filter((one) => one.type === type && random.chance(30)).map(({ place }) => place);
        return places.length === 0 ? [] : [{ type, name, places: places.join(",") }];
      }),
    );
    return at.length === 0 ? [] : [{ value, at }];
  });
  const cut = random.below(words.length + 1);
  return [words.slice(0, cut), words.slice(cut)]
    .filter((own) => own.length > 0)
    .map((own, at) => ({ place: MADE_PLACES.Words + at, type: "", path: "", rows: [], words: own }));
}

function randomWord(random: Random): IndexRow {
  const system = random.one(SYSTEMS);
  return { kind: "word", name: random.one(NAMES), value: random.one(VALUES), part: random.below(3), ...(system !== undefined && { system }) };
}

function randomRow(random: Random, places: number): IndexRow {
  const [name, part] = [random.one(NAMES), random.below(3)];
  switch (random.below(3)) {
    case 0:
      return randomWord(random);
    case 1: {
      // As they are taken out of resources: none ends before it begins.
      const [low = 0, high = 0] = [random.one(BOUNDS), random.one(BOUNDS)].sort(inOrder);
      return { kind: "span", name, scale: random.one(SCALES), low, high, part };
    }
    default:
      return { kind: "link", name, target: random.below(places), part };
  }
}

export function randomTest(random: Random): RowTest {
  const name = random.one(NAMES);
  if (random.chance(50)) {
    const system = random.one([...SYSTEMS, null]);
    const match = random.one(["whole", "start", "anywhere"] as const);
    const value = system !== undefined && random.chance(20) ? undefined : random.one(VALUES.filter((one) => one !== ""));
    return { kind: "word", name, match, ...(value !== undefined && { value }), ...(system !== undefined && { system }) };
  }
  const conditions = random.many(random.below(3), (): SpanCondition => ({
    column: random.one(["low", "high"] as const),
    operator: random.one(["<", "<=", ">", ">="] as const),
    bound: random.one(BOUNDS),
  }));
  return { kind: "span", name, scale: random.one(SCALES), conditions };
}

function randomText(random: Random): Extract<Probe, { kind: "text" }> {
  return { kind: "text", names: random.one([TEXTS, ["_text"], ["_content"]]), value: random.one(VALUES.filter((one) => one !== "")) };
}

export function randomProbe(random: Random): Probe {
  const tests = (): RowTest[] => random.many(1 + random.below(2), () => randomTest(random));
  switch (random.below(5)) {
    case 4:
      return randomText(random);
    case 0:
      return { kind: "any" };
    case 1:
      return { kind: "present", name: random.one(NAMES) };
    case 2:
      return { kind: "together", components: random.many(2, tests) };
    default:
      return { kind: "row", anyOf: tests() };
  }
}

export function randomCriterion(random: Random, depth = 0): Criterion {
  const inner = (): Criterion => randomCriterion(random, depth + 1);
  switch (random.below(depth > 2 ? 4 : 9)) {
    case 0:
      return { kind: "present", name: random.one(NAMES) };
    case 1:
      return { kind: "together", components: random.many(2, () => [randomTest(random)]) };
    case 2:
      return { kind: "row", anyOf: random.many(1 + random.below(2), () => randomTest(random)) };
    case 3:
      return randomText(random);
    case 4:
      return { kind: "not", of: inner() };
    case 5:
      return { kind: "every", of: random.many(random.below(3), inner) };
    case 6:
      return { kind: "some", of: random.many(random.below(3), inner) };
    case 7:
      return {
        kind: "refers",
        name: random.one(NAMES),
        to: random.many(1 + random.below(2), (at) => ({ type: TYPES[at] ?? "Patient", criterion: inner() })),
      };
    default:
      return { kind: "referred", type: random.one(TYPES), name: random.one(NAMES), criterion: inner() };
  }
}
