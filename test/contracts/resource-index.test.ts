import { IndexMemory, MemoryIndex } from "./memory-index.ts";
import { describeResourceIndex } from "./resource-index.ts";

describeResourceIndex("Memory", () => {
  const memory = new IndexMemory();
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryIndex(memory)),
    orphans: () => Promise.resolve([]),
    remove: () => Promise.resolve(),
  });
});
