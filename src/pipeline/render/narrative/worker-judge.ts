import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { NarrativeJudge, Verdict } from "./judge.ts";
import type { Answer, Question } from "./judge-worker.ts";

export interface JudgeLimits {
  /** Milliseconds for one narrative, and for each of its characters: DOMPurify on jsdom takes about 4 µs a character on a quick machine. */
  readonly timeLimit: number;
  readonly timeLimitPerCharacter: number;
  /** After so many, or at so many bytes of heap, the worker is replaced: jsdom keeps some of every document. */
  readonly jobsPerWorker: number;
  readonly maxHeap: number;
  /** UTF-16 units; longer ones are not judged, and so shown as plain text. */
  readonly maxLength: number;
}

export const JUDGE_LIMITS: JudgeLimits = {
  timeLimit: 20_000,
  timeLimitPerCharacter: 0.05,
  jobsPerWorker: 2_000,
  maxHeap: 300_000_000,
  maxLength: 20_000_000,
};

interface Job {
  readonly html: string;
  readonly text: string;
  readonly resolve: (verdict: Verdict) => void;
}

/**
 * DOMPurify on jsdom in one worker thread, started at the first question and reused. One narrative at a time; a crash or a time-out costs that one its
 * verdict (`unavailable`) and starts a new worker for the next. The thread does not keep the process alive while it has nothing to do.
 *
 * @param limits see JudgeLimits
 */
export function createWorkerJudge(limits: Partial<JudgeLimits> = {}): NarrativeJudge {
  return new WorkerJudge({ ...JUDGE_LIMITS, ...limits });
}

class WorkerJudge implements NarrativeJudge {
  readonly rules: string;
  readonly #limits: JudgeLimits;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #current: { readonly job: Job; readonly timer: NodeJS.Timeout } | undefined;
  #jobs = 0;
  #isClosed = false;

  constructor(limits: JudgeLimits) {
    this.#limits = limits;
    this.rules = `dompurify ${versionOfPurifier()}`;
  }

  judge(html: string, text: string): Promise<Verdict> {
    if (this.#isClosed) return Promise.resolve({ kind: "unavailable", reason: "stopping" });
    if (html.length > this.#limits.maxLength) return Promise.resolve({ kind: "unavailable", reason: "too long to be judged" });
    return new Promise((resolve) => {
      this.#waiting.push({ html, text, resolve });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0)) job.resolve({ kind: "unavailable", reason: "stopping" });
    this.#settle({ kind: "unavailable", reason: "stopping" });
    await this.#stopWorker();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    const worker = this.#worker ?? this.#startWorker();
    this.#worker = worker;
    worker.ref();
    const time = this.#limits.timeLimit + job.html.length * this.#limits.timeLimitPerCharacter;
    const timer = setTimeout(() => this.#fail("took too long"), time);
    this.#current = { job, timer };
    this.#jobs += 1;
    const question: Question = { id: this.#jobs, html: job.html, text: job.text };
    worker.postMessage(question);
  }

  #startWorker(): Worker {
    // The built package has JavaScript beside it, a checkout TypeScript.
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const worker = new Worker(new URL(`./judge-worker${extension}`, import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 1024 } });
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on("message", (answer: Answer) => {
      if (isCurrent()) this.#answered(answer);
    });
    worker.on("error", (error: unknown) => {
      if (isCurrent()) this.#fail(error instanceof Error ? error.message : "the worker failed");
    });
    worker.on("exit", () => {
      if (isCurrent()) this.#fail("the worker stopped");
    });
    return worker;
  }

  #answered(answer: Answer): void {
    this.#settle(answer.reason === undefined ? { kind: "clean" } : { kind: "rejected", reason: answer.reason });
    if (answer.heapUsed > this.#limits.maxHeap || this.#jobs >= this.#limits.jobsPerWorker) void this.#stopWorker();
    else if (this.#waiting.length === 0) this.#worker?.unref();
    this.#next();
  }

  /** The worker is of no use any more: the narrative at hand gets no verdict, the next one a new worker. */
  #fail(reason: string): void {
    void this.#stopWorker();
    this.#settle({ kind: "unavailable", reason });
    this.#next();
  }

  #settle(verdict: Verdict): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    clearTimeout(current.timer);
    current.job.resolve(verdict);
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#jobs = 0;
    await worker?.terminate();
  }
}

/** From its package file, which the package does not export: the library itself is loaded in the worker alone. */
function versionOfPurifier(): string {
  const entry = createRequire(import.meta.url).resolve("dompurify");
  const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8"));
  return manifest !== null && typeof manifest === "object" && "version" in manifest ? String(manifest.version) : "unknown";
}
