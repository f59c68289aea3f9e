/** Errors as data, for messages between threads: structured clone would make a plain Error of an AppError, and would lose what the system calls it. */
import { AppError, type ErrorCode } from "../errors.ts";

export interface Failure {
  /** Of an AppError. */
  readonly code?: ErrorCode;
  readonly retryAfter?: number;
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** What else an error of Node says of itself: `code` (`ENOENT`), `errcode` and `errstr` of SQLite. */
  readonly facts?: Readonly<Record<string, string | number>>;
  readonly cause?: Failure;
}

const FACTS = ["code", "errcode", "errstr", "errno", "syscall"];
/** So deep goes a chain of causes. */
const DEEPEST = 8;

export function failureOf(error: unknown, depth = DEEPEST): Failure {
  if (!(error instanceof Error)) return { name: typeof error, message: "" };
  const { name, message, stack, cause } = error;
  const said = {
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && depth > 0 && { cause: failureOf(cause, depth - 1) }),
  };
  if (error instanceof AppError) return { ...said, code: error.code, ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }) };
  const facts = FACTS.flatMap((fact) => {
    const value: unknown = Reflect.get(error, fact);
    return typeof value === "string" || typeof value === "number" ? [[fact, value] as const] : [];
  });
  return { ...said, ...(facts.length > 0 && { facts: Object.fromEntries(facts) }) };
}

/** The error again: an AppError, or one with the name, the stack and the facts of what was thrown. */
export function errorOf(failure: Failure): Error {
  const { code, retryAfter, name, message, stack, facts } = failure;
  const cause = failure.cause && errorOf(failure.cause);
  if (code !== undefined) return withStack(new AppError(code, message, { cause, ...(retryAfter !== undefined && { retryAfter }) }), stack);
  const error = new Error(message, cause && { cause });
  error.name = name;
  return withStack(Object.assign(error, facts), stack);
}

/** The error again, as an AppError: any other one comes as the cause of an `internal` one. */
export function appErrorOf(failure: Failure, otherwise: string): AppError {
  const error = errorOf(failure);
  return error instanceof AppError ? error : new AppError("internal", otherwise, { cause: error });
}

function withStack<E extends Error>(error: E, stack: string | undefined): E {
  if (stack !== undefined) error.stack = stack;
  return error;
}
