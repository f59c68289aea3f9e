/** The contract suite held against an index in memory, so that it asks for nothing that only one engine does. */
import { describeIndexPort } from "./index-port.ts";
import { IndexMemory, MemoryIndex } from "./memory-index.ts";

describeIndexPort("an index in memory", () => {
  const memory = new IndexMemory();
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryIndex(memory)),
    orphans: () => Promise.resolve(memory.beside ? ["an index beside"] : []),
    remove: () => Promise.resolve(),
  });
});
