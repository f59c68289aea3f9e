import { MemorySessions } from "./memory-sessions.ts";
import { describeSessionRows } from "./session-rows.ts";

describeSessionRows("rows in memory", () => {
  const rows = new MemorySessions();
  return Promise.resolve({ open: () => Promise.resolve(rows), remove: () => Promise.resolve() });
});
