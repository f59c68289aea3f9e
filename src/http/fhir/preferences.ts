import type { Request } from "express";
import { AppError } from "../../core/errors.ts";

/** What an answer to a deposit carries (R4 http.html, "create/update/patch/transaction"). */
export type ReturnPreference = "minimal" | "representation" | "OperationOutcome";

const RETURNS: Readonly<Record<string, ReturnPreference>> = {
  minimal: "minimal",
  representation: "representation",
  operationoutcome: "OperationOutcome",
};

/** What a Prefer header asks for (RFC 7240); what we do not know in it is passed over. */
export interface Preferences {
  readonly returns: ReturnPreference | undefined;
  readonly isStrict: boolean;
  readonly isLenient: boolean;
  /** `respond-async`: that it is answered later (R4 async.html). */
  readonly isAsync: boolean;
}

export function preferencesOf(request: Request): Preferences {
  const parts = partsOf(request.get("Prefer") ?? "").map((part) => part.toLowerCase());
  const value = (name: string): string | undefined => parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
  return {
    returns: RETURNS[value("return") ?? ""],
    isStrict: value("handling") === "strict",
    isLenient: value("handling") === "lenient",
    isAsync: parts.includes("respond-async"),
  };
}

/** What is left of a Prefer header once its wish to be answered later is granted: read as it was when the wish was found. */
export function answeredAtOnce(prefer: string): string {
  return partsOf(prefer)
    .filter((part) => !/^(?:respond-async$|wait\s*=)/i.test(part))
    .join(", ");
}

function partsOf(prefer: string): string[] {
  return prefer.split(/[,;]/).map((part) => part.trim().replaceAll('"', ""));
}

/**
 * The query's parameters. Unknown ones are ignored, unless the client prefers strict handling (R4 search.html, "Handling Errors").
 *
 * @throws AppError `unsupported` with `Prefer: handling=strict` and a parameter that is not `known`.
 */
export function queryOf(request: Request, known: readonly string[]): URLSearchParams {
  const query = new URL(request.originalUrl, "http://localhost").searchParams;
  if (preferencesOf(request).isStrict) {
    const unknown = [...new Set(query.keys())].filter((name) => !known.includes(name));
    if (unknown.length > 0) throw new AppError("unsupported", `Parameters that are not supported here: ${unknown.join(", ")}.`);
  }
  return query;
}

/** The same of an address that asks for what it must not find by mistake: what nobody knows, or stands twice, is refused. AppError `bad-query` */
export function wholeQueryOf(request: Request, known: readonly string[]): URLSearchParams {
  const query = new URL(request.originalUrl, "http://localhost").searchParams;
  const names = [...query.keys()];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new AppError("bad-query", `Nothing is found here by ${[...new Set(unknown)].join(", ")}: by ${known.join(", ")} it is.`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new AppError("bad-query", `${twice} stands twice in the address.`);
  return query;
}
