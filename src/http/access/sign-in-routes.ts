import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { RefusedProof } from "../../security/authentication/refusals.ts";
import { returnAddress } from "../../security/sign-in/return-address.ts";
import { ATTEMPT_TIME, type Attempt } from "../../security/sign-in/sign-in.ts";
import { basePathOf, queryIn } from "../addresses.ts";
import { withBody, type BodyOptions } from "../bodies/body.ts";
import { BACK_CHANNEL } from "../bounds/guards.ts";
import { localeOf } from "../pages/locale.ts";
import { seeOther, writePage } from "../pages/write-view.ts";
import type { Served } from "../served.ts";
import { cookieName, sessionCookie, setCookie } from "./cookies.ts";
import { cookieOf } from "./credentials.ts";
import { leave, whence } from "./leave.ts";

/** A logout token and its name. */
const LARGEST_FORM = 32_768;

/** Says that a browser was led to our own name. */
const MOVED = "moved";

type Serving = Pick<Served, "door" | "pages" | "baseUrl">;

/** Where people come in and leave. None where nobody is asked. */
export function signInRoutes({ served, bodies }: { readonly served: Serving; readonly bodies: BodyOptions }): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { door, pages, baseUrl } = served;
  const { people } = door;
  if (!people) return router;
  const { signIn, sessions } = people;
  const basePath = basePathOf(baseUrl);

  router.get("/sign-in", async (request, response) => {
    const query = queryOf(request);
    const to = query.get("to") ?? "/";
    if (isElsewhere(request, baseUrl) && !query.has(MOVED))
      return leadTo(response, `${baseUrl}/sign-in?${new URLSearchParams({ to, [MOVED]: "1" }).toString()}`);
    // At our own name they may be signed in already.
    const secret = query.has(MOVED) ? cookieOf(request, sessionCookie(baseUrl)) : undefined;
    if (secret !== undefined && (await sessions.proofOf(secret))) return leadTo(response, `${basePath}${returnAddress(to)}`);
    const places = signIn
      .places()
      .map(({ key, name }) => ({ name, address: `/sign-in/start?${new URLSearchParams({ issuer: key, to }).toString()}` }));
    const [only] = places;
    // Nobody presses what is the only thing to press.
    if (only && places.length === 1) return leadTo(response, `${basePath}${only.address}`);
    response.vary("Accept-Language");
    writePage(response, pages.signIn(places, { locale: localeOf(request) }), served);
  });

  router.get("/sign-in/start", async (request, response) => {
    const query = queryOf(request);
    const { address, attempt } = await signIn.begin(query.get("issuer") ?? "", query.get("to") ?? undefined);
    const value = Buffer.from(JSON.stringify(attempt)).toString("base64url");
    response.append("Set-Cookie", setCookie(attemptCookie(attempt.state, baseUrl), value, { seconds: ATTEMPT_TIME / 1_000, baseUrl }));
    leadTo(response, address);
  });

  const finish = async (request: Request, response: Response): Promise<void> => {
    const query = queryOf(request);
    const cookie = attemptCookie(query.get("state") ?? "", baseUrl);
    const attempt = attemptIn(cookieOf(request, cookie));
    if (attempt) response.append("Set-Cookie", setCookie(cookie, "", { seconds: 0, baseUrl }));
    const key = request.params["issuer"];
    const came = await noted(request, response, served, () => signIn.finish({ key: key === undefined ? undefined : String(key), query }, attempt));
    await people.onCameOrLeft({ what: "sign-in", caller: came.caller, ...whence(response) });
    // Whoever was signed in on this browser before is so no more.
    const before = cookieOf(request, sessionCookie(baseUrl));
    if (before !== undefined) await sessions.end(before);
    response.append("Set-Cookie", setCookie(sessionCookie(baseUrl), came.secret, { baseUrl }));
    leadTo(response, `${basePath}${came.to}`);
  };
  router.get("/sign-in/callback", finish);
  router.get("/sign-in/callback/:issuer", finish);

  router.post("/sign-out", async (request, response) => {
    const left = await leave(request, response, { people, baseUrl });
    if (!left) return seeOther(response, "/signed-out", served);
    const address = await signIn.signOutAddress(left);
    const onward = address === undefined ? undefined : { address, name: new URL(left.caller.issuer).host };
    // Not by a redirect of this form: pages let forms lead nowhere but here (form-action).
    if (onward) response.setHeader("Refresh", `1; url=${onward.address}`);
    response.vary("Accept-Language");
    writePage(response, pages.signedOut(onward, { locale: localeOf(request) }), served);
  });

  router.get("/signed-out", (request, response) => {
    response.vary("Accept-Language");
    writePage(response, pages.signedOut(undefined, { locale: localeOf(request) }), served);
  });

  router.post(BACK_CHANNEL, async (request, response) => {
    const token = await withBody(request, response, { ...bodies, maxBytes: LARGEST_FORM }, (bytes) =>
      Promise.resolve(new URLSearchParams(Buffer.from(bytes).toString("utf8")).get("logout_token")),
    );
    response.setHeader("Cache-Control", "no-store");
    try {
      await noted(request, response, served, () => people.endByIssuer(token ?? ""));
      response.status(200).end();
    } catch (error) {
      if (!(error instanceof RefusedProof)) throw error;
      // OpenID Connect Back-Channel Logout 1.0 section 2.8.
      response.status(400).json({ error: "invalid_request", error_description: error.message });
    }
  });

  const refuse =
    (allowed: string) =>
    (_request: Request, response: Response): void => {
      response.setHeader("Allow", allowed);
      throw new AppError("method-not-allowed", `Only ${allowed} is answered here.`);
    };
  router.all(["/sign-in", "/sign-in/start", "/sign-in/callback", "/sign-in/callback/:issuer", "/signed-out"], refuse("GET, HEAD"));
  router.all(["/sign-out", BACK_CHANNEL], refuse("POST"));
  return router;
}

