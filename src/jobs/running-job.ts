import type { Asked } from "../core/asked.ts";
import { AppError, ERROR_KINDS } from "../core/errors.ts";
import type { Job, JobProgress, JobWorker, RunningJob } from "./job.ts";
import { ended, outOfTime } from "./job-desk.ts";
import type { JobFiles } from "./job-files.ts";
import type { HeldJob, JobStore } from "./job-store.ts";

/** How long a job is ours without a word from us, in milliseconds. */
export const LEASE = 30_000;
/** How often it is looked whether it still is, and whether somebody ended it. */
const PULSE = 2_000;
/** What is left of a lease when it is renewed. */
const RENEWED_AT = 20_000;
/** How long one waits that failed because something is away, at least and at most. */
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [1_000, 60_000];
const LONGEST_TEXT = 99;
/** What was decided with so many askings is told to the audit trail at once: an import asks for each line. */
const TOLD_AT_ONCE = 64;
/** How long work may take to stop, in milliseconds. */
const DEAF = 3_000;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Why work stopped: its deadline came; the process ends; it is another's, or nobody's any more. */
type Stop = "deadline" | "stopping" | "lost";

/** The owner as they are by now, and what tells the audit trail what was decided with it. */
export interface AskedAs {
  readonly asked: Asked;
  /** Resolves when it is written down. */
  tell(): Promise<void>;
}

export interface RunningOptions {
  readonly store: JobStore;
  readonly worker: JobWorker;
  readonly files: JobFiles;
  /** AppError `forbidden` when the owner is nobody any more. */
  askAs(job: Job): Promise<AskedAs>;
  onFault(error: unknown, what: string): void;
}

/** One job while this process works upon it. Its changes are written one after the other, each upon the one before. */
export class JobAtWork {
  readonly #options: RunningOptions;
  readonly #stop = new AbortController();
  #held: HeldJob;
  #leasedUntil: number;
  #changing: Promise<unknown> = Promise.resolve();
  #told: AskedAs[] = [];

  /** @param held as it was taken, with its lease */
  constructor(held: HeldJob, options: RunningOptions) {
    this.#held = held;
    this.#leasedUntil = performance.now() + LEASE;
    this.#options = options;
  }

  get job(): Job {
    return this.#held.job;
  }

  get name(): string {
    return this.#held.name;
  }

