/** Files of exports: as NDJSON, packed or in ranges (Bulk Data Access 2.0, "Bulk Data Output File Request"). */
import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import type { ExportDownload, ExportDownloads } from "../../interactions/fhir/bulk/export-downloads.ts";
import { codingFor } from "../answers/compression.ts";
import { writePieces } from "../answers/pieces.ts";
import { askedBy } from "../request-facts.ts";

/** @param path of a job's files, with `:job` and `:file` */
export function exportRoutes(path: string, downloads: ExportDownloads): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(path, async (request, response) => {
    const download = await downloads.file(askedBy(response, "rest"), String(request.params["job"]), String(request.params["file"]));
    await send(request, response, download);
  });
  router.all(path, (request, response) => {
    response.setHeader("Allow", "GET, HEAD");
    throw new AppError("method-not-allowed", `${request.method} is not allowed here: a file of an export is read with GET.`);
  });
  return router;
}

async function send(request: Request, response: Response, download: ExportDownload): Promise<void> {
  const { mediaType, length, sha256 } = download;
  const range = rangeOf(request, length, sha256);
  const isPacked = range === undefined && codingFor(request.get("Accept-Encoding")?.replace(/\bbr\b/g, "-")) === "gzip";
  response.vary("Accept-Encoding");
  response.set({ "Content-Type": mediaType, "Cache-Control": "no-store", "Accept-Ranges": "bytes", ETag: tagOf(sha256, isPacked) });
  if (range === "unsatisfiable") return void response.status(416).set("Content-Range", `bytes */${length}`).end();
  if (isPacked) response.setHeader("Content-Encoding", "gzip");
  else response.setHeader("Content-Length", range ? range.to - range.from : length);
  if (range) response.status(206).setHeader("Content-Range", `bytes ${range.from}-${range.to - 1}/${length}`);
  if (request.method === "HEAD") return void response.end();
  await writePieces(response, isPacked ? download.readPacked() : download.read(range?.from, range?.to));
}

/** Packed and plain are other bytes, so that each has a tag of its own (RFC 9110 section 8.8.3): who broke off in the one does not go on in the other. */
function tagOf(sha256: string, isPacked: boolean): string {
  return isPacked ? `"${sha256}-gzip"` : `"${sha256}"`;
}

/** One range of bytes; undefined: all of it (RFC 9110 section 14.2: what is not understood is passed over). */
function rangeOf(request: Request, length: number, sha256: string): { readonly from: number; readonly to: number } | "unsatisfiable" | undefined {
  const condition = request.get("If-Range");
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(request.get("Range")?.trim() ?? "") ?? [];
  if ((first === "" && last === "") || (condition !== undefined && condition !== tagOf(sha256, false))) return undefined;
  const from = first === "" ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === "" || last === "" ? length : Math.min(length, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < from) return undefined;
  return from >= length || to <= from ? "unsatisfiable" : { from, to };
}
