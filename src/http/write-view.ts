import type { Request, Response } from "express";
import { answerUnchanged, contentTag } from "./conditional.ts";
import { allowFor } from "./headers.ts";
import { localeOf } from "./locale.ts";
import { askedBy } from "./request-facts.ts";
import type { Served } from "./served.ts";
import { writeBytes } from "./write.ts";

interface View {
  readonly request: Request;
  readonly response: Response;
  readonly id: string;
  readonly form: "html" | "pdf";
  readonly served: Served;
}

/**
 * Writes the attested view of a document. A cache must ask each time, and its tag is that of the page's text: a supersession that arrives between two looks is
 * never hidden behind a 304.
 */
export async function writeView({ request, response, id, form, served }: View): Promise<void> {
  const locale = localeOf(request);
  const asked = askedBy(response, "page");
  response.vary("Accept").vary("Accept-Language");
  response.setHeader("Cache-Control", "private, no-cache");
  if (form === "html") return writePage(request, response, await served.registry.pages.view(asked, id, locale));
  const { html, furniture } = await served.registry.pages.print(asked, id, locale);
  allowFor(response, "pdf");
  if (answerUnchanged(request, response, { etag: contentTag(`${html}${JSON.stringify(furniture)}`) })) return;
  response.setHeader("Content-Disposition", `inline; filename="document-${id}.pdf"`);
  if (request.method === "HEAD") return void response.type("application/pdf").end();
  writeBytes(response, await served.pdf.render(html, furniture), "application/pdf");
}

/** Writes a page for people, or 304. */
export function writePage(request: Request, response: Response, page: string): void {
  allowFor(response, "html");
  response.setHeader("Cache-Control", "private, no-cache");
  if (!answerUnchanged(request, response, { etag: contentTag(page) })) writeBytes(response, page, "text/html; charset=utf-8");
}
