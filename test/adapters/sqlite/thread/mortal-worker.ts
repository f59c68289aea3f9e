/** The thread of a database, which ends in the middle of its work when it is asked for something called "the end". */
import { parentPort } from "node:worker_threads";
import type { Call } from "../../../../src/core/threads/calls.ts";

if (!parentPort) throw new Error("this is for a thread");
const port = parentPort;
const on = port.on.bind(port);
port.on = ((event: string, listener: (calls: readonly Call[]) => void) =>
  on(event, (calls: readonly Call[]) => {
    if (calls.some(({ given }) => given.includes("the end"))) throw new Error("this was the end");
    listener(calls);
  })) as typeof port.on;
// Its own listener is heard through that one.
await import("../../../../src/adapters/sqlite/thread/sqlite-worker.ts");
