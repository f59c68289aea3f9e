import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { openTrail } from "../../../src/adapters/sqlite/trail/open-trail.ts";
import { openTrailThread } from "../../../src/adapters/sqlite/thread/trail-thread.ts";
import type { TrailStore } from "../../../src/pipeline/trail/trail-store.ts";
import { describeTrailStore, type OpenTrailStore } from "../../contracts/trail-store.ts";

async function placeOf(open: (file: string) => Promise<TrailStore>): Promise<OpenTrailStore> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-trail-"));
  const file = join(folder, "audit.db");
  const store = await open(file);
  return {
    store,
    again: () => open(file),
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeTrailStore("an audit trail in SQLite", () => placeOf((file) => openTrail(file)));
describeTrailStore("an audit trail in SQLite, in a thread of its own", () => placeOf((file) => openTrailThread(file)));

test("the file is for its owner, and neither a batch nor a node in it is changed or removed, whoever asks SQLite", async () => {
  const place = await placeOf((file) => openTrail(file));
  const folder = mkdtempSync(join(tmpdir(), "chartulary-trail-"));
  const file = join(folder, "audit.db");
  const store = await openTrail(file);
  try {
    const node = { level: 0, index: 0, hash: new Uint8Array(32) };
    const at = "2026-11-29T10:00:00.000Z";
    const bytes = new Uint8Array(3);
    await store.append({
      log: "one",
      index: 0,
      from: at,
      to: at,
      day: at.slice(0, 10),
      events: 1,
      leaf: bytes,
      sealed: bytes,
      tokens: [],
      nodes: [node],
      note: "note",
    });
    expect(statSync(file).mode & 0o077).toBe(0);
    const stranger = new Database(file, { synchronous: "NORMAL", patience: 0 });
    for (const sql of [
      "UPDATE batches SET events = 0",
      "DELETE FROM batches",
      "UPDATE nodes SET level = 1",
      "DELETE FROM nodes",
      "REPLACE INTO nodes VALUES ('one', 0, 0, x'00')",
    ])
      expect(() => stranger.run(sql)).toThrow();
    stranger.close();
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
    await place.close();
  }
});
