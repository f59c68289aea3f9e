/** The worker thread in which narratives are judged. Started by worker-judge.ts alone; answers each question in the order in which it came. */
import { parentPort } from "node:worker_threads";
import { createJudgement } from "./judgement.ts";

export interface Question {
  readonly id: number;
  readonly html: string;
  readonly text: string;
}

export interface Answer {
  readonly id: number;
  /** Absent: nothing to object to. */
  readonly reason?: string;
  /** Bytes of heap in use: the asker starts a new worker when it grows. */
  readonly heapUsed: number;
}

/** Said once, before the first answer: all is loaded. */
export type Ready = "ready";

const judgement = createJudgement();
const ready: Ready = "ready";
parentPort?.postMessage(ready);
parentPort?.on("message", ({ id, html, text }: Question) => {
  const reason = judgement(html, text);
  const answer: Answer = { id, ...(reason !== undefined && { reason }), heapUsed: process.memoryUsage().heapUsed };
  parentPort?.postMessage(answer);
});
