/** The contract suite held against a store in memory, so that it asks for nothing that only one engine does. */
import { describeDocumentStore } from "./document-store.ts";
import { Memory, MemoryDocumentStore } from "./memory-document-store.ts";

describeDocumentStore("a store in memory", () => {
  const memory = new Memory();
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryDocumentStore(memory)),
    orphans: () => Promise.resolve([]),
    remove: () => Promise.resolve(),
  });
});
