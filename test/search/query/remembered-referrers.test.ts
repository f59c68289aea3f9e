import { expect, test } from "@jest/globals";
import { RememberedReferrers } from "../../../src/search/query/remembered-referrers.ts";
import { resourceNumber } from "../../../src/search/resource-number.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { MemoryIndex } from "../../contracts/memory-index.ts";
import { Random } from "../../contracts/random.ts";
import { inTwoSteps, randomResources, TYPES } from "../../contracts/random-resources.ts";

const DOCUMENTS = 20;
const NAMES = ["a", "b", "c"];

test("gives what the index gives, however often it is asked, and asks of it only types that refer at all", async () => {
  const random = new Random(5);
  const index = new MemoryIndex();
  const all = Array.from({ length: DOCUMENTS }, () => randomResources(random, 1 + random.below(8)));
  const steps = all.map((resources) => inTwoSteps(random, resources));
  await index.advance(stepOf(steps.map(({ header }, from) => newDocument({ from, header }))));
  await index.deepen({ from: 0, to: DOCUMENTS, documents: steps.map(({ rest }, position) => ({ position, resources: rest })) });
  const numbers = all.flatMap((own, position) => own.map(({ place }) => resourceNumber(position, place)));
  const asked: (string | undefined)[] = [];
  const watched = {
    referrers: (...given: Parameters<MemoryIndex["referrers"]>) => {
      asked.push(given[0]);
      return index.referrers(...given);
    },
    resources: (...given: Parameters<MemoryIndex["resources"]>) => index.resources(...given),
  };
  let found = 0;
  for (const some of [[], ...numbers.map((number) => [number]), numbers.filter(() => random.chance(20)), numbers]) {
    const remembered = new RememberedReferrers(watched);
    // All at once, as a compartment asks.
    const questions = [...TYPES, "Nothing", "Neither"].flatMap((type) => NAMES.map((name) => [type, name] as const));
    const answers = await Promise.all(questions.map(([type, name]) => remembered.of(type, name, some)));
    const expected = await Promise.all(questions.map(([type, name]) => index.referrers(type, name, some)));
    expect(answers).toEqual(expected);
    found += answers.flat().length;
  }
  expect(found).toBeGreaterThan(10);
  expect(asked.filter((type) => type === "Nothing" || type === "Neither")).toEqual([]);
});
