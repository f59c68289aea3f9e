import type { IncomingMessage } from "node:http";
import type { NextFunction, RequestHandler } from "express";
import { AppError } from "../../core/errors.ts";
import { insiderOf } from "../access/insiders.ts";
import type { HttpLimits } from "./limits.ts";

/** What people and apps fill in is short: who sends it byte by byte holds a connection that others need. */
function limitForm(request: IncomingMessage, { form }: HttpLimits, next: NextFunction): void {
  const late = setTimeout(() => {
    if (!request.complete) next(new AppError("too-slow", `A form must come within ${form / 1000} seconds.`));
  }, form).unref();
  for (const event of ["end", "close"]) request.once(event, () => clearTimeout(late));
}

function isForm({ headers }: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers["content-type"] ?? "");
}

/**
 * Bounds how long a request is worked on (503 beyond it; the work itself can't be taken back, so that a deposit may still be stored, and a retry tells), and how long the rest
 * of a body is read that nobody wants any more, and how long a form may take to come. A job has its own time.
 */
export function limitTimes(limits: HttpLimits): RequestHandler {
  return (request, response, next) => {
    let timer: NodeJS.Timeout | undefined;
    const begin = (): void => {
      if (response.writableEnded || response.destroyed || insiderOf(request)) return;
      timer = setTimeout(() => {
        if (!response.headersSent)
          next(new AppError("unavailable", "The answer took too long and was given up; try again in a moment.", { retryAfter: 10 }));
      }, limits.handler);
    };
    const hasBody = isBodied(request);
    if (hasBody) request.once("end", begin);
    else begin();
    if (hasBody && isForm(request)) limitForm(request, limits, next);
    response.once("prefinish", () => {
      if (!hasBody || request.complete || request.socket.destroyed) return;
      const { socket } = request;
      const rest = setTimeout(() => socket.destroy(), limits.discard).unref();
      request.once("end", () => clearTimeout(rest)).once("close", () => clearTimeout(rest));
    });
    response.once("close", () => clearTimeout(timer));
    next();
  };
}

function isBodied({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
