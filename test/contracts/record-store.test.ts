/** The contract suite held against an engine that can only insert and find, so that it asks for nothing that only one engine does. */
import { describeRecordStore } from "./record-store.ts";
import { Memory, memoryKeys, MemoryRecord } from "./memory-record.ts";

describeRecordStore("a record on an insert-only engine", () => {
  const memory = new Memory();
  return Promise.resolve({
    open: () => Promise.resolve({ store: new MemoryRecord(memory), keys: memoryKeys(memory) }),
    orphans: () => Promise.resolve([]),
    keysOf: (id) => Promise.resolve(memory.keys.has(id) ? 1 : 0),
    remove: () => Promise.resolve(),
  });
});
