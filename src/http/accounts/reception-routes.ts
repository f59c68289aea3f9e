import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { leave } from "../access/leave.ts";
import { writeBytes } from "../answers/write.ts";
import { bodyOf, readForm, writeAccountPage } from "./account-form.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import type { ReceptionOptions } from "./reception-options.ts";
import { signInRoutes } from "./sign-in-routes.ts";

/** Headers of the library's that say nothing here: ours say the same, or the answer is written anew. */
const LEFT_OUT = new Set(["content-length", "content-type", "transfer-encoding", "connection", "date", "content-security-policy"]);

/** Where somebody says that they want to sign out whom an app led here. */
const SIGNED_OUT = "/oauth/sign-out/confirm";

/** Nobody's request has more parameters in address and form together; the library looks through all of them for each. */
const MOST_PARAMETERS = 100;

/** The embedded authorization server: what apps call, and the pages for people. */
export function receptionRoutes(options: ReceptionOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(signInRoutes(options), invitationRoutes(options));
  router.all("/oauth/*path", ...readForm, (request: Request, response: Response) => answer(request, response, options));
  return router;
}

async function answer(request: Request, response: Response, { served, reception }: ReceptionOptions): Promise<void> {
  if (!["GET", "HEAD", "POST", "OPTIONS"].includes(request.method)) {
    response.setHeader("Allow", "GET, HEAD, POST, OPTIONS");
    throw new AppError("method-not-allowed", `${request.method} is not allowed here.`);
  }
  if (parametersIn(request.url) + parametersIn(bodyOf(request)) > MOST_PARAMETERS)
    throw new AppError("bad-query", `A request has at most ${MOST_PARAMETERS} parameters.`);
  const given = await reception.server.answer({
    method: request.method === "HEAD" ? "GET" : request.method,
    target: request.url.slice("/oauth".length),
    headers: headersOf(request),
    body: Buffer.from(bodyOf(request), "utf8"),
  });
  if (given.status === 404) throw new AppError("not-found", "There is nothing at this address.");
  response.status(given.status);
  for (const [name, value] of given.headers)
    if (!LEFT_OUT.has(name.toLowerCase())) response.setHeader(name, typeof value === "string" ? value : [...value]);
  if (response.getHeader("Access-Control-Allow-Origin") !== undefined) response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
  if (!response.hasHeader("Cache-Control")) response.setHeader("Cache-Control", "no-store");
  // Whoever signs out there is signed out of our own pages, too.
  const { people } = served.door;
  if (people && request.path === SIGNED_OUT && given.status === 303 && new URLSearchParams(bodyOf(request)).has("logout"))
    await leave(request, response, { people, baseUrl: served.baseUrl });
  const { page } = given;
  if (page?.kind === "sign-out")
    return writeAccountPage(request, response, { ...page, action: pathOf(page.action) }, { served, status: given.status });
  if (page?.kind === "error")
    return writeAccountPage(request, response, { kind: "refused", code: page.code, description: page.description }, { served, status: given.status });
  const [, type = "application/json; charset=utf-8"] = given.headers.find(([name]) => name.toLowerCase() === "content-type") ?? [];
  // Tokens stand beside what the asker sent.
  writeBytes(response, given.body, String(type), { isMixed: true });
}

/** How many there are at most. */
function parametersIn(text: string): number {
  return text.split("&", MOST_PARAMETERS + 2).length;
}

function headersOf(request: Request): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}

function pathOf(address: string): string {
  return new URL(address, "http://localhost").pathname;
}
