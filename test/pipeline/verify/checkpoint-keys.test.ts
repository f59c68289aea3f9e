/** What is said of a receipt's checkpoint by the keys of the log: those that count, that another followed, that were ended, and to which nothing leads. */
import { expect, test } from "@jest/globals";
import { formatCheckpoint } from "../../../src/core/crypto/checkpoint.ts";
import type { LogKey, TimedLogSigner } from "../../../src/core/crypto/keys.ts";
import { parseVkey } from "../../../src/core/crypto/signed-note.ts";
import type { Trust } from "../../../src/core/formats/trust.ts";
import { checkCheckpoint, type OpenReceipt } from "../../../src/pipeline/verify/log-checks.ts";
import { newSigner } from "../../contracts/sealed.ts";

const [one, two, thief] = [newSigner(), newSigner(), newSigner()] as const;
const ENDED = { since: new Date("2026-11-29T10:00:00.000Z"), reason: "an old disk was sold" };
const trusting = (...keys: readonly LogKey[]): Trust => ({
  log: { origin: one.origin, keys, verifiers: keys.map(({ vkey }) => parseVkey(vkey)) },
  seals: [],
  signers: [],
});
const receiptOf = async (size: number, by: TimedLogSigner): Promise<OpenReceipt> =>
  ({ checkpoint: await by.sign(formatCheckpoint({ origin: by.origin, size, root: new Uint8Array(32) })) }) as OpenReceipt;

test.each([
  ["the old key, of a tree from its time", 5, one, {}, "pass", /signed the checkpoint\.$/],
  ["the new key, of a later tree", 6, two, {}, "pass", /signed the checkpoint\.$/],
  ["the old key alone, of a later tree: it signs on", 6, one, {}, "fail", /another one had followed by then/],
  [
    "a key that was ended, of a tree from its time",
    5,
    one,
    { ended: ENDED },
    "not-confirmed",
    /2026-11-29.*an old disk was sold.*fetch the receipt anew/,
  ],
  ["a key that was ended, of a later tree", 6, one, { ended: ENDED }, "fail", /another one had followed/],
  ["a key that nobody knows", 5, thief, {}, "fail", /not one that the log .* signed\.$/],
] as const)("signed by %s", async (_, size, by, facts, result, words) => {
  const trust = trusting({ vkey: one.vkey, after: 0, ...facts }, { vkey: two.vkey, after: 5 });
  expect(checkCheckpoint(await receiptOf(size, by), trust)).toEqual({ name: "checkpoint", result, text: expect.stringMatching(words) });
});

test("by a key to which the trust file leads, or to which an entry would lead that does not hold; of a log of another origin", async () => {
  const trust = trusting({ vkey: one.vkey, after: 0 }, { vkey: two.vkey, after: 5 });
  const logs = {
    led: new Map([[two.vkey, "entry 5 of the log, of now"]]),
    faults: new Map([[thief.vkey, "another key followed the one before it"]]),
    omitted: 0,
  };
  expect(checkCheckpoint(await receiptOf(6, two), trust, { logs }).text).toContain("leads by entry 5 of the log");
  expect(checkCheckpoint(await receiptOf(6, thief), trust, { logs })).toMatchObject({
    result: "fail",
    text: expect.stringContaining("another key followed"),
  });
  expect(checkCheckpoint(await receiptOf(6, thief), trust, { logs: { ...logs, omitted: 7 } }).text).toContain("brings 7 more entries");
  expect(checkCheckpoint(await receiptOf(6, newSigner("others.example/log")), trust)).toMatchObject({ result: "fail" });
});
