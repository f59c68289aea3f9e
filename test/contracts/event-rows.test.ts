import { describeEventRows } from "./event-rows.ts";
import { MemoryEvents } from "./memory-events.ts";

describeEventRows("rows in memory", () => {
  const rows = new MemoryEvents();
  return Promise.resolve({ open: () => Promise.resolve(rows), remove: () => Promise.resolve() });
});
