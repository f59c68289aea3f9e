import type { Request, RequestHandler, Response } from "express";
import { operationOutcome } from "../../core/fhir/issue.ts";
import type { Jobs, Prepare } from "../../jobs/job.ts";
import { insiderOf } from "../access/insiders.ts";
import { agreeOn, writeResource } from "../answers/write.ts";
import { withBody, type BodyOptions } from "../bodies/body.ts";
import { answeredAtOnce, preferencesOf } from "../fhir/preferences.ts";
import { addressOf, callerOf, requestIdOf } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { KEPT_HEADERS, type RequestOrder } from "./request-order.ts";

export interface RespondAsyncOptions {
  readonly jobs: Pick<Jobs, "begin">;
  readonly served: Pick<Served, "baseUrl" | "fhirBase" | "definitions">;
  readonly bodies: BodyOptions;
}

/** Looks at a request before it is taken on: what can be refused at once is. AppErrors. */
export type Looked = (request: Request) => void;

/** Lets requests be answered later whose client would rather (`Prefer: respond-async`; RFC 7240, R4 async.html). It stands before what answers them at once, which then answers them for a job. */
export type RespondAsync = (look?: Looked, agree?: Agreeing) => RequestHandler;

/** In which of FHIR's forms it is told that a request was taken on. */
export type Agreeing = (request: Request) => ReturnType<typeof agreeOn>;

export function respondAsync({ jobs, served, bodies }: RespondAsyncOptions): RespondAsync {
  const { baseUrl, fhirBase, definitions } = served;
  const host = new URL(baseUrl).host;
  return (look, agree = (request) => agreeOn(request, ["json", "xml"])) =>
    async (request, response, next) => {
      // What a job asks is answered to it: to begin another would go on for ever.
      if (insiderOf(request) || !preferencesOf(request).isAsync || !["GET", "POST"].includes(request.method)) return next();
      response.vary("Accept");
      const agreed = agree(request);
      look?.(request);
      const { caller: owner, purpose } = callerOf(response);
      const url = `${baseUrl}${request.url}`;
      const order = { kind: "request", owner, url, order: "", ...(purpose !== undefined && { purpose }) } as const;
      const job = await withContent(request, response, bodies, (bytes) => jobs.begin(order, prepared(request, response, host, bytes)));
      response.status(202).set({
        ...{ "Content-Location": `${fhirBase}/jobs/${job.id}`, "Preference-Applied": "respond-async" },
        ...{ "Retry-After": "1", "Cache-Control": "no-store" },
      });
      const text = "It is answered later: Content-Location tells where.";
      const issue = { severity: "information", code: "informational", rule: "job-begun", text } as const;
      writeResource(request, response, operationOutcome([issue]), agreed, definitions);
    };
}

/** Keeps the body, and gives what is left to keep. */
function prepared(request: Request, response: Response, host: string, bytes: Uint8Array | undefined): Prepare {
  const headers = KEPT_HEADERS.flatMap((name): (readonly [string, string])[] => {
    const value = name === "prefer" ? answeredAtOnce(request.get(name) ?? "") : (request.get(name) ?? "");
    return value === "" ? [] : [[name, value]];
  });
  return async (files) => {
    const writer = bytes && files.write("request");
    await writer?.append(bytes ?? new Uint8Array());
    const order: RequestOrder = {
      ...{ method: request.method, path: request.originalUrl, headers: [["host", host], ...headers] },
      ...{ address: addressOf(response), requestId: requestIdOf(response) },
      ...(writer && { body: await writer.finish() }),
    };
    return JSON.stringify(order);
  };
}

/** What was sent, within the limits of every body. A form has been read already. */
function withContent<Result>(
  request: Request,
  response: Response,
  bodies: BodyOptions,
  use: (bytes: Uint8Array | undefined) => Promise<Result>,
): Promise<Result> {
  if (request.method !== "POST") return use(undefined);
  const form: unknown = request.body;
  return typeof form === "string" ? use(Buffer.from(form, "utf8")) : withBody(request, response, bodies, use);
}
