import type { Issue } from "../../core/fhir/issue.ts";
import type { ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { SourceExcerpt } from "../../core/fhir/reading/source-excerpt.ts";
import type { Source } from "../../core/fhir/reading/source-text.ts";
import type { Content, DocumentMediaType } from "../../pipeline/document-forms.ts";
import type { Paper } from "../../pipeline/render/pdf-engine.ts";
import type { Work } from "../../pipeline/work/work.ts";
import type { MadePdf } from "./make-pdf.ts";
import { printable, sourceAttachment, type Printable } from "./print-document.ts";

/** What renders a document that is sent. */
export interface RenderNeeds {
  readonly limits: ReadLimits;
  readonly work: Work;
  /** The program with its version. */
  readonly software: string;
  makePdf(printable: Printable): Promise<MadePdf>;
}

/** How it is wanted. */
export interface RenderChoice {
  readonly form: "html" | "pdf";
  readonly locale: string;
  readonly paper: Paper;
}

/** What became of it. */
export type RenderedFile =
  | { readonly kind: "rendered"; readonly bytes: string | Uint8Array }
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly source: Source };

/** The page or the PDF of a document that was sent, each one file that needs nothing beside it. Nothing of it is kept, and it says of itself that nothing is proved; only what may be deposited is shown. AppError `too-costly`, `unavailable` */
export async function renderSent(
  { bytes, mediaType }: Content<DocumentMediaType>,
  { form, locale, paper }: RenderChoice,
  { limits, work, software, makePdf }: RenderNeeds,
): Promise<RenderedFile> {
  const sent = await work.do("viewSent", { bytes, mediaType, limits, locale, medium: "print" }, { bytes: bytes.length });
  if (sent.kind === "refused") return { kind: "refused", issues: sent.issues, source: new SourceExcerpt(sent.source) };
  if (form === "html") return { kind: "rendered", bytes: sent.view.html };
  const attachments = [sourceAttachment(bytes, mediaType)];
  return { kind: "rendered", bytes: (await makePdf(printable(sent.view, undefined, { paper, software, attachments }))).bytes };
}
