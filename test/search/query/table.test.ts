import { IndexMemory, MemoryIndex } from "../../contracts/memory-index.ts";
import { describeQueryTable } from "../../contracts/query-table.ts";

describeQueryTable("memory", () => {
  const memory = new IndexMemory();
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryIndex(memory)),
    orphans: () => Promise.resolve([]),
    remove: () => Promise.resolve(),
  });
});
