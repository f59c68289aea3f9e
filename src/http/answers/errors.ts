import type { ErrorRequestHandler, Request, Response } from "express";
import type { Logger } from "pino";
import { AppError, ERROR_KINDS, type ErrorCode } from "../../core/errors.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import { allowFor } from "./headers.ts";
import { negotiate, type Agreed, type Form } from "../fhir/negotiate.ts";
import { noteFailure, requestIdOf } from "../request-facts.ts";
import { wantedBy, writeBytes, writeResource } from "./write.ts";

/** What an error page tells a person. */
export interface Failure {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly requestId: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
  /** For `WWW-Authenticate`. */
  readonly challenge?: string | undefined;
}

/** When nobody knows better, in seconds. */
export const RETRY_AFTER = 5;

const JSON_FORM: Agreed = { form: "json", contentType: "application/fhir+json; charset=utf-8" };
const NEUTRAL = "Something failed in the service. Nothing that was acknowledged is lost. If it happens again, tell the operator this request's id";

/**
 * Every failure as an OperationOutcome in the form that the client reads, or as a page for a browser. Only messages that were written for clients leave the
 * process; what lies underneath goes to the log, without anything that may hold a document's content.
 */
export function answerErrors({
  log,
  definitions,
  errorPage,
}: {
  readonly log: Logger;
  readonly definitions: Definitions;
  readonly errorPage: (failure: Failure, request: Request) => string | Promise<string>;
}): ErrorRequestHandler {
  return async (error: unknown, request, response, _next) => {
    const failure = failureOf(error, requestIdOf(response));
    noteFailure(response, failure.code);
    // Given up before (a time limit), or cut while it was written: there is nothing left to say. Express would print the error.
    if (response.writableEnded) return;
    // A refusal because of load is no fault of ours: the line of the request tells it. A flood must not become one of stack traces.
    if (failure.status >= 500 && failure.retryAfter === undefined)
      log.error({ requestId: failure.requestId, code: failure.code, ...describe(error) }, "request failed");
    if (response.headersSent) return void response.destroy();
    for (const name of ["ETag", "Last-Modified", "Location", "Link", "Content-Length", "Content-Encoding", "Content-Disposition"])
      response.removeHeader(name);
    response.status(failure.status).vary("Accept");
    response.setHeader("Cache-Control", "no-store");
    if ([408, 429, 503].includes(failure.status)) response.setHeader("Retry-After", String(failure.retryAfter ?? RETRY_AFTER));
    if (failure.challenge !== undefined) response.setHeader("WWW-Authenticate", failure.challenge);
    const agreed = formFor(request);
    if (agreed.form !== "html") return writeOutcome(request, response, failure, agreed, definitions);
    const page = await Promise.resolve()
      .then(() => errorPage(failure, request))
      .catch(() => undefined);
    if (page === undefined) return writeOutcome(request, response, failure, JSON_FORM, definitions);
    allowFor(response, "html");
    writeBytes(response, page, agreed.contentType);
  };
}

function writeOutcome(request: Request, response: Response, { status, code, message }: Failure, agreed: Agreed, definitions: Definitions): void {
  const issue = { severity: status >= 500 ? "fatal" : "error", code: ERROR_KINDS[code].issueCode, rule: code, text: message } as const;
  writeResource(request, response, operationOutcome([issue]), agreed, definitions);
}

/** Programs get JSON unless they ask for another form; below the pages for people, a browser gets a page. */
function formFor(request: Request): Agreed {
  const offered: Form[] = /^\/fhir(\/|$)/.test(request.path) ? ["json", "xml", "html"] : ["html", "json", "xml"];
  const { accept, format } = wantedBy(request);
  return negotiate({ accept, format }, offered) ?? negotiate({ accept }, offered) ?? JSON_FORM;
}

function failureOf(error: unknown, requestId: string): Failure {
  if (error instanceof AppError) {
    const { status, isPublic } = ERROR_KINDS[error.code];
    const { code, retryAfter, challenge } = error;
    return { status, code, message: isPublic ? error.message : `${NEUTRAL}: ${requestId}`, requestId, retryAfter, challenge };
  }
  // Express refuses an address that it cannot decode with a status of its own.
  if (error instanceof URIError) return { status: 400, code: "malformed", message: "The address could not be decoded.", requestId };
  return { status: 500, code: "internal", message: `${NEUTRAL}: ${requestId}`, requestId };
}

/** An error for the log. Messages of foreign errors are left out: a parser's message quotes what it could not parse. */
export function describe(error: unknown): object {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, syscall } = error as { readonly code?: unknown; readonly syscall?: unknown };
  return {
    error: error.name,
    ...(error instanceof AppError && { message: error.message }),
    ...(typeof code === "string" && { errorCode: code }),
    ...(typeof syscall === "string" && { syscall }),
    frames: error.stack
      ?.split("\n")
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    ...(error.cause !== undefined && { cause: describe(error.cause) }),
  };
}
