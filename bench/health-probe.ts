/** A thread that asks `/healthz` again and again while the benchmark's clients keep their own thread busy. Started by bench/load.ts alone. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

/** Milliseconds between an answer and the next question. */
const PAUSE = 5;

const { port } = workerData as { readonly port: number };
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const times: number[] = [];
const over = new AbortController();
parentPort?.once("message", () => over.abort());
while (!over.signal.aborted) {
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    const asked = request({ port, path: "/healthz", agent }, (response) => response.resume().once("end", resolve));
    asked.once("error", reject).end();
  });
  times.push(performance.now() - begun);
  await sleep(PAUSE);
}
agent.destroy();
parentPort?.postMessage(times);
