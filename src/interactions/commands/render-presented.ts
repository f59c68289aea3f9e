import { finishPdf } from "../../pipeline/pdf/finish-pdf.ts";
import type { PresentedDocument } from "../../pipeline/render/pages/presented.ts";
import type { RenderedPages } from "../../pipeline/render/pages/pages.ts";
import type { Paper, PdfEngine } from "../../pipeline/render/pdf-engine.ts";
import { viewOf, type View } from "../../pipeline/work/view.ts";
import { makePdf, type PdfMaking } from "../pages/make-pdf.ts";
import { printable, sourceAttachment } from "../pages/print-document.ts";

/** By what a file is rendered. */
export interface RenderingOptions {
  readonly pages: RenderedPages;
  /** BCP 47: the reader's language; empty for the document's own. */
  readonly locale: string;
  /** Undefined where no PDF is wanted. */
  readonly engine: Pick<PdfEngine, "render"> | undefined;
  readonly paper: Paper;
  /** Name and version of the program. */
  readonly software: string;
}

/** The page of a document that was not deposited, as one file that needs nothing beside it, and the PDF of it. AppError `unavailable`: no browser prints. */
export async function renderPresented(
  presented: PresentedDocument,
  bytes: Uint8Array,
  { pages, locale, engine, paper, software }: RenderingOptions,
): Promise<{ readonly view: View; readonly pdf: Uint8Array | undefined }> {
  const view = await viewOf(presented, pages, { locale, medium: "print" });
  if (engine === undefined) return { view, pdf: undefined };
  const attachments = [sourceAttachment(bytes, presented.mediaType)];
  const finish: PdfMaking["finish"] = (printed, facts) => Promise.resolve().then(() => finishPdf(printed, facts));
  const made = await makePdf(printable(view, undefined, { paper, software, attachments }), { engine, finish });
  return { view, pdf: made.bytes };
}