/** Whoever does not get in is noted, as at the gate. */
async function noted<Result>(request: Request, response: Response, { door }: Serving, step: () => Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof RefusedProof)
      await door.onRefused({
        ...whence(response),
        method: request.method,
        path: request.path,
        reason: error.reason,
        ...(error.detail !== undefined && { detail: error.detail }),
      });
    throw error;
  }
}

/**
 * Whether a browser asks by another name of this machine than the one that it is led back to: what it keeps belongs to a name, and would not be there when it comes back. A proxy may ask so too, who does not pass the name
 * on; so a browser is led to our own name once.
 */
function isElsewhere({ headers: { host } }: Request, baseUrl: string): boolean {
  return host !== undefined && host.toLowerCase() !== new URL(baseUrl).host;
}

/** One for each attempt, so that two windows don't disturb each other. */
function attemptCookie(state: string, baseUrl: string): string {
  return cookieName(`chartulary-sign-in-${state.replace(/[^\w-]/g, "").slice(0, 12)}`, baseUrl);
}

/** The browser's own: what it says is used for nothing but this browser's own session. */
function attemptIn(value: string | undefined): Attempt | undefined {
  try {
    const attempt = JSON.parse(Buffer.from(value ?? "", "base64url").toString("utf8")) as Record<keyof Attempt, unknown>;
    const { state, nonce, verifier, issuer, to } = attempt;
    const texts = [state, nonce, verifier, issuer, to];
    return texts.every((text) => typeof text === "string" && text !== "") ? (attempt as Attempt) : undefined;
  } catch {
    return undefined;
  }
}

function leadTo(response: Response, address: string): void {
  response.setHeader("Cache-Control", "no-store");
  response.redirect(303, address);
}

function queryOf({ url }: Request): URLSearchParams {
  return queryIn(url);
}
