import { performance } from "node:perf_hooks";
import { AppError } from "../../core/errors.ts";
import { buffersIn } from "../../core/threads/move-buffers.ts";
import { createInlineWork } from "./inline-work.ts";
import { JobQueue, type Waiting } from "./job-queue.ts";
import { memoryFor, timeFor, WORK_LIMITS, workersFor, type WorkLimits } from "./limits.ts";
import type { Questions, WorkerFacts } from "./messages.ts";
import { OVERRUN } from "./overrun.ts";
import type { TaskTools } from "./tasks.ts";
import { WorkerThread, type Assignment } from "./worker-thread.ts";
import type { Input, Job, Output, TaskName, Work } from "./work.ts";

export interface WorkerWorkOptions {
  /** For what is done on the event loop. */
  readonly tools: TaskTools;
  readonly facts: WorkerFacts;
  readonly questions: Questions;
  readonly processors: number;
  readonly limits?: Partial<WorkLimits>;
  /** Whether the event loop has more to do than it should; by default when it was at work for a third of the last tenth of a second. */
  isBusy?(): boolean;
  /** What runs in the threads (`main/task-worker.ts`): it answers as `messages.ts` says. */
  readonly module: URL;
}

/** Small work at once on the event loop, the rest in a pool of threads, which start when they are needed and end when they are not. */
export function createWorkerWork(options: WorkerWorkOptions): Work {
  return new WorkerWork(options);
}

/** What nobody waits for goes behind what comes within so many milliseconds. */
const LAST = 500;

interface QueuedJob extends Waiting, Assignment {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class WorkerWork implements Work {
  readonly #inline: Work;
  readonly #options: WorkerWorkOptions;
  readonly #limits: WorkLimits;
  readonly #size: number;
  readonly #isBusy: () => boolean;
  readonly #queue = new JobQueue<QueuedJob>();
  readonly #threads = new Set<WorkerThread>();
  #bigRunning = 0;
  #isClosed = false;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: WorkerWorkOptions) {
    this.#options = options;
    this.#inline = createInlineWork(options.tools);
    this.#limits = { ...WORK_LIMITS, ...options.limits };
    this.#size = workersFor(options.processors);
    this.#isBusy = options.isBusy ?? busyLoop();
  }

  async do<Name extends TaskName>(name: Name, input: Input<Name>, job: Job): Promise<Output<Name>> {
    if (this.#isDoneHere(job)) return this.#inline.do(name, input, job);
    if (this.#isClosed) throw new AppError("unavailable", "The service is stopping; try again in a moment.");
    const { waitingJobs, waitingBytes } = this.#limits;
    const isFull = this.#queue.length >= waitingJobs || (this.#queue.length > 0 && this.#queue.bytes + job.bytes > waitingBytes);
    if (isFull) throw new AppError("unavailable", "Too much work is waiting; try again in a few seconds.");
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const time = timeFor(job.bytes, this.#limits);
    const moved = (job.handOver ?? []).flatMap((bytes) => buffersIn(bytes));
    this.#queue.push({
      name,
      input,
      time,
      moved,
      overrun: OVERRUN[name],
      bytes: job.bytes,
      since: performance.now() + (job.inThread === "last" ? LAST : 0),
      resolve,
      reject,
    });
    this.#next();
    return (await promise) as Output<Name>;
  }

  /** Whether work is done on the event loop. Busy, it hands to threads what it can: a thread must have started, which takes longer than the work. */
  #isDoneHere({ bytes, inThread }: Job): boolean {
    const { inlineBytes, sharedBytes } = this.#limits;
    if (bytes > inlineBytes || inThread !== undefined) return false;
    return bytes < sharedBytes || this.#isClosed || !this.#hasStarted() || !this.#isBusy();
  }

  #hasStarted(): boolean {
    return [...this.#threads].some(({ isReady }) => isReady);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    for (const job of this.#queue.drain()) job.reject(new AppError("unavailable", "The service is stopping; try again in a moment."));
    await Promise.all([...this.#threads].map((thread) => thread.end()));
    this.#threads.clear();
  }

  /** Gives work to threads as long as there are both. */
  #next(): void {
    for (const thread of this.#threads) if (!thread.isUsable) this.#threads.delete(thread);
    const working = [...this.#threads].filter((thread) => !thread.isIdle).length;
    for (let free = this.#size - working; free > 0; free--) {
      const job = this.#queue.take(({ bytes }) => bytes < this.#limits.bigBytes || this.#bigRunning < this.#size - 1);
      if (job === undefined) break;
      void this.#run(job, this.#threadFor(memoryFor(job.bytes, this.#limits)));
    }
    this.#endIdleLater();
  }

  async #run(job: QueuedJob, thread: WorkerThread): Promise<void> {
    const isBig = job.bytes >= this.#limits.bigBytes;
    if (isBig) this.#bigRunning++;
    try {
      job.resolve(await thread.run(job));
    } catch (error) {
      job.reject(error);
    }
    if (isBig) this.#bigRunning--;
    // What a very large document filled is given back at once.
    if (thread.memory > this.#usualMemory) this.#let(thread);
    this.#next();
  }

  /** Of a thread that stays: enough for all but the largest documents. */
  get #usualMemory(): number {
    return memoryFor(USUAL_BYTES, this.#limits);
  }

  /** An idle thread with so much memory, or a new one in the place of one without. */
  #threadFor(memory: number): WorkerThread {
    const idle = [...this.#threads].filter((thread) => thread.isIdle);
    const fitting = idle.find((thread) => thread.memory >= memory);
    if (fitting) return fitting;
    const [useless] = idle;
    if (useless && this.#threads.size >= this.#size) this.#let(useless);
    const { facts, questions, module } = this.#options;
    const thread = new WorkerThread({ memory: Math.max(memory, this.#usualMemory), facts, questions, module });
    this.#threads.add(thread);
    return thread;
  }

  #let(thread: WorkerThread): void {
    this.#threads.delete(thread);
    void thread.end();
  }

  #endIdleLater(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      for (const thread of this.#threads) if (thread.isIdle) this.#let(thread);
    }, this.#limits.idle);
    this.#idleTimer.unref();
  }
}

/** Documents of up to so many bytes find the memory that they may take in any thread; a larger one gets a thread of its own. */
const USUAL_BYTES = 8_000_000;

/** How long the loop is watched before it is called busy or not, in milliseconds, and the share of that in which it is at work. */
const WATCHED = 100;
const BUSY = 1 / 3;

function busyLoop(): () => boolean {
  let since = performance.eventLoopUtilization();
  let at = performance.now();
  let isBusy = false;
  return () => {
    if (performance.now() - at < WATCHED) return isBusy;
    const now = performance.eventLoopUtilization();
    isBusy = performance.eventLoopUtilization(now, since).utilization >= BUSY;
    since = now;
    at = performance.now();
    return isBusy;
  };
}
