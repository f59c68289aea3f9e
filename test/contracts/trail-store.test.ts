import { MemoryTrail } from "./memory-trail.ts";
import { describeTrailStore } from "./trail-store.ts";

describeTrailStore("an audit trail in memory", () => Promise.resolve({ store: new MemoryTrail(), close: () => Promise.resolve() }));
