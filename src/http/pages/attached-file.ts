/** Hands out files that stand within documents: under the sandbox of every answer, and to be kept instead of opened unless a browser can do no harm with them. */
import type { Request, Response } from "express";
import { callerName } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { askedBy } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { writeBytes } from "../answers/write.ts";

/** What is shown in the browser, and as what: pictures without script, and plain text. Anything else (HTML, SVG, XML, PDF) is saved. */
const SHOWN: ReadonlyMap<string, string> = new Map([
  ["image/png", "image/png"],
  ["image/jpeg", "image/jpeg"],
  ["image/gif", "image/gif"],
  ["image/webp", "image/webp"],
  ["text/plain", "text/plain; charset=utf-8"],
]);

/** Endings that tell a machine what opens a file; others get none. */
const ENDINGS: ReadonlyMap<string, string> = new Map([
  ["application/pdf", ".pdf"],
  ["image/png", ".png"],
  ["image/jpeg", ".jpg"],
  ["image/gif", ".gif"],
  ["image/webp", ".webp"],
  ["image/svg+xml", ".svg"],
  ["text/plain", ".txt"],
  ["text/html", ".html"],
  ["text/xml", ".xml"],
  ["application/xml", ".xml"],
  ["application/dicom", ".dcm"],
  ["text/rtf", ".rtf"],
  ["application/rtf", ".rtf"],
]);

/** `GET /documents/{id}/files/{number}`. AppError `not-found`, `gone`, `damaged`. */
export async function writeAttachedFile(request: Request, response: Response, { registry, openings, turns }: Served): Promise<void> {
  const [id, number] = [String(request.params["id"]), String(request.params["number"])];
  if (!/^[1-9]\d{0,5}$/.test(number)) throw new AppError("not-found", "The document has no such file.");
  const asked = askedBy(response, "page");
  const weight = await registry.pages.weight(asked, id);
  const file = await openings.share(`${id} file ${number} ${callerName(asked)}`, () =>
    turns.take(weight, () => registry.pages.file(asked, id, Number(number))),
  );
  const type = file.contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const shown = SHOWN.get(type);
  response.setHeader("Cache-Control", "no-store");
  response.setHeader(
    "Content-Disposition",
    `${shown === undefined ? "attachment" : "inline"}; filename="document-${id}-file-${number}${ENDINGS.get(type) ?? ""}"`,
  );
  writeBytes(response, file.bytes, shown ?? "application/octet-stream");
}
