import type { Request, Response } from "express";
import type { JsonObject } from "../core/fhir/json/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { writeXml } from "../core/fhir/xml/write-xml.ts";
import { AppError } from "../core/errors.ts";
import { negotiate, type Agreed, type Form } from "./negotiate.ts";

/** The form agreed upon with the client. AppError `not-acceptable`. */
export function agreeOn(request: Request, offered: readonly Form[]): Agreed {
  const agreed = negotiate(wantedBy(request), offered);
  if (!agreed) throw new AppError("not-acceptable", `This can be given as ${offered.join(", ")}: name one of these in Accept or _format.`);
  return agreed;
}

/** What the client says that it wants. */
export function wantedBy(request: Request): { readonly accept: string | undefined; readonly format: string | undefined } {
  const format = new URL(request.originalUrl, "http://localhost").searchParams.get("_format");
  return { accept: request.get("Accept"), format: format ?? undefined };
}

/** Writes a resource as JSON or XML; `_pretty=true` indents it. */
export function writeResource(request: Request, response: Response, resource: JsonObject, { form, contentType }: Agreed): void {
  const pretty = new URL(request.originalUrl, "http://localhost").searchParams.get("_pretty") === "true";
  const text = form === "xml" ? writeXml(resource, { pretty }) : writeJson(resource, { pretty });
  writeBytes(response, text, contentType);
}

/** Writes a whole body; a HEAD request gets its headers alone. */
export function writeBytes(response: Response, body: string | Uint8Array, contentType: string): void {
  const bytes = typeof body === "string" ? Buffer.from(body, "utf8") : body;
  response.setHeader("Content-Type", contentType);
  response.setHeader("Content-Length", bytes.byteLength);
  response.end(bytes);
}
