import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LimitedWorker, type Limit } from "../../../core/threads/limited-worker.ts";
import { moduleBeside } from "../../../core/threads/thread.ts";
import type { NarrativeJudge } from "./judge.ts";
import type { Answer, Question } from "./judge-worker.ts";

export interface JudgeLimits {
  /** Milliseconds that a worker may take to be ready: what it loads is no narrative's fault. */
  readonly startLimit: number;
  /** Milliseconds of processor time for one narrative, and for each of its characters: DOMPurify on jsdom takes 2 to 4 µs a character on a quick machine. */
  readonly timeLimit: number;
  readonly timeLimitPerCharacter: number;
  /** How many times as long it may wait for a processor that others are using. */
  readonly patience: number;
  /**
   * Megabytes that the worker may take: 1 MB of small elements takes 200 to 300 in jsdom. Several times what a narrative within its limits takes, since V8 ends the whole process where
   * a thread meets this within a built-in function (seen with Node 24: `split`, `JSON.parse`).
   */
  readonly maxMegabytes: number;
  /** After so many, or at so many bytes of heap, the worker is replaced: jsdom keeps some of every document. */
  readonly jobsPerWorker: number;
  readonly maxHeap: number;
  /** UTF-16 units; longer ones are not judged, and so shown as plain text. */
  readonly maxLength: number;
}

export const JUDGE_LIMITS: JudgeLimits = {
  startLimit: 30_000,
  timeLimit: 2_000,
  timeLimitPerCharacter: 0.02,
  patience: 10,
  maxMegabytes: 2048,
  jobsPerWorker: 2_000,
  maxHeap: 300_000_000,
  maxLength: 5_000_000,
};

const REASONS: Readonly<Record<Limit, string>> = {
  start: "did not start",
  time: "took too long",
  memory: "took too much memory",
  failed: "the worker failed",
  closed: "stopping",
};

/**
 * DOMPurify on jsdom in one worker thread, started at the first question and reused. One narrative at a time, each with processor time in proportion to its length; a crash or a time-out costs that
 * one its verdict (`unavailable`) and starts a new worker for the next: an overrun shows a narrative as plain text.
 *
 * @param limits see JudgeLimits
 */
export function createWorkerJudge(limits: Partial<JudgeLimits> = {}): NarrativeJudge {
  const { startLimit, timeLimit, timeLimitPerCharacter, patience, maxMegabytes, jobsPerWorker, maxHeap, maxLength } = { ...JUDGE_LIMITS, ...limits };
  const worker = new LimitedWorker<Question, Answer>({
    module: moduleBeside(import.meta.url, "./judge-worker"),
    limits: { maxOldGenerationSizeMb: maxMegabytes, maxYoungGenerationSizeMb: 32 },
    startLimit,
    patience,
    isSpent: ({ heapUsed }, count) => heapUsed > maxHeap || count >= jobsPerWorker,
  });
  return {
    rules: `dompurify ${versionOfPurifier()}`,
    judge: async (html, text) => {
      if (html.length > maxLength) return { kind: "unavailable", reason: "too long to be judged" };
      const outcome = await worker.ask({ html, text }, timeLimit + html.length * timeLimitPerCharacter);
      if ("limit" in outcome) return { kind: "unavailable", reason: REASONS[outcome.limit] };
      const { reason } = outcome.answer;
      return reason === undefined ? { kind: "clean" } : { kind: "rejected", reason };
    },
    close: () => worker.close(),
  };
}

/** From its package file, which the package does not export: the library itself is loaded in the worker alone. */
function versionOfPurifier(): string {
  const entry = createRequire(import.meta.url).resolve("dompurify");
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8"));
  return manifest !== null && typeof manifest === "object" && "version" in manifest ? String(manifest.version) : "unknown";
}
