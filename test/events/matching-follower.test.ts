import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEventRows } from "../../src/adapters/sqlite/event-rows.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";
import { MemoryPositions } from "../contracts/memory-positions.ts";
import { describeMatching } from "../contracts/matching.ts";

describeMatching("rows in memory", () => {
  const [rows, positions] = [new MemoryEvents(), new MemoryPositions()];
  return Promise.resolve({ open: () => Promise.resolve({ rows, positions }), close: () => Promise.resolve() });
});

describeMatching("SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-matching-"));
  const positions = new MemoryPositions();
  const closing: (() => Promise<void>)[] = [];
  return Promise.resolve({
    open: async () => {
      const rows = await openEventRows(join(folder, "events.db"));
      closing.push(() => rows.close());
      return { rows, positions };
    },
    close: async () => {
      for (const close of closing) await close();
      rmSync(folder, { recursive: true });
    },
  });
});
