/** A worker that does with each piece of work what its input says: for tests of what may go wrong. */
import { parentPort } from "node:worker_threads";
import { READY } from "../../../src/core/threads/ready.ts";

interface Message {
  readonly kind: "job" | "answer";
  readonly input?: { readonly id: string };
  readonly answer?: unknown;
}

parentPort?.postMessage(READY);
const held: unknown[] = [];
parentPort?.on("message", ({ kind, input, answer }: Message) => {
  if (kind === "answer") return parentPort?.postMessage({ kind: "done", output: { bytes: new TextEncoder().encode(String(answer)) } });
  switch (input?.id) {
    case "exit":
      return process.exit(3);
    case "throw":
      return void setImmediate(() => {
        throw new Error("secret of a document");
      });
    case "spin":
      for (;;) held.length = 0;
    // As within a built-in function: not even what is asked about the thread is answered.
    case "stuck":
      return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    case "fill":
      for (;;) held.push(Array.from({ length: 10_000 }, (_, at) => ({ at })));
    case "ask":
      return parentPort?.postMessage({ kind: "question", id: 1, name: "verdict", about: "sha256:00" });
    default:
      return parentPort?.postMessage({ kind: "done", output: { bytes: new TextEncoder().encode(input?.id) } });
  }
});
