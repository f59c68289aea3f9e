import type { Response } from "express";

/** What an answer waits for before its first byte leaves. Undefined: for nothing. A rejection: nothing of it leaves. */
export type Before = () => Promise<void> | undefined;

/**
 * Holds an answer back, headers and all, until `before` has resolved: by the response's own methods, so that no route can pass it, whichever way it answers. Until then whoever looks finds the answer
 * given (`headersSent`, `writableEnded`), and a second one is not taken. When `before` rejects the answer is forgotten, `failed` is told, and what is answered then leaves as it is.
 */
export function holdBack(response: Response, before: Before, failed: (error: unknown) => void): void {
  const plain = { write: response.write, end: response.end, flushHeaders: response.flushHeaders };
  let state: "open" | "held" | "let-go" = "open";
  let isEnded = false;
  let held: (() => void)[] = [];
  const hasSent = getterOf(response, "headersSent");
  const hasEnded = getterOf(response, "writableEnded");

  const letGo = (): void => {
    state = "let-go";
    for (const name of ["write", "end", "flushHeaders", "headersSent", "writableEnded"] as const) Reflect.deleteProperty(response, name);
  };
  const begin = (): void => {
    const waiting = before();
    if (!waiting) return letGo();
    state = "held";
    waiting.then(
      () => {
        letGo();
        const answer = held;
        held = [];
        for (const one of answer) one();
      },
      (error: unknown) => {
        held = [];
        letGo();
        failed(error);
      },
    );
  };
  /** Calls the response's own method: now, whose result it gives, or once it may. */
  const take = (name: keyof typeof plain, given: readonly unknown[], whenDone: (result: unknown) => void = () => undefined): unknown => {
    if (state === "open") begin();
    if (state === "let-go") return Reflect.apply(plain[name], response, given);
    // What a second one would add to an answer that was given stays out, as it would after the end.
    if (!isEnded) held.push(() => whenDone(Reflect.apply(plain[name], response, given)));
    return undefined;
  };
  const own = {
    // Whoever writes piece by piece waits until the first one is taken.
    write: (...given: unknown[]): boolean => take("write", given, (isTaken) => isTaken === true && response.emit("drain")) === true,
    end: (...given: unknown[]): Response => {
      take("end", given);
      isEnded = true;
      return response;
    },
    flushHeaders: (): void => void take("flushHeaders", []),
  };
  Object.assign(response, own);
  Object.defineProperties(response, {
    headersSent: { configurable: true, get: () => state === "held" || hasSent() },
    writableEnded: { configurable: true, get: () => (state === "held" && isEnded) || hasEnded() },
  });
}

/** Reads a property as its class has it. */
function getterOf(response: Response, name: "headersSent" | "writableEnded"): () => boolean {
  for (let of: unknown = response; typeof of === "object" && of !== null; of = Object.getPrototypeOf(of)) {
    const getter = Object.getOwnPropertyDescriptor(of, name)?.get;
    if (getter) return () => Boolean(getter.call(response));
  }
  return () => false;
}
