/** Work for which nobody can say beforehand what it costs, off the event loop: in one worker thread, one question at a time, each within a limit of time, all within one of memory. */
import { Worker } from "node:worker_threads";

export interface LimitedWorkerOptions {
  /** The module of the worker: it answers each message with one message. */
  readonly module: URL;
  /** Megabytes of heap in use. */
  readonly memory: number;
  /** Milliseconds without a question after which the thread ends and gives its memory back. */
  readonly idle: number;
}

/** How often a working thread is asked for its heap, in milliseconds. */
const WATCH = 20;

/**
 * V8's own limit lies so many megabytes above: it ends the whole process where a thread meets it within a built-in function, which can't be interrupted (seen while a
 * message was read). So the heap is watched from outside, and V8's limit is for what grows faster than it is watched.
 */
const LAST_RESORT = 1024;

/** What came of a question: the answer, or which limit it met. `failed`: the worker ended otherwise; `closed`: nothing is answered any more. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly limit: "time" | "memory" | "failed" | "closed" };

interface Job<Answer> {
  readonly question: unknown;
  readonly time: number;
  readonly resolve: (outcome: Outcome<Answer>) => void;
}

/** The thread starts at the first question, is replaced after an overrun, and does not keep the process alive while it has nothing to do. */
export class LimitedWorker<Question, Answer> {
  readonly #options: LimitedWorkerOptions;
  readonly #waiting: Job<Answer>[] = [];
  #worker: Worker | undefined;
  #current: { readonly job: Job<Answer>; readonly timer: NodeJS.Timeout; readonly watch: NodeJS.Timeout } | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LimitedWorkerOptions) {
    this.#options = options;
  }

  /** Asks; `time` is the limit in milliseconds from when its turn comes. Never rejects. */
  ask(question: Question, time: number): Promise<Outcome<Answer>> {
    if (this.#isClosed) return Promise.resolve({ limit: "closed" });
    return new Promise((resolve) => {
      this.#waiting.push({ question, time, resolve });
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
    const watch = setInterval(() => void this.#watch(worker), WATCH);
    this.#current = { job, timer: setTimeout(() => this.#fail("time"), job.time), watch };
    worker.postMessage(job.question);
  }

  async #watch(worker: Worker): Promise<void> {
    const used = await worker.getHeapStatistics().then(
      (heap) => heap.used_heap_size,
      () => 0, // it ended meanwhile
    );
    if (used > this.#options.memory * 1_048_576 && this.#worker === worker && this.#current !== undefined) this.#fail("memory");
  }

  #rest(): void {
    this.#worker?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#stop(), this.#options.idle).unref();
  }

  #start(): Worker {
    const { module, memory } = this.#options;
    const worker = new Worker(module, { resourceLimits: { maxOldGenerationSizeMb: memory + LAST_RESORT } });
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
    clearInterval(current.watch);
    current.job.resolve(outcome);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
