import { Worker, type ResourceLimits } from "node:worker_threads";

/** How a thread came to its end without being told to. `memory`: it met V8's limit of heap. `failed`: something was thrown in it that nobody caught. */
export interface ThreadEnd {
  readonly kind: "memory" | "failed" | "stopped";
  readonly cause?: unknown;
}

export interface ThreadOptions<Heard> {
  /** What runs in it: `moduleBeside`. */
  readonly module: URL;
  /** What it is told once, at its start (`workerData`). */
  readonly data?: unknown;
  /**
   * V8's own limits. Far above what any input within its limits takes: V8 ends the whole process where a thread meets its limit of heap within a built-in function, which can't be interrupted
   * (`split`, `JSON.parse`; seen with Node 24).
   */
  readonly limits?: ResourceLimits;
  hear(message: Heard): void;
  /** Told once, and nothing is heard afterwards; not after `end`. */
  over(end: ThreadEnd): void;
}

/** Whether this program was given as an argument (`node --input-type=module --eval …`): a thread would be given that option too, and refuse to begin with a file. */
function isTyped(): boolean {
  return process.execArgv.some((option) => option.startsWith("--input-type"));
}

/** One thread of ours, whoever uses it: how it starts, what it says, how it ends. It keeps the process alive only while it is held. */
export class Thread<Said, Heard> {
  readonly #worker: Worker;
  #isOver = false;

  constructor({ module, data, limits, hear, over }: ThreadOptions<Heard>) {
    this.#worker = new Worker(module, { workerData: data, ...(limits && { resourceLimits: limits }), ...(isTyped() && { execArgv: [] }) });
    const end = (how: ThreadEnd): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      over(how);
    };
    this.#worker.on("message", (message: Heard) => {
      if (!this.#isOver) hear(message);
    });
    this.#worker.on("error", (cause: unknown) => end({ kind: isOutOfMemory(cause) ? "memory" : "failed", cause }));
    this.#worker.on("exit", () => end({ kind: "stopped" }));
    this.#worker.unref();
  }

  /** False once it is of no use any more. */
  get isAlive(): boolean {
    return !this.#isOver;
  }

  /** @param moved buffers in the message that are moved, not copied: they are empty here afterwards. Throws what can't be sent. */
  say(message: Said, moved: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, moved);
  }

  /** Keeps the process alive, until `release`. */
  hold(): void {
    this.#worker.ref();
  }

  release(): void {
    this.#worker.unref();
  }

  /**
   * Milliseconds of a processor that it has used; undefined before it runs, after it ended, and where Node can't tell (before 24.6). It answers only between built-in functions, which may be
   * never: don't wait for it without a bound.
   */
  async usedTime(): Promise<number | undefined> {
    if (!("cpuUsage" in this.#worker)) return undefined;
    const usage = await this.#worker.cpuUsage().catch(() => undefined);
    return usage && (usage.user + usage.system) / 1000;
  }

  /** Bytes of its heap that are in use; answers as `usedTime` does. */
  async usedHeap(): Promise<number | undefined> {
    return (await this.#worker.getHeapStatistics().catch(() => undefined))?.used_heap_size;
  }

  /** Ends it at once, whatever it does. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }
}

/** A module of ours by its name without an extension: the built package has JavaScript beside the one that asks (`import.meta.url`), a checkout TypeScript. */
export function moduleBeside(asker: string, name: string): URL {
  return new URL(`${name}${asker.endsWith(".ts") ? ".ts" : ".js"}`, asker);
}

function isOutOfMemory(cause: unknown): boolean {
  return typeof cause === "object" && cause !== null && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
}
