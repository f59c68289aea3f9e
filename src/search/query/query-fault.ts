/** What is wrong with a search itself, as opposed to whoever is to answer it. */
import { AppError } from "../../core/errors.ts";

/** Whether a search, or what a scope narrows by, cannot be understood or is not answered: asked again it is the same. */
export function isQueryFault(error: unknown): error is AppError {
  return error instanceof AppError && (error.code === "bad-query" || error.code === "unsupported" || error.code === "too-costly");
}
