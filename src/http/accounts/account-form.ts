import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from "express";
import { originOfRedirect } from "../../accounts/redirects.ts";
import { AppError } from "../../core/errors.ts";
import type { AccountPage } from "../../pipeline/render/pages/account-pages.ts";
import { basePathOf, below } from "../addresses.ts";
import { allowSignIn } from "../answers/headers.ts";
import { writeBytes } from "../answers/write.ts";
import { localeOf } from "../pages/locale.ts";
import type { Served } from "../served.ts";

/** Longer forms are nobody's. */
const LARGEST = 56 * 1024;

const unreadable: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  const status = (error as { readonly status?: unknown } | undefined)?.status;
  if (status === 413) return next(new AppError("too-large", `A form has at most ${LARGEST} bytes.`));
  if (status === 415) return next(new AppError("unsupported-media-type", "A form is sent as application/x-www-form-urlencoded in UTF-8."));
  next(status === 400 ? new AppError("malformed", "The form could not be read.") : error);
};

/** Reads a form (or what calls itself one), bounded; `fieldsOf` gives what is in it. */
export const readForm: readonly (RequestHandler | ErrorRequestHandler)[] = [
  express.text({ type: "application/x-www-form-urlencoded", limit: LARGEST, defaultCharset: "utf-8" }),
  unreadable,
];

/** What was read of the body; empty when it was no form. */
export function bodyOf(request: Request): string {
  const body: unknown = request.body;
  return typeof body === "string" ? body : "";
}

/** The first value of each field. */
export function fieldsOf(request: Request): (name: string) => string | undefined {
  const form = new URLSearchParams(bodyOf(request));
  return (name) => form.get(name) ?? undefined;
}

export interface AccountAnswer {
  readonly status?: number;
  /** Where the app that asked wants its answer. */
  readonly redirect?: string | undefined;
}

/** Shows a page on which people sign in. No cache keeps it. */
export function writeAccountPage(
  request: Request,
  response: Response,
  shown: AccountPage,
  { served: { pages, baseUrl }, status = 200, redirect }: AccountAnswer & { readonly served: Pick<Served, "pages" | "baseUrl"> },
): void {
  if (response.headersSent) return;
  response.status(status).vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  allowSignIn(response, redirect === undefined || redirect === "" ? undefined : originOfRedirect(redirect));
  const page = pages.account(shown, { locale: localeOf(request) });
  // It has what was typed beside what nobody else may know.
  writeBytes(response, withScript(below(basePathOf(baseUrl), page), basePathOf(baseUrl)), "text/html; charset=utf-8", { isMixed: true });
}

/** The script's address, below the path of BASE_URL as all others are. */
function withScript(page: string, basePath: string): string {
  return page.replace('<script src="/', `<script src="${basePath}/`);
}
