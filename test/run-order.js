import Sequencer from "@jest/test-sequencer";

/** Suites that start programs, servers or browsers, and mostly wait for them. */
const WAITING = /[\\/]test[\\/](?:journeys|visibility|browser|adapters[\\/](?:mongo|chromium)|cli|main)[\\/]/;
/** Their files are short, and the contracts that they run are not: Jest guesses by size where it knows no times. */
const CONTRACTS = /[\\/]test[\\/]adapters[\\/](?:mongo|sqlite)[\\/]/;

/**
 * Suites that wait are spread evenly among those that compute, each kind in Jest's own order (the longest first, as far as they are known): so there is something to compute while others wait, and no run ends with one
 * long wait.
 */
export default class Spread extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const placed = [true, false].flatMap((waits) => {
      const kind = [true, false].flatMap((runsContract) =>
        sorted.filter(({ path }) => WAITING.test(path) === waits && CONTRACTS.test(path) === runsContract),
      );
      return kind.map((one, at) => ({ one, place: at / kind.length }));
    });
    return placed.toSorted((one, other) => one.place - other.place).map(({ one }) => one);
  }
}
