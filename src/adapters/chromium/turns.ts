import { AppError } from "../../core/errors.ts";

/** Lets a bounded number of tasks run side by side, and a bounded number wait, first come first served. */
export interface Turns {
  /** Runs the task when its turn comes. AppError `unavailable` when too many wait, or when `signal` gives up before its turn; it names the limit. */
  take<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Turns for `parallel` tasks at once and at most `waiting` behind them. */
export function openTurns(parallel: number, waiting: number): Turns {
  const atATime = parallel === 1 ? "one is made" : `${parallel} are made`;
  let running = 0;
  const queue: (() => void)[] = [];

  function waitForTurn(signal: AbortSignal): Promise<void> {
    if (running < parallel) {
      running++;
      return Promise.resolve();
    }
    if (queue.length >= waiting)
      return Promise.reject(
        new AppError("unavailable", `Too many PDFs are asked for just now: ${atATime} at a time, and ${waiting} wait. Try again in a minute.`, {
          retryAfter: 60,
        }),
      );
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        queue.splice(queue.indexOf(turn), 1);
        reject(
          new AppError("unavailable", `The PDF's turn did not come in time: ${atATime} at a time. Try again in a minute.`, {
            retryAfter: 60,
          }),
        );
      };
      signal.addEventListener("abort", giveUp, { once: true });
      queue.push(turn);
    });
  }

  /** The turn is handed on as it is, so that nobody slips in between. */
  function passOn(): void {
    const next = queue.shift();
    if (next === undefined) running--;
    else next();
  }

  return {
    async take(task, signal) {
      await waitForTurn(signal);
      try {
        return await task();
      } finally {
        passOn();
      }
    },
  };
}
