import { describeFollowerPositions } from "./follower-positions.ts";
import { MemoryPositions } from "./memory-positions.ts";

describeFollowerPositions("positions in memory", () => Promise.resolve({ positions: new MemoryPositions(), close: () => Promise.resolve() }));
