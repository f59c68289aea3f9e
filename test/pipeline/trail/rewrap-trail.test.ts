import { expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { beginMasterKey } from "../../../src/adapters/keys/master-keys.ts";
import { rewrapTrail, trailKeysOf } from "../../../src/pipeline/trail/rewrap-trail.ts";
import { TrailKeys } from "../../../src/pipeline/trail/trail-keys.ts";
import { MemoryTrail } from "../../contracts/memory-trail.ts";

test("the trail's keys go with the others into another epoch, and are the same keys there", async () => {
  const folder = mkdtempSync(join(tmpdir(), `chartulary-rewrap-${randomUUID()}`));
  try {
    const keys = await openKeyFolder(join(folder, "keys"));
    const store = new MemoryTrail();
    const day = "2026-11-29";
    const before = await new TrailKeys(keys, store).toWrite(day, "one");
    const first = keys.master.epochs()[0]?.keyId ?? "";
    await beginMasterKey(join(folder, "keys"), 2);
    await keys.master.refresh();
    expect(await trailKeysOf(first, store)).toBe(1);
    expect([await rewrapTrail(2, store, keys), await rewrapTrail(2, store, keys), await trailKeysOf(first, store)]).toEqual([1, 0, 0]);
    expect(await new TrailKeys(keys, store).toRead(day, "one")).toEqual(before);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
