/** A short run of `npm run fuzz` with a fixed seed, in this process and on our own fixtures only: a promise that breaks shows here first. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readCorpus } from "../../fuzz/corpus.ts";
import { FAMILIES, InputMaker } from "../../fuzz/input.ts";
import { Fault, oracle } from "../../fuzz/oracle.ts";
import { minimise } from "../../fuzz/minimise.ts";
import { growthOf } from "../../fuzz/pool.ts";
import { emptyTally, inputsOf } from "../../fuzz/tally.ts";
import { faultOf, tryInput } from "../../fuzz/try-input.ts";

const SEED = 20260314;
const INPUTS = 2000;

let corpus: ReturnType<typeof readCorpus>;

beforeAll(() => {
  corpus = readCorpus({ maxBytes: 8000 });
});

test(`${INPUTS} mutated inputs: a described refusal or a verdict`, () => {
  const maker = new InputMaker(SEED, corpus);
  const tally = emptyTally();
  const faults = Array.from({ length: INPUTS }, (_, index) => tryInput(maker.input(index), index, tally)).filter((fault) => fault !== undefined);
  expect(faults).toEqual([]);
  // Each kind of mutation took part, and each verdict came about.
  expect(FAMILIES.map((family) => inputsOf(tally[family]) > 0)).toEqual(FAMILIES.map(() => true));
  for (const verdict of ["unreadable", "refused", "valid"] as const) {
    expect(FAMILIES.reduce((sum, family) => sum + tally[family].verdicts[verdict], 0)).toBeGreaterThan(50);
  }
});

test("an input is the same whatever was made before it", () => {
  const one = new InputMaker(7, corpus);
  const other = new InputMaker(7, corpus);
  for (let index = 0; index < 200; index++) one.input(index);
  for (const index of [199, 3, 50]) expect(one.input(index)).toEqual(other.input(index));
  expect(new InputMaker(8, corpus).input(3)).not.toEqual(one.input(3));
});

test("samples that nobody changed bring no fault", () => {
  const faults = corpus.flatMap(({ name, bytes, mediaType }) => {
    const fault = faultOf(() => oracle(bytes, mediaType));
    return fault ? [`${name}: ${fault.signature}`] : [];
  });
  expect(faults).toEqual([]);
});

describe("what finds faults", () => {
  test("tells faults that are alike by kind and place, not by what was in the input", () => {
    const failing = (name: string) => faultOf(() => (undefined as unknown as Record<string, { a: number }>)[name]?.a);
    expect(failing("a")?.signature).toMatch(/^TypeError in /);
    expect(failing("a")?.signature).toBe(failing("b")?.signature);
    expect(
      faultOf(() => {
        throw new Fault("a promise broken");
      }),
    ).toEqual({ signature: "a promise broken", detail: "a promise broken" });
    expect(faultOf(() => 1)).toBeUndefined();
  });

  test("makes a failing input smaller", () => {
    const input = Buffer.from(`${"x".repeat(500)}needle${"y".repeat(300)}`);
    expect(minimise(input, (bytes) => bytes.includes("needle")).toString()).toBe("needle");
  });

  test("measures the heap's growth after what had to be read in", () => {
    expect(growthOf([10, 50, 60, 60, 61, 63])).toBe(3);
    expect(growthOf([10, 50, 60, 60, 40, 30])).toBe(0);
    expect(growthOf([10, 500, 900])).toBe(0);
  });
});
