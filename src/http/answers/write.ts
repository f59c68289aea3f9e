import type { Request, Response } from "express";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import { queryIn } from "../addresses.ts";
import { AppError } from "../../core/errors.ts";
import { deliver } from "./delivery.ts";
import { negotiate, type Agreed, type Form } from "../fhir/negotiate.ts";

/** The form agreed upon with the client. AppError `not-acceptable`. */
export function agreeOn(request: Request, offered: readonly Form[]): Agreed {
  const agreed = negotiate(wantedBy(request), offered);
  if (!agreed) throw new AppError("not-acceptable", `This can be given as ${offered.join(", ")}: name one of these in Accept or _format.`);
  return agreed;
}

/** What the client says that it wants. */
export function wantedBy(request: Request): { readonly accept: string | undefined; readonly format: string | undefined } {
  const format = queryIn(request.originalUrl).get("_format");
  // A parameter without a value is none (R4 search.html, "Search parameters and arguments").
  return { accept: request.get("Accept"), format: format || undefined };
}

/** Writes a resource as JSON or XML; `_pretty=true` indents it. */
export function writeResource(
  request: Request,
  response: Response,
  resource: JsonObject,
  { form, contentType }: Agreed,
  definitions: Definitions,
): void {
  writeBytes(response, resourceText(resource, form, isPretty(request), definitions), contentType);
}

export function isPretty(request: Request): boolean {
  return queryIn(request.originalUrl).get("_pretty") === "true";
}

export function resourceText(resource: JsonObject, form: Form, pretty: boolean, definitions: Definitions): string {
  return form === "xml" ? writeXml(resource, definitions, { pretty }) : writeJson(resource, { pretty });
}

/** Writes a whole body, compressed if the client asks for it; a HEAD request gets its headers alone. `isMixed`: what the asker chose stands beside what he may not know, so it is not compressed (BREACH). */
export function writeBytes(response: Response, body: string | Uint8Array, contentType: string, { isMixed = false } = {}): void {
  // A time limit may have answered already.
  if (response.headersSent) return;
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  response.setHeader("Content-Type", contentType);
  deliver(response, bytes, { mayCompress: !isMixed });
}

/** The headers of what is not opened for HEAD; its length is left out, as RFC 9110 section 9.3.2 allows. */
export function writeHead(response: Response, contentType: string): void {
  response.setHeader("Content-Type", contentType);
  response.end();
}
