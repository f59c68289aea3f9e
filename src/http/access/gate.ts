import type { Request, RequestHandler, Response } from "express";
import { isKnown } from "../../core/asked.ts";
import { RefusedProof } from "../../security/authentication/refusals.ts";
import { basePathOf } from "../addresses.ts";
import { isOwnOrigin } from "../bounds/guards.ts";
import type { GlassInteractions } from "../../interactions/glass/glass.ts";
import type { Allowances } from "../bounds/allowances.ts";
import { isPublicAddress } from "../bounds/public-access.ts";
import { addressOf, nameCaller, noteBesides, noteGlass, noteSignedIn, requestIdOf } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { sessionCookie } from "./cookies.ts";
import { insiderOf } from "./insiders.ts";
import { credentialsOf } from "./credentials.ts";

/** What the gate knows callers by. */
export type GateNeeds = Pick<Served, "door" | "isOpen" | "baseUrl"> & { readonly registry: { readonly glass: Pick<GlassInteractions, "stateOf"> } };

/**
 * The one gate, before every route: says who asks, and lets nobody without proof to what is not public. A program that proved nothing is told how (401), a browser is led to where people
 * sign in. Whatever is behind the gate is kept by no cache, nor shown again when somebody goes back after signing out.
 */
export function admitCallers({ door, isOpen, baseUrl, registry }: GateNeeds, allowances: Allowances): RequestHandler {
  const cookie = sessionCookie(baseUrl);
  const own = new URL(baseUrl).origin;
  return async (request, response, next) => {
    const insider = insiderOf(request);
    if (insider) {
      nameCaller(response, insider.caller, insider.purpose);
      noteBesides(response, insider.noted);
    }
    if (isOpen || insider) return next();
    if (isPublicAddress(request.path)) {
      nameCaller(response, { kind: "anonymous" });
      return next();
    }
    keepNowhere(response);
    try {
      const credentials = credentialsOf(request, { proxies: door.proxies, cookie });
      const { by, caller, purpose } = await allowances.admit(addressOf(response), credentials, () => door.authenticator.prove(credentials));
      if (by === "session" && !isSafe(request) && !comesFromHere(request, own)) throw new RefusedProof("origin");
      if (caller.kind === "anonymous") throw new RefusedProof(door.people ? "missing" : "token-alone");
      nameCaller(response, caller, purpose);
      if (by === "session" && isKnown(caller)) {
        noteSignedIn(response, caller.name);
        noteGlass(response, await registry.glass.stateOf(caller));
      }
      allowances.count(caller);
    } catch (error) {
      if (!(error instanceof RefusedProof)) throw error;
      nameCaller(response, { kind: "anonymous" });
      const { reason, detail } = error;
      await door.onRefused({
        requestId: requestIdOf(response),
        address: addressOf(response),
        method: request.method,
        path: request.path,
        reason,
        ...(detail !== undefined && { detail }),
      });
      if (reason === "missing" && isForPerson(request)) return leadToSignIn(request, response, baseUrl);
      throw error;
    }
    next();
  };
}

function isSafe({ method }: Request): boolean {
  return ["GET", "HEAD", "OPTIONS"].includes(method);
}

/** A cookie goes along with what other pages send; that our own page sent it, the browser says. */
function comesFromHere(request: Request, own: string): boolean {
  const origin = request.get("Origin");
  return origin !== undefined && isOwnOrigin(origin, request, own);
}

/** A browser that shows what it gets; programs that name no form, or also HTML's address, get 401. */
function isForPerson(request: Request): boolean {
  const isShown = /\btext\/html\b/i.test(request.get("Accept") ?? "");
  return (request.method === "GET" || request.method === "HEAD") && isShown && ["navigate", undefined].includes(request.get("Sec-Fetch-Mode"));
}

function leadToSignIn(request: Request, response: Response, baseUrl: string): void {
  response.redirect(303, `${basePathOf(baseUrl)}/sign-in?to=${encodeURIComponent(request.url)}`);
}

/** Whatever a route says later. */
function keepNowhere(response: Response): void {
  const writeHead = response.writeHead.bind(response) as (...args: readonly unknown[]) => Response;
  response.writeHead = ((...args: readonly unknown[]) => {
    response.setHeader("Cache-Control", "no-store");
    return writeHead(...args);
  }) as Response["writeHead"];
}
