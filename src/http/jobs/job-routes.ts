import { Router, type Request, type Response } from "express";
import { AppError, ERROR_KINDS } from "../../core/errors.ts";
import { operationOutcome, type Issue } from "../../core/fhir/issue.ts";
import type { JobInteractions, JobStanding } from "../../interactions/fhir/jobs/job-status.ts";
import { writePieces } from "../answers/pieces.ts";
import { agreeOn, writeResource } from "../answers/write.ts";
import { RateLimiter } from "../bounds/rate-limit.ts";
import type { Agreed } from "../fhir/negotiate.ts";
import { askedBy, noteFailure } from "../request-facts.ts";
import type { Served } from "../served.ts";

export interface JobRoutesOptions {
  readonly jobs: JobInteractions;
  readonly served: Pick<Served, "definitions">;
}

/** Where a job's state is told, below the service's address. */
export const JOB_PATH = "/fhir/jobs/:job";
/** How often one job is asked about in a second, over five of them. */
const POLLS = 2;
const JSON_FORM: Agreed = { form: "json", contentType: "application/fhir+json; charset=utf-8" };

/** How jobs stand, and their end before their time (R4 async.html, status and delete requests). */
export function jobRoutes({ jobs, served: { definitions } }: JobRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const polls = new RateLimiter(POLLS);
  const outcome = (request: Request, response: Response, issue: Omit<Issue, "expression" | "offset">): void =>
    writeResource(request, response, operationOutcome([issue]), formOf(request), definitions);
  router.get(JOB_PATH, async (request, response) => {
    response.vary("Accept");
    const id = request.params["job"];
    const standing = await jobs.standing(askedBy(response, "rest"), id);
    response.setHeader("Cache-Control", "no-store");
    if (standing.kind === "done") return writeResult(request, response, standing);
    if (standing.kind === "failed") {
      const { status, code, text } = standing;
      noteFailure(response, code);
      response.status(status);
      return outcome(request, response, { severity: "error", code: ERROR_KINDS[code].issueCode, rule: code, text });
    }
    // One name for each job: whoever asks for that of others learns nothing.
    const wait = polls.ask(`job ${id}`);
    if (wait > 0)
      throw new AppError("too-many-requests", "It is asked about more often than it helps.", { retryAfter: Math.max(wait, standing.retryAfter) });
    response
      .status(202)
      .set({ "X-Progress": standing.progress.replace(/[^\x20-\x7e]/g, "?"), "Retry-After": String(standing.retryAfter) })
      .end();
  });
  router.delete(JOB_PATH, async (request, response) => {
    await jobs.remove(askedBy(response, "rest"), request.params["job"]);
    response.setHeader("Cache-Control", "no-store");
    response.status(202);
    outcome(request, response, {
      severity: "information",
      code: "informational",
      rule: "job-ended",
      text: "It is ended, and what it made is removed.",
    });
  });
  router.all(JOB_PATH, (request, response) => {
    response.setHeader("Allow", "GET, HEAD, DELETE");
    throw new AppError("method-not-allowed", `${request.method} is not allowed here: a job is asked about with GET, and ended with DELETE.`);
  });
  return router;
}

/** Clients ask for `application/json`, whatever comes of it. */
function formOf(request: Request): Agreed {
  try {
    return agreeOn(request, ["json", "xml"]);
  } catch {
    return JSON_FORM;
  }
}

async function writeResult(request: Request, response: Response, { expires, result }: Extract<JobStanding, { kind: "done" }>): Promise<void> {
  response.set({ "Content-Type": result.contentType, Expires: expires.toUTCString() });
  if (request.method === "HEAD") return void response.end();
  await writePieces(response, result.pieces);
}
