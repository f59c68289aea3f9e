import { expect, test } from "@jest/globals";
import { LEDGER_LIMITS } from "../../../src/pipeline/log/queue.ts";
import { handover } from "../../../src/pipeline/seal-keys/seal-key-watch.ts";

/** A look at the log may be so old, and a commit take so long that began in time. */
const [LOOK, MARGIN] = [5_000, 2_000];

test.each([undefined, 0, 10_000])(
  "when a key begins to seal, its entry has been read by everybody, whenever it was committed: clocks apart by %p",
  (skew) => {
    const { whole, least, patience } = handover(skew);
    expect(least).toBe(patience + LOOK + MARGIN + 2 * (skew ?? 0));
    expect(whole).toBeGreaterThan(least);
    expect(patience).toBeLessThanOrEqual(LEDGER_LIMITS.patience);
  },
);

test("on one machine it takes a quarter of a minute, and elsewhere as long as a commit may be tried", () => {
  expect([handover(undefined).whole, handover(10_000).whole, handover(10_000).patience]).toEqual([15_000, 55_000, LEDGER_LIMITS.patience]);
});
