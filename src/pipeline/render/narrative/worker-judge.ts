import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import type { NarrativeJudge, Verdict } from "./judge.ts";
import type { Answer, Question, Ready } from "./judge-worker.ts";

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

/** The narrative at hand. */
interface Current {
  readonly job: Job;
  timer?: NodeJS.Timeout;
}

class WorkerJudge implements NarrativeJudge {
  readonly rules: string;
  readonly #limits: JudgeLimits;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #current: Current | undefined;
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
    this.#current = { job };
    if (this.#isReady) void this.#watch(worker, this.#current);
    else this.#current.timer = setTimeout(() => this.#fail("did not start"), this.#limits.startLimit);
    this.#jobs += 1;
    const question: Question = { id: this.#jobs, html: job.html, text: job.text };
    worker.postMessage(question);
  }

  /**
   * Gives a narrative processor time in proportion to its length: an overrun shows it as plain text, and the worker is replaced. Not the clock's time, which on a busy machine
   * would cost innocent narratives their markup; that has a bound of its own, a multiple of it.
   */
  async #watch(worker: Worker, current: Current): Promise<void> {
    const limit = this.#limits.timeLimit + current.job.html.length * this.#limits.timeLimitPerCharacter;
    const begun = performance.now();
    const isAtHand = (): boolean => this.#current === current && this.#worker === worker;
    try {
      const before = await worker.cpuUsage();
      for (let used = 0; isAtHand() && used < limit && performance.now() - begun < limit * this.#limits.patience;) {
        await new Promise((resolve) => (current.timer = setTimeout(resolve, Math.max(1, limit - used))));
        const { user, system } = await worker.cpuUsage(before);
        used = (user + system) / 1000;
      }
    } catch {
      return; // the worker has ended, and tells so itself
    }
    if (isAtHand()) this.#fail("took too long");
  }

  /** The worker has loaded what it needs: from here on the narrative at hand is what takes time. */
  #ready(worker: Worker): void {
    this.#isReady = true;
    if (this.#current === undefined) return;
    clearTimeout(this.#current.timer);
    void this.#watch(worker, this.#current);
  }

  #startWorker(): Worker {
    // The built package has JavaScript beside it, a checkout TypeScript.
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const worker = new Worker(new URL(`./judge-worker${extension}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.maxMegabytes, maxYoungGenerationSizeMb: 32 },
    });
    this.#isReady = false;
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on("message", (answer: Answer | Ready) => {
      if (!isCurrent()) return;
      if (answer === "ready") this.#ready(worker);
      else this.#answered(answer);
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
