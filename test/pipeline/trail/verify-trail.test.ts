/** Whatever is changed in an audit trail, the verification finds it, and says where. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { openTrail } from "../../../src/adapters/sqlite/trail/open-trail.ts";
import { spoolFolder } from "../../../src/adapters/trail-spool/spool-folder.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import type { TrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { TrailKeys } from "../../../src/pipeline/trail/trail-keys.ts";
import { Trail } from "../../../src/pipeline/trail/trail.ts";
import { verifyTrail, type VerifiedTrail } from "../../../src/pipeline/trail/verify-trail.ts";
import { tamperWith } from "../../adapters/sqlite/tamper.ts";

const BATCHES = 11;
const folder = mkdtempSync(join(tmpdir(), "chartulary-verify-trail-"));
const file = join(folder, "audit.db");
const marks: string[] = [];
let keys: Keys;

beforeAll(async () => {
  keys = await openKeyFolder(join(folder, "keys"));
  const store = await openTrail(file);
  const trail = await Trail.open({ ...{ store, keys, log: "one" }, spool: spoolFolder(join(folder, "spool")), onFault: () => undefined, onCheckpoint: (note) => marks.push(note) }); // prettier-ignore
  for (let at = 0; at < BATCHES; at++) {
    const event: TrailEvent = {
      id: randomUUID(),
      at: new Date().toISOString(),
      kind: "read",
      action: "R",
      outcome: 0,
      who: { kind: "unauthenticated" },
    };
    await trail.record([event, { ...event, id: randomUUID() }]);
  }
  await trail.close();
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Verifies a copy of the trail, after somebody without scruples had it. */
async function verified(tamper: readonly string[], mark = marks.at(-1)): Promise<VerifiedTrail> {
  const copy = join(folder, `${randomUUID()}.db`);
  copyFileSync(file, copy);
  if (tamper.length > 0) tamperWith(copy, tamper);
  const store = await openTrail(copy);
  try {
    return await verifyTrail({
      ...{ store, keys: keys.audit, dayKeys: new TrailKeys(keys, store), marked: ["one"] },
      mark: () => Promise.resolve(mark),
      onProgress: () => undefined,
    });
  } finally {
    await store.close();
  }
}

test("a trail as it was written is intact, and its mark is of it, also an older one", async () => {
  const { findings, logs } = await verified([]);
  expect([findings, logs[0]?.size, logs[0]?.events, logs[0]?.ended]).toEqual([[], BATCHES, 2 * BATCHES, 0]);
  expect((await verified([], marks[3])).findings).toEqual([]);
});

const STEALS = `UPDATE batches SET sealed = (SELECT sealed FROM batches WHERE batch_index = 2) WHERE batch_index = 3`;
test.each([
  ["a leaf", "UPDATE batches SET leaf = CAST(replace(CAST(leaf AS TEXT), 'batch', 'hctab') AS BLOB) WHERE batch_index = 4"],
  ["events", "UPDATE batches SET sealed = zeroblob(200) WHERE batch_index = 4"],
  ["events of another batch", STEALS],
  ["a count", "UPDATE batches SET events = 1 WHERE batch_index = 5"],
  ["a day", "UPDATE batches SET day = '2020-01-01' WHERE batch_index = 5"],
  ["a time", "UPDATE batches SET last_at = '2020-01-01T00:00:00.000Z' WHERE batch_index = 5"],
  ["a checkpoint", "UPDATE batches SET note = (SELECT note FROM batches WHERE batch_index = 2) WHERE batch_index = 6"],
  ["a node", "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND node_index = 2"],
  ["a node that is missing", "DELETE FROM nodes WHERE level = 0 AND node_index = 2"],
  ["a batch that is missing", "DELETE FROM batches WHERE batch_index = 7"],
  ["the newest ones that are missing", "DELETE FROM batches WHERE batch_index >= 9"],
  ["all of them", "DELETE FROM batches"],
  [
    "one that was put in between",
    "INSERT INTO batches SELECT 99, log, 11, first_at, last_at, day, events, note, leaf, sealed FROM batches WHERE batch_index = 10",
  ],
  ["a wrapped key", "UPDATE day_keys SET wrapped = zeroblob(65)"],
])("%s: found", async (_what, sql) => {
  expect((await verified([sql])).findings.length).toBeGreaterThan(0);
});

test("a day whose keys were destroyed is told as that, and no finding", async () => {
  const { findings, logs } = await verified(["DELETE FROM day_keys"]);
  expect([findings, logs[0]?.ended]).toEqual([[], BATCHES]);
});

test("another repository's mark is none of ours", async () => {
  const stranger = await openKeyFolder(join(folder, "others"));
  const { origin } = keys.audit.signerOf("one");
  const note = await stranger.audit.signerOf("one").sign(`${origin}\n1\n${Buffer.alloc(32).toString("base64")}\n`);
  expect((await verified([], note)).findings).toHaveLength(1);
});
