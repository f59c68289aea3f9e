import type { Request, Response } from "express";
import type { KnownCaller } from "../../core/asked.ts";
import { addressOf, requestIdOf } from "../request-facts.ts";
import { sessionCookie, setCookie } from "./cookies.ts";
import { cookieOf } from "./credentials.ts";
import type { People } from "./door.ts";

/** Ends what a browser is signed in with here, and at our own issuer; gives whose session it was. Noted before it is answered. */
export async function leave(
  request: Request,
  response: Response,
  { people, baseUrl }: { readonly people: People; readonly baseUrl: string },
): Promise<{ readonly caller: KnownCaller; readonly idToken: string } | undefined> {
  const secret = cookieOf(request, sessionCookie(baseUrl));
  const left = secret === undefined ? undefined : await people.sessions.end(secret);
  response.append("Set-Cookie", setCookie(sessionCookie(baseUrl), "", { seconds: 0, baseUrl }));
  // Also when the session here had ended by itself: whoever signs out means to leave nothing.
  await people.signIn.signOutHere(request.get("Cookie") ?? "");
  if (left) await people.onCameOrLeft({ what: "sign-out", caller: left.caller, ...whence(response) });
  return left;
}

/** By which an event is known, and from where it came. */
export function whence(response: Response): Pick<Parameters<People["onCameOrLeft"]>[0], "requestId" | "address"> {
  return { requestId: requestIdOf(response), address: addressOf(response) };
}
