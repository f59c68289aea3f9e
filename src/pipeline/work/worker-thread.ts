import { Worker } from "node:worker_threads";
import { AppError } from "../../core/errors.ts";
import { errorOf, type FromWorker, type Questions, type ToWorker, type WorkerFacts } from "./messages.ts";
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
  timer: NodeJS.Timeout | undefined;
  watch: NodeJS.Timeout | undefined;
  /** Milliseconds that are left before its time is looked at, and since when they run. */
  left: number;
  since: number;
  /** Milliseconds of a processor that the thread had used when it began, and how often its time was looked at. */
  usedBefore: number;
  looks: number;
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
/**
 * V8's own limit lies so many megabytes above: V8 ends the whole process where a thread meets it within a built-in function, which can't be interrupted. So the heap is watched from outside, and
 * V8's limit is for what grows faster than it is watched.
 */
const LAST_RESORT = 3_072;
/** After so many looks at its time work has had enough of it, however little of a processor that was. */
const MOST_LOOKS = 20;

/** One thread, which does one piece of work at a time. Whatever goes wrong ends it, costs the work at hand an error that says why, and nothing else. It keeps the process alive only while it works. */
export class WorkerThread {
  readonly memory: number;
  readonly #worker: Worker;
  readonly #questions: Questions;
  #running: Running | undefined;
  #isEnded = false;

  constructor({ memory, facts, questions, module }: ThreadOptions) {
    this.memory = memory;
    this.#questions = questions;
    this.#worker = new Worker(module, {
      workerData: facts,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memory / MEGABYTE) + LAST_RESORT, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    this.#worker.on("message", (message: FromWorker) => this.#hear(message));
    this.#worker.on("error", (error: unknown) => this.#fail(this.#errorOf(error)));
    this.#worker.on("exit", () =>
      this.#fail(new AppError("unavailable", "The worker that had this in hand stopped; nothing was stored. Try again.")),
    );
    this.#worker.unref();
  }

  /** False once it is of no use any more. */
  get isUsable(): boolean {
    return !this.#isEnded;
  }

  get isIdle(): boolean {
    return this.#running === undefined;
  }

  /** AppErrors as the port `Work` has them. Only for an idle thread. */
  run(assignment: Assignment): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const running: Running = {
        ...assignment,
        resolve,
        reject,
        timer: undefined,
        watch: setInterval(() => void this.#lookAtHeap(), WATCH).unref(),
        left: assignment.time,
        since: 0,
        usedBefore: 0,
        looks: 0,
        unanswered: 0,
      };
      this.#running = running;
      this.#worker.ref();
      this.#goOn();
      void this.#used().then((used) => (running.usedBefore = used ?? 0));
      try {
        this.#say({ kind: "job", name: assignment.name, input: assignment.input }, assignment.moved);
      } catch (cause) {
        this.#settle((running) => running.reject(new AppError("internal", "the input of a task can not be sent to a worker", { cause })));
      }
    });
  }

  /** Ends the thread; work at hand is given up. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#settle((running) => running.reject(new AppError("unavailable", "The service is stopping; try again in a moment.")));
    await this.#worker.terminate();
  }

  #say(message: ToWorker, moved: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, moved);
  }

  #hear(message: FromWorker): void {
    if (message.kind === "question") void this.#answer(message);
    else if (message.kind === "done") this.#settle((running) => running.resolve(message.output));
    else this.#settle((running) => running.reject(errorOf(message.failure)));
  }

  async #answer({ id, name, about }: Extract<FromWorker, { readonly kind: "question" }>): Promise<void> {
    const running = this.#running;
    if (running && running.unanswered++ === 0) this.#pause(running);
    const question = this.#questions[name] as (about: unknown) => unknown;
    const answer = await Promise.resolve().then(() => question(about));
    if (this.#isEnded) return;
    if (running && --running.unanswered === 0 && running === this.#running) this.#goOn();
    this.#say({ kind: "answer", id, answer });
  }

  #goOn(): void {
    const running = this.#running;
    if (!running) return;
    running.since = performance.now();
    running.timer = setTimeout(() => void this.#lookAtTime(running), running.left);
  }

  /** What has had less of a processor than it may is given the rest, on a busy machine; not for ever, since work can also stand still. */
  async #lookAtTime(running: Running): Promise<void> {
    const used = await Promise.race([this.#used(), this.#patience(running)]);
    clearTimeout(running.timer);
    if (running !== this.#running || running.unanswered > 0) return;
    const left = used === undefined ? 0 : running.time - (used - running.usedBefore);
    if (left < running.time / MOST_LOOKS || ++running.looks >= MOST_LOOKS)
      return this.#fail(overrun(running, `more than the ${Math.ceil(running.time / 1000)} s`));
    running.left = left;
    this.#goOn();
  }

  /** A thread answers only between built-in functions, which may be never: it is waited for once more as long as the work may take. */
  #patience(running: Running): Promise<undefined> {
    return new Promise((resolve) => {
      running.timer = setTimeout(resolve, running.time, undefined);
    });
  }

  /** Milliseconds of a processor that the thread has used; undefined before it runs, and where Node can't tell (before 24.6). */
  async #used(): Promise<number | undefined> {
    if (!("cpuUsage" in this.#worker)) return undefined;
    const usage = await this.#worker.cpuUsage().catch(() => undefined);
    return usage && (usage.user + usage.system) / 1000;
  }

  #pause(running: Running): void {
    clearTimeout(running.timer);
    running.left -= performance.now() - running.since;
  }

  #errorOf(error: unknown): AppError {
    const isMemory = typeof error === "object" && error !== null && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
    const running = this.#running;
    if (isMemory && running) return this.#tooMuchMemory(running);
    return new AppError("unavailable", "The worker that had this in hand failed; nothing was stored. Try again.", { cause: error });
  }

  async #lookAtHeap(): Promise<void> {
    const running = this.#running;
    const heap = await this.#worker.getHeapStatistics().catch(() => undefined);
    if (running && running === this.#running && (heap?.used_heap_size ?? 0) > this.memory) this.#fail(this.#tooMuchMemory(running));
  }

  #tooMuchMemory(running: Running): AppError {
    return overrun(running, `more than the ${Math.ceil(this.memory / 1_000_000)} MB of memory`);
  }

  #fail(error: AppError): void {
    this.#isEnded = true;
    this.#settle((running) => running.reject(error));
    void this.#worker.terminate();
  }

  #settle(answer: (running: Running) => void): void {
    const running = this.#running;
    this.#running = undefined;
    this.#worker.unref();
    if (!running) return;
    clearTimeout(running.timer);
    clearInterval(running.watch);
    answer(running);
  }
}

function overrun({ overrun: code }: Running, limit: string): AppError {
  const advice = code === "too-costly" ? "Send it in a simpler form, or in parts." : "Try again when less is going on.";
  return new AppError(code, `The work on this content took ${limit} that its size is allowed. ${advice}`);
}
