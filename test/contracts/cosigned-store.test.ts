import { describeCosignedStore } from "./cosigned-store.ts";
import { MemoryCosigned } from "./memory-cosigned.ts";

describeCosignedStore("memory", () => {
  const store = new MemoryCosigned();
  return Promise.resolve({ open: () => Promise.resolve(store), remove: () => Promise.resolve() });
});
