import type { Asked } from "../../core/asked.ts";
import { present, type PresentContext } from "../../pipeline/present.ts";
import type { PdfFurniture } from "../../pipeline/render/pdf-engine.ts";
import type { RenderedPages } from "../../pipeline/render/pages/pages.ts";
import type { PresentedDocument } from "../../pipeline/render/pages/presented.ts";
import type { Reader } from "../../reader/reader.ts";

/** What views work with. */
export interface ViewNeeds extends Pick<PresentContext, "keys" | "baseUrl"> {
  readonly reader: Pick<Reader, "fetch" | "proof" | "relations">;
  readonly pages: Pick<RenderedPages, "document" | "furniture">;
}

/** The attested view of a document as a page. AppError `not-found`, `gone`, `damaged`. */
export async function viewDocument(asked: Asked, id: string, locale: string, using: ViewNeeds): Promise<string> {
  return using.pages.document(await presentedTo(asked, id, using), { locale, medium: "screen" });
}

/** About how many bytes are opened to show a document. AppError `not-found`, `gone`, `damaged`. */
export async function weightOfView(asked: Asked, id: string, { reader }: Pick<ViewNeeds, "reader">): Promise<number> {
  return (await reader.proof(id, asked)).contentBytes;
}

/** What a PDF is printed from. */
export interface Printable {
  /** Self-contained HTML: equal for equal PDFs. */
  readonly html: string;
  readonly furniture: PdfFurniture;
}

/** The attested view as it is printed. AppError `not-found`, `gone`, `damaged`. */
export async function printableDocument(asked: Asked, id: string, locale: string, using: ViewNeeds): Promise<Printable> {
  const presented = await presentedTo(asked, id, using);
  return { html: await using.pages.document(presented, { locale, medium: "print" }), furniture: using.pages.furniture(presented) };
}

async function presentedTo(asked: Asked, id: string, { reader, keys, baseUrl }: ViewNeeds): Promise<PresentedDocument> {
  const fetched = await reader.fetch(id, asked);
  return present(fetched, { keys, baseUrl, known: await reader.relations(asked, id) });
}
