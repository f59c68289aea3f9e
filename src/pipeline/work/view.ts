/** What is made of a document for people. */
import type { ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { told, type Told } from "../admission.ts";
import type { Content, DocumentMediaType } from "../document-forms.ts";
import { presentFile } from "../present-file.ts";
import type { DocumentProperties } from "../render/pages/document-page.ts";
import type { RenderedPages } from "../render/pages/pages.ts";
import type { PresentedDocument } from "../render/pages/presented.ts";
import type { PdfFurniture } from "../render/pdf-engine.ts";
import type { Validator } from "../validate/validate.ts";

/** What of pages is asked where they are made. */
export type PageMaking = Pick<RenderedPages, "document" | "judge" | "furniture" | "properties" | "templatesVersion">;

/** A page; what stands at head and foot of its PDF, and what that says of itself. */
export interface View {
  readonly html: string;
  readonly furniture: PdfFurniture;
  readonly properties: DocumentProperties;
  readonly templatesVersion: string;
}

/** A document that was sent to be shown, and is kept nowhere. */
export interface SentViewRequest extends Content<DocumentMediaType> {
  readonly limits: ReadLimits;
  readonly locale: string;
  readonly medium: "screen" | "print";
}

/** Its page, or why there is none. */
export type SentView = { readonly kind: "shown"; readonly view: View } | (Told & { readonly kind: "refused" });

/** The view of a document that is presented. */
export async function viewOf(
  presented: PresentedDocument,
  pages: PageMaking,
  form: { readonly locale: string; readonly medium: "screen" | "print" },
): Promise<View> {
  const { templatesVersion } = pages;
  return {
    html: await pages.document(presented, form),
    furniture: pages.furniture(presented, form),
    properties: pages.properties(presented, form),
    templatesVersion,
  };
}

/** The view of a document that was sent, which says of itself that nothing is proved. */
export async function viewSent({ bytes, mediaType, limits, ...form }: SentViewRequest, validator: Validator, pages: PageMaking): Promise<SentView> {
  const found = await presentFile(bytes, mediaType, { limits, validator });
  if (found.kind === "refused") return { kind: "refused", ...told(found.issues, found.source) };
  return { kind: "shown", view: await viewOf(found.presented, pages, form) };
}
