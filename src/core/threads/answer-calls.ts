/** The other end of `calls.ts`, in the thread. */
import { parentPort } from "node:worker_threads";
import { AppError } from "../errors.ts";
import type { Answered, Call } from "./calls.ts";
import { failureOf } from "./failure.ts";
import { buffersIn } from "./move-buffers.ts";

type Method = (...given: readonly unknown[]) => unknown;

/** Answers calls of the methods of these objects, by the names that they have when a call comes. */
export function answerCalls(objects: ReadonlyMap<string, object>): void {
  let answers: Answered[] = [];
  let moved: ArrayBuffer[] = [];
  const answer = (one: Answered, buffers: readonly ArrayBuffer[] = []): void => {
    if (answers.length === 0) queueMicrotask(send);
    answers.push(one);
    moved.push(...buffers);
  };
  const send = (): void => {
    const [told, given] = [answers, moved];
    [answers, moved] = [[], []];
    try {
      parentPort?.postMessage(told, given);
    } catch (cause) {
      const failure = failureOf(new AppError("internal", "what was found can't be sent to another thread", { cause }));
      parentPort?.postMessage(told.map(({ id }) => ({ id, failure })));
    }
  };
  const perform = async ({ id, on, method, given }: Call): Promise<void> => {
    try {
      const value = await methodOf(objects.get(on), method)(...given);
      answer({ id, value }, buffersIn(value));
    } catch (error) {
      answer({ id, failure: failureOf(error) });
    }
  };
  parentPort?.on("message", (calls: readonly Call[]) => calls.forEach((call) => void perform(call)));
}

function methodOf(object: object | undefined, name: string): Method {
  const method: unknown = object && Reflect.get(object, name);
  if (typeof method !== "function") throw new AppError("internal", `nothing in this thread answers ${name}`);
  return (...given): unknown => Reflect.apply(method, object, given);
}
