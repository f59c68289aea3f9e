import { expect, test } from "@jest/globals";
import { loadConfig } from "../../src/config.ts";
import { statsOf } from "../../src/main/stats.ts";
import { openKept } from "../../src/record-keeping.ts";
import { makeRepository } from "../pipeline/audit/repository.ts";

test("tells what is in a repository: kinds, what is erased and held, files, the index", async () => {
  const repository = await makeRepository();
  const copy = repository.copy();
  try {
    const config = loadConfig({ environment: { DATA_DIR: copy.folder } });
    const record = await openKept(config);
    const stats = await statsOf(config, record);
    await record.store.close();
    const month = new Date().toISOString().slice(0, 7);
    expect(stats).toMatchObject({
      size: 20,
      kinds: { deposit: 10, hold: 2, release: 1, erasure: 2, submission: 2, "identity-feed": 3 },
      erased: 2,
      held: 1,
      months: [{ month, entries: 20 }],
      average: { sample: 10 },
      index: { size: 20, documents: 8, depth: 20 },
      closure: undefined,
    });
    expect(stats.index?.resources).toBeGreaterThan(25);
    expect(stats.bytes.find(({ what }) => what === "record")?.bytes).toBeGreaterThan(10_000);
  } finally {
    copy.remove();
    repository.remove();
  }
});
