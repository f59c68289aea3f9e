import type { Request, Response } from "express";
import type { InteractionContext } from "../interactions/context.ts";
import { printableDocument, viewDocument } from "../interactions/view-document.ts";
import { answerUnchanged, contentTag } from "./conditional.ts";
import { allowFor } from "./headers.ts";
import { localeOf } from "./locale.ts";
import { writeBytes } from "./write.ts";

interface View {
  readonly request: Request;
  readonly response: Response;
  readonly id: string;
  readonly form: "html" | "pdf";
  readonly context: InteractionContext;
}

/**
 * Writes the attested view of a document. A cache must ask each time, and its tag is that of the page's text: a supersession that arrives between two looks is
 * never hidden behind a 304.
 */
export async function writeView({ request, response, id, form, context }: View): Promise<void> {
  const locale = localeOf(request);
  response.vary("Accept").vary("Accept-Language");
  response.setHeader("Cache-Control", "private, no-cache");
  if (form === "html") return writePage(request, response, await viewDocument(id, locale, context));
  const { html, furniture } = await printableDocument(id, locale, context);
  allowFor(response, "pdf");
  if (answerUnchanged(request, response, { etag: contentTag(`${html}${JSON.stringify(furniture)}`) })) return;
  response.setHeader("Content-Disposition", `inline; filename="document-${id}.pdf"`);
  if (request.method === "HEAD") return void response.type("application/pdf").end();
  writeBytes(response, await context.pdf.render(html, furniture), "application/pdf");
}

/** Writes a page for people, or 304. */
export function writePage(request: Request, response: Response, page: string): void {
  allowFor(response, "html");
  response.setHeader("Cache-Control", "private, no-cache");
  if (!answerUnchanged(request, response, { etag: contentTag(page) })) writeBytes(response, page, "text/html; charset=utf-8");
}
