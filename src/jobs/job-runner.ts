import { setTimeout as sleep } from "node:timers/promises";
import { ended, outOfTime } from "./job-desk.ts";
import type { Job, Jobs, JobWorker } from "./job.ts";
import type { HeldJob, JobStore } from "./job-store.ts";
import { JobAtWork, LEASE, type AskedAs } from "./running-job.ts";

/** How often it is looked for what other processes took on, or left, in milliseconds. */
const LOOK = 2_000;
/** How often what has expired is swept away. */
const SWEEP = 600_000;
/** How long work may take to stop when the process ends. */
const PATIENCE = 5_000;
/** How often a job is begun that never comes further. */
const MOST_FRUITLESS = 5;

export interface JobRunnerOptions {
  readonly store: JobStore;
  readonly jobs: Pick<Jobs, "filesOf">;
  readonly workers: readonly JobWorker[];
  /** The owner as they are by now; AppError `forbidden` when they are nobody any more. */
  askAs(job: Job): Promise<AskedAs>;
  onFault(error: unknown, what: string): void;
}

/** What this process did of jobs. */
export interface JobFigures {
  readonly done: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Under way in this process. */
  readonly running: number;
}

/** Does what is due: what is new, and what a process left that died. Any number of processes do so beside each other. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #atWork = new Map<string, { readonly work: JobAtWork; readonly kind: string; readonly done: Promise<void> }>();
  readonly #stopped = new AbortController();
  readonly #counts = { done: 0, failed: 0, cancelled: 0 };
  #looking: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;
  #sweptAt = -Infinity;
  #isWoken = false;
  #wakeUp: () => void = () => undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  get figures(): JobFigures {
    return { ...this.#counts, running: this.#atWork.size };
  }

  start(): void {
    this.#looking ??= this.#look();
  }

  /** Says that there is something to do. */
  wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  /** Says that somebody ended a job, or removed it. */
  ended(name: string): void {
    if (this.#atWork.has(name)) this.#counts.cancelled++;
    this.#atWork.get(name)?.work.stop("lost");
  }

  /** Stops what is under way, and gives it back: another process takes it at once. */
  async close(): Promise<void> {
    this.#stopped.abort();
    this.#wakeUp();
    await this.#looking;
    const all = [...this.#atWork.values()];
    for (const { work } of all) work.stop("stopping");
    await Promise.race([Promise.all([this.#sweeping, ...all.map(({ done }) => done)]), sleep(PATIENCE, undefined, { ref: false })]);
  }

  async #look(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#isWoken = false;
      try {
        for (const worker of this.#options.workers) await this.#takeDue(worker);
        if (performance.now() - this.#sweptAt > SWEEP) this.#sweeping ??= this.#sweep();
      } catch (error) {
        this.#options.onFault(error, "jobs cannot be looked for");
      }
      await this.#rest();
    }
  }

  /** Beside all else: to remove the files of a large export takes its time, and nobody who comes meanwhile waits for it. */
  async #sweep(): Promise<void> {
    this.#sweptAt = performance.now();
    try {
      await this.#options.store.sweep();
    } catch (error) {
      // Whoever closes the store does not wait for it: the next process goes on.
      if (!this.#stopped.signal.aborted) this.#options.onFault(error, "what has expired of jobs could not be swept away");
    }
    this.#sweeping = undefined;
  }

  async #takeDue(worker: JobWorker): Promise<void> {
    const { kind, atOnce } = worker;
    const running = [...this.#atWork.values()].filter((one) => one.kind === kind).length;
    if (running >= atOnce) return;
    for (const held of await this.#options.store.due(kind, atOnce - running)) {
      if (this.#stopped.signal.aborted) return;
      if (!this.#atWork.has(held.name)) await this.#take(held, worker);
    }
  }

  async #take(held: HeldJob, worker: JobWorker): Promise<void> {
    const { store, jobs, askAs, onFault } = this.#options;
    const { job, fruitless } = held;
    const end = endOf(held);
    if (end) {
      if (!(await store.replace(held, { ...held, job: end }))) return;
      this.#counts.failed++;
      return store.removeFiles(held.name);
    }
    const progress = job.saved === undefined ? { text: "under way" } : job.progress;
    const begun: Job = { ...job, state: "running", progress, attempts: job.attempts + 1 };
    const taken = await store.replace(held, { ...held, job: begun, fruitless: fruitless + 1, dueAt: Date.now() + LEASE });
    if (!taken) return;
    const work = new JobAtWork(taken, { store, worker, files: jobs.filesOf(job.id), askAs, onFault });
    const done = work
      .work()
      .catch((error: unknown) => onFault(error, "what became of a job could not be kept: it is done again"))
      .then(() => {
        this.#atWork.delete(held.name);
        const { state } = work.job;
        if (state === "done" || state === "failed") this.#counts[state]++;
        this.wake();
      });
    this.#atWork.set(held.name, { work, kind: worker.kind, done });
  }

  async #rest(): Promise<void> {
    if (this.#isWoken || this.#stopped.signal.aborted) return;
    const awake = new AbortController();
    this.#wakeUp = () => awake.abort();
    await sleep(LOOK, undefined, { ref: false, signal: awake.signal }).catch(() => undefined);
  }
}

/** What becomes of one that is not begun any more. */
function endOf({ job, fruitless }: HeldJob): Job | undefined {
  if (Date.parse(job.deadline) <= Date.now()) return outOfTime(job);
  if (fruitless < MOST_FRUITLESS) return undefined;
  const failure = `It was begun ${MOST_FRUITLESS} times, and came no further: it was given up.`;
  return { ...job, ...ended("failed"), failure, failureCode: "internal" };
}
