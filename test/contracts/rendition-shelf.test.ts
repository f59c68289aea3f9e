import { MemoryRenditions } from "./memory-renditions.ts";
import { describeRenditionShelf } from "./rendition-shelf.ts";

describeRenditionShelf("renditions in memory", (most) => {
  const shelf = new MemoryRenditions(most);
  return Promise.resolve({ shelf, again: () => new MemoryRenditions(most, shelf.kept), close: () => Promise.resolve() });
});
