/**
 * A sample of `npm run growth`, and its judgement. What is asked of the sample is what no machine makes true or false by its speed: that each measurement comes to its end at all, and that four times as much
 * does not take sixteen times the processor time (of the one thread: other people's work does not count). A time in itself is judged by `npm run growth` alone.
 */
import { describe, expect, test } from "@jest/globals";
import { DIMENSIONS } from "../../bench/growth/dimensions.ts";
import { judgeGrowth, MEGABYTE, type Measurement } from "../../bench/growth/measurement.ts";
import { observe, type Observation } from "../../bench/growth/observe.ts";

/** One for each kind of fault that was found: each was quadratic, or took a multiple of its size. */
const SAMPLE = [
  "{}",
  "different names of an object",
  "<a/>",
  "attributes of a long namespace",
  "names",
  "entries, linked",
  "lists in lists",
  "sections, nested",
  "columns that span",
  "tables in tables",
  "attributes of an element",
  "blanks in a value",
  "blanks before !important",
  "images of one picture",
];
const BYTES = MEGABYTE / 8;
/** Of 4 for quadratic growth; of linear growth the worst that was ever seen is 2. */
const MOST_GROWTH = 3;

test("what each stage costs grows with the size of the document", async () => {
  const dimensions = SAMPLE.map((name) => DIMENSIONS.find((one) => one.name === name));
  expect(dimensions).not.toContain(undefined);
  const seen: Observation[] = [];
  await observe(
    dimensions.filter((one) => one !== undefined),
    BYTES,
    (observation) => seen.push(observation),
  );
  expect(seen.map(({ dimension }) => dimension.name)).toEqual(SAMPLE);
  expect(seen.flatMap(({ dimension, ended }) => ended.map((end) => ({ ...end, dimension: dimension.name })))).toEqual([]);
  const steep = seen.flatMap(({ dimension, stages }) =>
    [...stages].flatMap(([stage, { place, measurements }]) => {
      const { growth } = judgeGrowth(measurements, place);
      return growth > MOST_GROWTH ? [`${dimension.name}, ${stage}: ${growth}`] : [];
    }),
  );
  expect(steep).toEqual([]);
  // Each came to the page, or was refused by a rule.
  expect(seen.filter(({ stages, refusedBy }) => !stages.has("page") && refusedBy === undefined).map(({ dimension }) => dimension.name)).toEqual([]);
});

describe("judgeGrowth", () => {
  const measured = (...times: number[]): Measurement[] =>
    times.map((time, at) => ({ count: 1_000 * 2 ** at, bytes: (MEGABYTE / 4) * 2 ** at, time, memory: 0 }));

  test("linear growth under the budget is good", () => {
    expect(judgeGrowth(measured(50, 100, 200), "loop")).toMatchObject({ isGood: true, growth: 1, perMegabyte: 200 });
  });

  test("quadratic growth is none, however quick", () => {
    const verdict = judgeGrowth(measured(11, 44, 176), "loop");
    expect(verdict).toMatchObject({ isGood: false, growth: 4 });
    expect(verdict.reasons[0]).toMatch(/grows 4.0 times/);
  });

  test("what takes next to no time is not judged by its growth", () => {
    expect(judgeGrowth(measured(0.1, 5, 30), "loop").isGood).toBe(true);
  });

  test("each megabyte has a budget of time, another in a worker", () => {
    expect(judgeGrowth(measured(100, 200, 400), "loop").isGood).toBe(false);
    expect(judgeGrowth(measured(1_000, 2_000, 4_000), "worker").isGood).toBe(true);
    expect(judgeGrowth(measured(4_000, 8_000, 16_000), "worker").isGood).toBe(false);
  });

  test("memory is twenty times the size at most, beside what the engine holds anyway", () => {
    const [one] = measured(1);
    const large = { ...(one as Measurement), bytes: 10 * MEGABYTE };
    expect(judgeGrowth([{ ...large, memory: 210 * MEGABYTE }], "loop").isGood).toBe(true);
    expect(judgeGrowth([{ ...large, memory: 230 * MEGABYTE }], "loop").reasons[0]).toMatch(/takes 21 times/);
  });
});
