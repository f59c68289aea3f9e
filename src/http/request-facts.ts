import { randomUUID } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { insiderOf } from "./access/insiders.ts";
import { clientAddressOf, type Proxies } from "./access/proxies.ts";
import type { Asked, Caller, Channel, Noted } from "../core/asked.ts";
import type { NewTrailEvent } from "../core/formats/audit-trail.ts";
import type { GlassState } from "../interactions/glass/glass.ts";

/** What a sender's request id may be: something that can stand in a log line, a header and a deposit record without harm. */
const SANE_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Gives every request an id, the sender's if it is sane, and tells it in `X-Request-Id`. */
export function identifyRequests(): RequestHandler {
  return (request, response, next) => {
    const sent = insiderOf(request)?.requestId ?? request.get("X-Request-Id");
    const id = sent !== undefined && SANE_ID.test(sent) ? sent : randomUUID();
    response.locals["requestId"] = id;
    response.setHeader("X-Request-Id", id);
    next();
  };
}

/** The id of the request that this answers. */
export function requestIdOf(response: Response): string {
  return String(response.locals["requestId"] ?? "");
}

/** Notes from where each request came; `addressOf` tells it. */
export function noteAddresses(proxies: Proxies | undefined): RequestHandler {
  return (request, response, next) => {
    response.locals["address"] = insiderOf(request)?.address ?? clientAddressOf(request, proxies);
    next();
  };
}

/** The address of the client of the request that this answers: of the connection, or as a named proxy says. */
export function addressOf(response: Response): string {
  return String(response.locals["address"] ?? "");
}

const LONGEST_AGENT = 300;

/** From where a request came, as the audit trail keeps it: the address, and what the program calls itself. */
export function fromOf(request: Request, response: Response): NonNullable<NewTrailEvent["from"]> {
  const agent = request.get("User-Agent")?.slice(0, LONGEST_AGENT);
  return { address: addressOf(response), ...(agent !== undefined && { agent }) };
}

/** Says who sent the request that this answers, once that was proved; `purpose`: a code of v3-PurposeOfUse, as the token or the person said. */
export function nameCaller(response: Response, caller: Caller, purpose?: string): void {
  response.locals["caller"] = caller;
  response.locals["purpose"] = purpose;
  response.locals["asked"] = {};
}

/** Says what glass the sender may break, and has broken. */
export function noteGlass(response: Response, state: GlassState): void {
  response.locals["glass"] = state;
  response.locals["asked"] = {};
}

/** What `noteGlass` said; undefined of a sender who is no person that signed in. */
export function glassOf({ locals }: Response): GlassState | undefined {
  return (locals as { readonly glass?: GlassState }).glass;
}

/** Says that a person asks who signed in here. */
export function noteSignedIn(response: Response, name: string): void {
  response.locals["signedIn"] = name;
}

/** The name of the person who signed in and asks; undefined when none did. */
export function signedInAs(response: Response): string | undefined {
  const { signedIn } = response.locals as { readonly signedIn?: string };
  return signedIn;
}

/** Says who takes down what is decided while the request is answered that this answers. */
export function noteFor(response: Response, noted: Noted): void {
  response.locals["noted"] = noted;
}

/** Says who else does. */
export function noteBesides(response: Response, other: Noted): void {
  const { noted: first } = response.locals as { readonly noted?: Noted };
  const both = first ? [first, other] : [other];
  noteFor(response, {
    decided: (...about) => both.forEach((one) => one.decided(...about)),
    provided: () => both.forEach((one) => one.provided()),
    consent: (...about) => both.forEach((one) => one.consent(...about)),
    resource: (reference) => both.forEach((one) => one.resource(reference)),
  });
}

/** Who sent the request that this answers, and what for, as far as it was named (`nameCaller`). */
export function callerOf(response: Response): { readonly caller: Caller; readonly purpose?: string } {
  const { caller, purpose } = response.locals as { readonly caller?: Caller; readonly purpose?: string };
  return { caller: caller ?? { kind: "unauthenticated" }, ...(purpose !== undefined && { purpose }) };
}

/** Says by which code a request was refused, or failed. */
export function noteFailure(response: Response, code: string): void {
  response.locals["failure"] = code;
}

/** The code of `noteFailure`. */
export function failureOf({ locals }: Response): string | undefined {
  return (locals as { readonly failure?: string }).failure;
}

/** The circumstances of the question that this answers: one object for each channel, which what is granted and audited hangs upon. Of a request nobody has named the sender of (`nameCaller`), nothing is known. */
export function askedBy(response: Response, channel: Channel): Asked {
  const locals = response.locals as { readonly noted?: Noted; asked?: Partial<Record<Channel, Asked>> };
  const known = (locals.asked ??= {});
  const { noted } = locals;
  const glass = glassOf(response)?.open ?? [];
  const more = { ...(noted && { noted }), ...(glass.length > 0 && { glass }) };
  return (known[channel] ??= { ...callerOf(response), channel, requestId: requestIdOf(response), ...more });
}

/** The pattern of the route that a request matched; `-` for none. */
export function routeOf(request: Request): string {
  const path = (request.route as { readonly path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path : "-";
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * Logs every answer in one line: method, route, document id, status, time. Never the query, the address as it was typed, a header or a body: a patient's name
 * may stand in any of them. An address that matches no route is logged as `-`.
 */
export function logRequests(log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once("close", () => {
      const document = UUID.exec(request.path)?.[0];
      log.info(
        {
          requestId: requestIdOf(response),
          method: request.method,
          route: routeOf(request),
          ...(document !== undefined && { document }),
          status: response.statusCode,
          milliseconds: Math.round(performance.now() - startedAt),
          ...(!response.writableFinished && { isAborted: true }),
        },
        "request",
      );
    });
    next();
  };
}
