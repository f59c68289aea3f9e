/** A thread with one object, which gives back what it is given. */
import { AppError } from "../../../src/core/errors.ts";
import { answerCalls } from "../../../src/core/threads/answer-calls.ts";

let order = 0;
answerCalls(
  new Map([
    [
      "echo",
      {
        same: (value: unknown): unknown => value,
        turn: (): number => ++order,
        refuse: (): never => {
          throw new AppError("conflict", "for this test", { cause: Object.assign(new TypeError("beneath"), { errcode: 5 }), retryAfter: 7 });
        },
        unsendable: () => () => "a function",
        never: () => new Promise(() => undefined),
      },
    ],
  ]),
);
