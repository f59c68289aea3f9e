import { AppError } from "../../core/errors.ts";
import { appErrorOf, failureOf } from "../../core/threads/failure.ts";
import { READY } from "../../core/threads/ready.ts";
import { Thread, type ThreadEnd } from "../../core/threads/thread.ts";
import { TimeLimit } from "../../core/threads/time-limit.ts";
import type { FromWorker, Questions, ToWorker, WorkerFacts } from "./messages.ts";
import type { TaskName } from "./work.ts";

/** A piece of work as a thread gets it. */
export interface Assignment {
  readonly name: TaskName;
  readonly input: unknown;
  /** Milliseconds that it may take of a processor, without the time in which it waits for answers. */
  readonly time: number;
  readonly moved: readonly ArrayBuffer[];
  readonly overrun: "too-costly" | "unavailable";
}

interface Running extends Assignment {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly timeLimit: TimeLimit;
  readonly watch: NodeJS.Timeout;
  unanswered: number;
}

/** What a thread is started with. */
export interface ThreadOptions {
  /** Bytes of heap. */
  readonly memory: number;
  readonly facts: WorkerFacts;
  readonly questions: Questions;
  /** What runs in it. */
  readonly module: URL;
}

const MEGABYTE = 1 << 20;
/** The young generation of a thread, in megabytes: as `--max-semi-space-size=16` gives the main one. */
const YOUNG_MEGABYTES = 48;
/** How often a working thread is asked for its heap, in milliseconds. */
const WATCH = 50;
/** V8's own limit lies so many megabytes above (core/threads/thread.ts): the heap is watched from outside, and V8's limit is for what grows faster than it is watched. */
const LAST_RESORT = 3_072;
/** Milliseconds in which a thread is ready. */
const START = 60_000;
/** How many times as long as its time work may take by the clock. */
const PATIENCE = 20;

/** One thread of the pool, which does one piece of work at a time. Whatever goes wrong ends it, costs the work at hand an error that says why, and nothing else. */
export class WorkerThread {
  readonly memory: number;
  readonly #thread: Thread<ToWorker, FromWorker>;
  readonly #questions: Questions;
  #running: Running | undefined;
  #isReady = false;
  readonly #startTimer: NodeJS.Timeout;

  constructor({ memory, facts, questions, module }: ThreadOptions) {
    this.memory = memory;
    this.#questions = questions;
    this.#thread = new Thread({
      module,
      data: facts,
      limits: { maxOldGenerationSizeMb: Math.ceil(memory / MEGABYTE) + LAST_RESORT, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
      hear: (message) => this.#hear(message),
      over: (end) => this.#settle((running) => running.reject(this.#errorOf(end, running))),
    });
    const late = new AppError("unavailable", "The worker that had this in hand did not start; nothing was stored. Try again.");
    this.#startTimer = setTimeout(() => this.#fail(late), START).unref();
  }

  /** False once it is of no use any more. */
  get isUsable(): boolean {
    return this.#thread.isAlive;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** Whether it has started. */
  get isReady(): boolean {
    return this.#isReady && this.isUsable;
  }

  /** AppErrors as the port `Work` has them. Only for an idle thread. */
  run(assignment: Assignment): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { name, input, time, moved } = assignment;
      const over = (): void => this.#fail(overrun(assignment, `more than the ${Math.ceil(time / 1000)} s`));
      const timeLimit = new TimeLimit(this.#thread, { time, patience: PATIENCE, silence: time, over });
      const watch = setInterval(() => void this.#lookAtHeap(), WATCH).unref();
      this.#running = { ...assignment, resolve, reject, timeLimit, watch, unanswered: 0 };
      this.#thread.hold();
      if (this.#isReady) timeLimit.goOn();
      try {
        this.#thread.say({ kind: "job", name, input }, moved);
      } catch (cause) {
        this.#settle((running) => running.reject(new AppError("internal", "the input of a task can not be sent to a worker", { cause })));
      }
    });
  }

  /** Ends the thread; work at hand is given up. */
  async end(): Promise<void> {
    this.#settle((running) => running.reject(new AppError("unavailable", "The service is stopping; try again in a moment.")));
    clearTimeout(this.#startTimer);
    await this.#thread.end();
  }

  #hear(message: FromWorker): void {
    if (message === READY) this.#ready();
    else if (message.kind === "question") void this.#answer(message);
    else if (message.kind === "done") this.#settle((running) => running.resolve(message.output));
    else this.#settle((running) => running.reject(appErrorOf(message.failure, "a piece of work failed in its worker")));
  }

  #ready(): void {
    this.#isReady = true;
    clearTimeout(this.#startTimer);
    this.#running?.timeLimit.goOn();
  }

  async #answer({ id, name, about }: Extract<FromWorker, { readonly kind: "question" }>): Promise<void> {
    const running = this.#running;
    if (running && running.unanswered++ === 0) running.timeLimit.pause();
    const question = this.#questions[name] as (about: unknown) => unknown;
    const reply = await Promise.resolve()
      .then(() => question(about))
      .then(
        (answer): ToWorker => ({ kind: "answer", id, answer }),
        (cause: unknown): ToWorker => ({ kind: "unanswered", id, failure: failureOf(cause) }),
      );
    if (!this.isUsable) return;
    if (running && --running.unanswered === 0 && running === this.#running) running.timeLimit.goOn();
    this.#thread.say(reply);
  }

  async #lookAtHeap(): Promise<void> {
    const running = this.#running;
    const heap = await this.#thread.usedHeap();
    if (running && running === this.#running && (heap ?? 0) > this.memory) this.#fail(this.#tooMuchMemory(running));
  }

  #errorOf({ kind, cause }: ThreadEnd, running: Running): AppError {
    if (kind === "memory") return this.#tooMuchMemory(running);
    const what = kind === "stopped" ? "stopped" : "failed";
    return new AppError("unavailable", `The worker that had this in hand ${what}; nothing was stored. Try again.`, { cause });
  }

  #tooMuchMemory(running: Assignment): AppError {
    return overrun(running, `more than the ${Math.ceil(this.memory / 1_000_000)} MB of memory`);
  }

  #fail(error: AppError): void {
    void this.#thread.end();
    this.#settle((running) => running.reject(error));
  }

  #settle(answer: (running: Running) => void): void {
    const running = this.#running;
    this.#running = undefined;
    this.#thread.release();
    if (!running) return;
    running.timeLimit.stop();
    clearInterval(running.watch);
    answer(running);
  }
}

function overrun({ overrun: code }: Assignment, limit: string): AppError {
  const advice = code === "too-costly" ? "Send it in a simpler form, or in parts." : "Try again when less is going on.";
  return new AppError(code, `The work on this content took ${limit} that its size is allowed. ${advice}`);
}