  async #asked(): Promise<Asked> {
    this.#stop.signal.throwIfAborted();
    const asking = await this.#options.askAs(this.job);
    this.#told.push(asking);
    return asking.asked;
  }

  async #save(saved: string, progress: JobProgress): Promise<void> {
    await this.#tell();
    const text = progress.text.slice(0, LONGEST_TEXT);
    const isSaved = await this.#change((held) => ({
      // That it tells how far it came, and saves nothing new, brings it no further.
      ...{ ...held, fruitless: held.job.saved === saved ? held.fruitless : 0, dueAt: Date.now() + LEASE },
      job: { ...held.job, saved, progress: { ...progress, text } },
    }));
    if (!isSaved) throw new AppError("conflict", "the job is not ours any more");
  }

  /** Ends work. */
  stop(why: Stop): void {
    this.#stop.abort(why);
  }

  /** Does it, and writes down what became of it, as far as it is ours to say. */
  async work(): Promise<void> {
    const { job } = this;
    const { worker, files } = this.#options;
    const { signal } = this.#stop;
    const pulse = setInterval(() => void this.#beat(), PULSE).unref();
    const deadline = setTimeout(() => this.stop("deadline"), Math.min(LONGEST_TIMER, Math.max(0, Date.parse(job.deadline) - Date.now()))).unref();
    const running: RunningJob = { ...{ job, signal, files }, asked: () => this.#asked(), save: (saved, progress) => this.#save(saved, progress) };
    try {
      const result = await Promise.race([worker.run(running), stopped(signal)]);
      await this.#tell();
      await this.#end((job) => ({ ...job, ...ended("done"), result, progress: { text: "done", share: 1 } }));
    } catch (error) {
      await this.#failed(error);
    } finally {
      clearInterval(pulse);
      clearTimeout(deadline);
    }
  }

  async #failed(error: unknown): Promise<void> {
    // What was shown to its owner by what it did so far is told in any case.
    await this.#tell().catch((cause: unknown) => this.#options.onFault(cause, "what a job decided could not be told to the audit trail"));
    const why = this.#stop.signal.aborted ? (this.#stop.signal.reason as Stop) : undefined;
    if (why === "lost") return;
    if (why === "deadline") return this.#end(outOfTime);
    // Neither the end of a process nor what is away speaks against the job.
    if (why === "stopping") return this.#giveBack(0);
    if (error instanceof AppError && error.code === "unavailable") return this.#giveBack(pauseAfter(this.job.attempts));
    const isPublic = error instanceof AppError && ERROR_KINDS[error.code].isPublic;
    if (!isPublic) this.#options.onFault(error, `a job (${this.job.kind}) failed`);
    const failureCode = error instanceof AppError ? error.code : "internal";
    const failure = isPublic ? error.message : "It failed by a fault of the service, and not of what was asked: the log of its operator tells more.";
    await this.#end((job) => ({ ...job, ...ended("failed"), failure, failureCode }));
  }

  async #giveBack(pause: number): Promise<void> {
    await this.#change((held) => ({
      ...{ ...held, fruitless: Math.max(0, held.fruitless - 1), dueAt: Date.now() + pause },
      job: { ...held.job, state: "waiting" },
    }));
  }

  async #end(change: (job: Job) => Job): Promise<void> {
    const { order } = this.job;
    if (!(await this.#change((held) => ({ ...held, job: change(held.job) })))) return;
    await this.#forget(order).catch((cause: unknown) => this.#options.onFault(cause, "files of a job that has ended stay until the job expires"));
  }

  /** What was sent is in the record by now, or was refused; what is erased there must not stay here. Of a job that failed nobody is given a file. */
  async #forget(order: string): Promise<void> {
    const { store, worker, files } = this.#options;
    if (this.job.state !== "done") return store.removeFiles(this.name);
    const sent = order === "" ? undefined : worker.sent?.(order);
    if (sent) await files.remove(sent);
  }

  /** Some at once, so that the trail writes them down together: what is told once is told no more, and what could not be told is told with what comes next. */
  async #tell(): Promise<void> {
    while (this.#told.length > 0) {
      const some = this.#told.splice(0, TOLD_AT_ONCE);
      const results = await Promise.allSettled(some.map((one) => one.tell()));
      const untold = some.filter((_, at) => results[at]?.status === "rejected");
      this.#told.unshift(...untold);
      const fault = results.find((result) => result.status === "rejected");
      if (fault) throw fault.reason;
    }
  }

  /** Looks whether it still is ours, and keeps it so. */
  async #beat(): Promise<void> {
    try {
      if (this.#stop.signal.aborted) return;
      // Not behind what the store has yet to answer: it may be just that.
      if (this.#isOutOfLease()) return this.stop("lost");
      if (this.#leasedUntil - performance.now() < RENEWED_AT) await this.#change((held) => ({ ...held, dueAt: Date.now() + LEASE }));
      else await this.#next(async () => (await this.#options.store.isAsRead(this.#held)) || this.stop("lost"));
    } catch (error) {
      this.#options.onFault(error, "a job's lease could not be renewed");
    }
    if (this.#isOutOfLease()) this.stop("lost");
  }

  /** Whoever takes it now must not find us at it. */
  #isOutOfLease(): boolean {
    return performance.now() > this.#leasedUntil;
  }

  /** False when it is not ours any more. */
  #change(change: (held: HeldJob) => HeldJob): Promise<boolean> {
    return this.#next(async () => {
      const begun = performance.now();
      const changed = await this.#options.store.replace(this.#held, change(this.#held));
      if (!changed) {
        this.stop("lost");
        return false;
      }
      this.#held = changed;
      this.#leasedUntil = begun + LEASE;
      return true;
    });
  }

  #next<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#changing.then(work);
    this.#changing = next.catch(() => undefined);
    return next;
  }
}

function pauseAfter(attempts: number): number {
  return Math.min(SHORTEST_PAUSE * 2 ** Math.min(attempts, 10), LONGEST_PAUSE);
}

/** Rejects some time after work was told to stop: that somebody does not hear it keeps no job from its end. */
function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => setTimeout(() => reject(new AppError("unavailable", "work did not stop in time")), DEAF).unref());
  });
}
