/** The worker thread in which narratives are judged. Started by worker-judge.ts alone; answers each question in the order in which it came. */
import { parentPort } from "node:worker_threads";
import { READY } from "../../../core/threads/ready.ts";
import { createJudgement } from "./judgement.ts";

export interface Question {
  readonly html: string;
  readonly text: string;
}

export interface Answer {
  /** Absent: nothing to object to. */
  readonly reason?: string;
  /** Bytes of heap in use: the asker starts a new worker when it grows. */
  readonly heapUsed: number;
}

const judgement = createJudgement();
parentPort?.postMessage(READY);
parentPort?.on("message", ({ html, text }: Question) => {
  const reason = judgement(html, text);
  const answer: Answer = { ...(reason !== undefined && { reason }), heapUsed: process.memoryUsage().heapUsed };
  parentPort?.postMessage(answer);
});
