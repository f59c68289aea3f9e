/** Work for which nobody can say beforehand what it costs, off the event loop: in one thread, one question at a time, each within a limit of time, all within one of memory. */
import type { ResourceLimits } from "node:worker_threads";
import { READY } from "./ready.ts";
import { Thread, type ThreadEnd } from "./thread.ts";
import { TimeLimit } from "./time-limit.ts";

export interface LimitedWorkerOptions<Answer> {
  /** The module of the thread: it says READY when it has loaded what it needs, and answers each message with one message. */
  readonly module: URL;
  /** Far more than any input within its limits takes (thread.ts). */
  readonly limits: ResourceLimits;
  /** Milliseconds by the clock that it may take to be ready: what it loads is no question's fault. */
  readonly startLimit: number;
  /** How many times as long as its time a question may take by the clock, while others use the processor. */
  readonly patience: number;
  /** Milliseconds without a question after which the thread ends and gives its memory back; without it, it stays. */
  readonly idle?: number;
  /** Whether a thread is to be replaced after an answer, of which it gave so many. */
  isSpent?(answer: Answer, count: number): boolean;
}

/** Which limit a question met. `start`: the thread was not ready in time; `failed`: it ended otherwise; `closed`: nothing is answered any more. */
export type Limit = "start" | "time" | "memory" | "failed" | "closed";

/** What came of a question. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly limit: Limit };

interface Job<Answer> {
  readonly question: unknown;
  readonly time: number;
  readonly moved: readonly ArrayBuffer[];
  readonly resolve: (outcome: Outcome<Answer>) => void;
}

/** A thread of this class, from its start on. */
interface Started<Answer> {
  readonly thread: Thread<unknown, Answer | typeof READY>;
  isReady: boolean;
  answers: number;
}

/** The thread starts at the first question, is replaced after an overrun, and does not keep the process alive while it has nothing to do. */
export class LimitedWorker<Question, Answer> {
  readonly #options: LimitedWorkerOptions<Answer>;
  readonly #waiting: Job<Answer>[] = [];
  #started: Started<Answer> | undefined;
  #current: Job<Answer> | undefined;
  #timeLimit: TimeLimit | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LimitedWorkerOptions<Answer>) {
    this.#options = options;
  }

  /** Asks; `time` is the limit in milliseconds of a processor from when its turn comes, `moved` what of the question is moved, not copied. Never rejects. */
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
    clearTimeout(this.#idleTimer);
    this.#current = job;
    const { thread, isReady } = (this.#started ??= this.#start());
    thread.hold();
    if (isReady) this.#limitTime(job);
    else this.#startTimer ??= setTimeout(() => this.#fail("start"), this.#options.startLimit);
    thread.say(job.question, job.moved);
  }

  #rest(): void {
    this.#started?.thread.release();
    const { idle } = this.#options;
    clearTimeout(this.#idleTimer);
    if (idle !== undefined && this.#started) this.#idleTimer = setTimeout(() => void this.#stop(), idle).unref();
  }

  #start(): Started<Answer> {
    const { module, limits } = this.#options;
    const thread = new Thread<unknown, Answer | typeof READY>({
      module,
      limits,
      hear: (said) => {
        if (said === READY) this.#ready();
        else this.#answered(said);
      },
      over: ({ kind }: ThreadEnd) => this.#fail(kind === "memory" ? "memory" : "failed"),
    });
    return { thread, isReady: false, answers: 0 };
  }

  /** From here on the question at hand is what takes time. */
  #ready(): void {
    if (this.#started) this.#started.isReady = true;
    clearTimeout(this.#startTimer);
    if (this.#current) this.#limitTime(this.#current);
  }

  #limitTime({ time }: Job<Answer>): void {
    if (!this.#started) return;
    const { patience } = this.#options;
    this.#timeLimit = new TimeLimit(this.#started.thread, { time, patience, silence: time * patience, over: () => this.#fail("time") });
    this.#timeLimit.goOn();
  }

  #answered(answer: Answer): void {
    this.#settle({ answer });
    if (this.#started && this.#options.isSpent?.(answer, ++this.#started.answers)) void this.#stop();
    this.#next();
  }

  /** The thread is of no use any more: the question at hand gets no answer, the next one a new thread. */
  #fail(limit: Limit): void {
    void this.#stop();
    this.#settle({ limit });
    this.#next();
  }

  #settle(outcome: Outcome<Answer>): void {
    this.#timeLimit?.stop();
    this.#timeLimit = undefined;
    const current = this.#current;
    this.#current = undefined;
    current?.resolve(outcome);
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#startTimer);
    this.#startTimer = undefined;
    const started = this.#started;
    this.#started = undefined;
    await started?.thread.end();
  }
}
