import { fetchDocument, present } from "../pipeline/present.ts";
import type { PdfFurniture } from "../pipeline/render/pdf-engine.ts";
import type { InteractionContext } from "./context.ts";

/** The attested view of a document as a page. AppError `not-found`, `gone`, `damaged`. */
export async function viewDocument(id: string, locale: string, context: InteractionContext): Promise<string> {
  const presented = await present(await fetchDocument(id, context), context);
  return context.pages.document(presented, { locale, medium: "screen" });
}

/** What a PDF is printed from. */
export interface Printable {
  /** Self-contained HTML: equal for equal PDFs. */
  readonly html: string;
  readonly furniture: PdfFurniture;
}

/** The attested view as it is printed. AppError `not-found`, `gone`, `damaged`. */
export async function printableDocument(id: string, locale: string, context: InteractionContext): Promise<Printable> {
  const presented = await present(await fetchDocument(id, context), context);
  return { html: await context.pages.document(presented, { locale, medium: "print" }), furniture: context.pages.furniture(presented) };
}
