/**
 * Objects that live in a thread of their own, called from here: any number of calls under way, each with its promise. Calls reach the thread in the order in which they were made. What several
 * callers ask in one turn goes as one message, and so do answers: a message costs more than what is in it.
 */
import type { ResourceLimits } from "node:worker_threads";
import { AppError } from "../errors.ts";
import { errorOf, failureOf, type Failure } from "./failure.ts";
import { buffersIn } from "./move-buffers.ts";
import { Thread, type ThreadEnd } from "./thread.ts";

/** One call of a method; what it is called with is data. */
export interface Call {
  readonly id: number;
  /** Which object, by its name. */
  readonly on: string;
  readonly method: string;
  readonly given: readonly unknown[];
}

export type Answered = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: Failure };

export interface CalledThreadOptions {
  readonly module: URL;
  readonly limits?: ResourceLimits;
  /** What a call is refused with once the thread has ended; told once when it ends without being told to. */
  ended(end: ThreadEnd | undefined): AppError;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Where objects are called by name. */
export interface Caller {
  call(on: string, method: string, given: readonly unknown[]): Promise<unknown>;
}

/** The thread as it is called from here. It keeps the process alive while a call is under way. */
export class CalledThread implements Caller {
  readonly #thread: Thread<readonly Call[], readonly Answered[]>;
  readonly #ended: CalledThreadOptions["ended"];
  readonly #pending = new Map<number, Pending>();
  #toSend: Call[] = [];
  #toMove = new Set<ArrayBuffer>();
  #count = 0;
  #end: AppError | undefined;

  constructor({ module, limits, ended }: CalledThreadOptions) {
    this.#ended = ended;
    this.#thread = new Thread({
      module,
      ...(limits && { limits }),
      hear: (answers) => answers.forEach((answer) => this.#hear(answer)),
      over: (end) => this.#giveUp(ended(end)),
    });
  }

  /** Calls a method. Large buffers that are all of a byte array in it are moved, not copied (`buffersIn`). Rejects with what the method throws (`errorOf`). */
  call(on: string, method: string, given: readonly unknown[]): Promise<unknown> {
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const id = ++this.#count;
      if (this.#pending.size === 0) this.#thread.hold();
      this.#pending.set(id, { resolve, reject });
      if (this.#toSend.length === 0) queueMicrotask(() => this.send());
      this.#toSend.push({ id, on, method, given });
      for (const value of given) for (const buffer of buffersIn(value)) this.#toMove.add(buffer);
    });
  }

  /** Sends what was called in this turn, at once. */
  send(): void {
    const [calls, moved] = [this.#toSend, this.#toMove];
    if (calls.length === 0 || this.#end) return;
    this.#toSend = [];
    this.#toMove = new Set();
    try {
      this.#thread.say(calls, [...moved]);
    } catch {
      // One of them can't be sent, such as bytes that were moved away before: it alone is refused.
      for (const call of calls) this.#sendAlone(call);
    }
  }

  #sendAlone(call: Call): void {
    try {
      this.#thread.say(
        [call],
        call.given.flatMap((value) => buffersIn(value)),
      );
    } catch (cause) {
      this.#hear({
        id: call.id,
        failure: failureOf(new AppError("internal", `what ${call.method} was called with can't be sent to a thread`, { cause })),
      });
    }
  }

  /** Ends it; calls under way are refused. */
  async end(): Promise<void> {
    this.#giveUp(this.#ended(undefined));
    await this.#thread.end();
  }

  #hear(answer: Answered): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#thread.release();
    if ("failure" in answer) pending?.reject(errorOf(answer.failure));
    else pending?.resolve(answer.value);
  }

  #giveUp(error: AppError): void {
    this.#end ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#thread.release();
  }
}

/**
 * An object here whose methods are called there. Only for methods that give promises, or whose answer nobody waits for.
 *
 * @param methods all that are called; an array, since types are gone when the program runs
 */
export function standInFor<Port extends object>(thread: Caller, on: string, methods: readonly (keyof Port & string)[]): Port {
  const entries = methods.map((method) => [method, (...given: unknown[]) => thread.call(on, method, given)]);
  return Object.fromEntries(entries) as Port;
}
