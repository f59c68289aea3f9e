/** Work for which nobody can say beforehand what it costs, off the event loop: in one worker thread, one question at a time, each within a limit of time, all within one of memory. */
import { Worker } from "node:worker_threads";

export interface LimitedWorkerOptions {
  /** The module of the worker: it answers each message with one message. */
  readonly module: URL;
  /**
   * Megabytes of heap. Far more than any input within its limits takes: V8 ends the whole process where a thread meets this within a built-in function, which can't be
   * interrupted (`split`, `JSON.parse`; seen with Node 24).
   */
  readonly memory: number;
  /** Milliseconds without a question after which the thread ends and gives its memory back. */
  readonly idle: number;
}

/** What came of a question: the answer, or which limit it met. `failed`: the worker ended otherwise; `closed`: nothing is answered any more. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly limit: "time" | "memory" | "failed" | "closed" };

interface Job<Answer> {
  readonly question: unknown;
  readonly time: number;
  readonly moved: readonly ArrayBuffer[];
  readonly resolve: (outcome: Outcome<Answer>) => void;
}

/** The thread starts at the first question, is replaced after an overrun, and does not keep the process alive while it has nothing to do. */
export class LimitedWorker<Question, Answer> {
  readonly #options: LimitedWorkerOptions;
  readonly #waiting: Job<Answer>[] = [];
  #worker: Worker | undefined;
  #current: { readonly job: Job<Answer>; readonly timer: NodeJS.Timeout } | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LimitedWorkerOptions) {
    this.#options = options;
  }

  /** Asks; `time` is the limit in milliseconds from when its turn comes, `moved` what of the question is moved, not copied. Never rejects. */
  ask(question: Question, time: number, moved: readonly ArrayBuffer[] = []): Promise<Outcome<Answer>> {
    if (this.#isClosed) return Promise.resolve({ limit: "closed" });
    return new Promise((resolve) => {
      this.#waiting.push({ question, time, moved, resolve });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0)) job.resolve({ limit: "closed" });
    this.#settle({ limit: "closed" });
    await this.#stop();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const job = this.#waiting.shift();
    if (job === undefined) return this.#rest();
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    this.#current = { job, timer: setTimeout(() => this.#fail("time"), job.time) };
    worker.postMessage(job.question, job.moved);
  }

  #rest(): void {
    this.#worker?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#stop(), this.#options.idle).unref();
  }

  #start(): Worker {
    const { module, memory } = this.#options;
    const worker = new Worker(module, { resourceLimits: { maxOldGenerationSizeMb: memory } });
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on("message", (answer: Answer) => {
      if (!isCurrent()) return;
      this.#settle({ answer });
      this.#next();
    });
    worker.on("error", (error: unknown) => {
      const isMemory = typeof error === "object" && error !== null && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
      if (isCurrent()) this.#fail(isMemory ? "memory" : "failed");
    });
    worker.on("exit", () => {
      if (isCurrent()) this.#fail("failed");
    });
    return worker;
  }

  #fail(limit: "time" | "memory" | "failed"): void {
    void this.#stop();
    this.#settle({ limit });
    this.#next();
  }

  #settle(outcome: Outcome<Answer>): void {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    clearTimeout(current.timer);
    current.job.resolve(outcome);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
