import type { Request, Response } from "express";
import { callerName } from "../../core/asked.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { AppError } from "../../core/errors.ts";
import { basePathOf, below } from "../addresses.ts";
import { allowFor } from "../answers/headers.ts";
import { localeOf } from "./locale.ts";
import { paperOf } from "./paper.ts";
import { askedBy, glassOf, signedInAs } from "../request-facts.ts";
import type { Served } from "../served.ts";
import { writeBytes, writeHead } from "../answers/write.ts";

interface View {
  readonly request: Request;
  readonly response: Response;
  readonly id: string;
  readonly form: "html" | "pdf";
  readonly served: Served;
}

/**
 * Writes the attested view of a document. No cache keeps it, and it has no tag: what is not kept can't be asked for again, and a supersession that arrives between two looks
 * is never hidden behind a 304. HEAD tells that it is here, and makes nothing.
 */
export async function writeView({ request, response, id, form, served }: View): Promise<void> {
  const locale = localeOf(request);
  response.vary("Accept").vary("Accept-Language");
  response.setHeader("Cache-Control", "no-store");
  const { registry, openings, turns, store, pdfCounts } = served;
  const asked = askedBy(response, "page");
  if (request.method === "HEAD") {
    await registry.pages.weight(asked, id);
    allowFor(response, form);
    return writeHead(response, form === "html" ? HTML : PDF);
  }
  // Whoever comes after something entered the log must see what it changed: only readers of the same state of the log share a view. What others say of
  // it depends on the reader.
  const who = callerName(asked);
  if (form === "html") {
    const { weight, state, make } = await registry.pages.view(asked, id, locale).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "gone") openings.forget(id);
      throw error;
    });
    const page = async (): Promise<Uint8Array> => utf8(finished(await turns.take(weight, make), request, response, served));
    allowFor(response, "html");
    return writeBytes(response, await openings.bytesOf(id, `view ${who} ${locale} ${state}`, page), HTML);
  }
  // Whoever shares a PDF is decided about too, and told to the audit trail.
  await registry.pages.weight(asked, id);
  const state = (await store.checkpoint())?.size ?? 0;
  const paper = paperOf(request, served.paper);
  const pdf = await openings.share(`${id} pdf ${paper} ${who} ${locale} ${state}`, async () => {
    const rendition = await registry.pages.rendition(asked, id, { locale, paper });
    const kept = await rendition.kept();
    if (kept) {
      pdfCounts.kept += 1;
      return kept;
    }
    const made = await served.makePdf(await turns.take(rendition.weight, rendition.print));
    pdfCounts.made += 1;
    if (made.isStampMissing) pdfCounts.unstamped += 1;
    // Nobody waits for it, and what cannot be kept is made again.
    void rendition.keep(made).catch(() => undefined);
    return made;
  });
  allowFor(response, "pdf");
  response.setHeader("Content-Disposition", `inline; filename="document-${id}.pdf"`);
  // The size of the log for which its state was asked now: a PDF that was kept names the one that it was made for.
  response.setHeader("Chartulary-Log-Size", String(state));
  if (pdf.level !== undefined)
    response.setHeader("Chartulary-Pdf-Signature", `PAdES-${pdf.level}${pdf.isStampMissing ? "; time-stamp=missing" : ""}`);
  writeBytes(response, pdf.bytes, PDF);
}

const HTML = "text/html; charset=utf-8";
const PDF = "application/pdf";

/** A page as it is written for whoever asks: with who that is, and links below our path. */
export function finished(page: string, request: Request, response: Response, { pages, baseUrl }: Pick<Served, "pages" | "baseUrl">): string {
  const [, documentId] = /^\/documents\/([0-9a-f-]{36})(?:\/|$)/.exec(request.path) ?? [];
  const glass = glassOf(response);
  const shown = glass && { ...glass, ...(documentId !== undefined && { documentId }) };
  return below(basePathOf(baseUrl), pages.signedIn(page, signedInAs(response), { locale: localeOf(request), ...(shown && { glass: shown }) }));
}

/** Writes a page for people. `isMixed`: it repeats what the asker typed; `allow`: what it may do, where that is more than show. */
export function writePage(
  response: Response,
  page: string,
  served: Pick<Served, "pages" | "baseUrl">,
  { isMixed = false, allow = (one) => allowFor(one, "html") }: { readonly isMixed?: boolean; readonly allow?: (response: Response) => void } = {},
): void {
  if (response.headersSent) return;
  allow(response);
  response.setHeader("Cache-Control", "no-store");
  writeBytes(response, finished(page, response.req, response, served), HTML, { isMixed });
}

/** Leads a browser to another page of ours. */
export function seeOther(response: Response, path: string, { baseUrl }: Pick<Served, "baseUrl">): void {
  response.redirect(303, `${basePathOf(baseUrl)}${path}`);
}
