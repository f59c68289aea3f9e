import type { ErrorCode } from "../core/errors.ts";
import type { Issue } from "../core/fhir/issue.ts";
import type { SourceText } from "../core/fhir/source-text.ts";
import type { PdfFurniture } from "../pipeline/render/pdf-engine.ts";
import type { PresentedDocument } from "../pipeline/render/presented.ts";
import type { VerificationReport } from "../pipeline/verify/report.ts";
import type { Listing } from "./browse-documents.ts";

/** A file that pages link to. */
export interface Asset {
  readonly body: Uint8Array | string;
  readonly contentType: string;
}

/** Why a page could not be given, for a person. */
export interface PageError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly requestId: string;
}

/** A form submission that was not accepted. */
export interface Refusal {
  readonly status: number;
  readonly issues: readonly Issue[];
  /** What was sent, to show the line of each issue; absent when it was not read. */
  readonly source?: SourceText;
}

/** What people see. `locale` is a BCP 47 tag that the person asked for; pages fall back to what they have. */
export interface Pages {
  document(presented: PresentedDocument, options: { readonly locale: string; readonly medium: "screen" | "print" }): Promise<string>;
  /** What stands at the head and foot of every printed page. */
  furniture(presented: PresentedDocument): PdfFurniture;
  start(listing: Listing, options: { readonly locale: string; readonly query: string }): string;
  verification(id: string, report: VerificationReport, options: { readonly locale: string }): string;
  refusal(refusal: Refusal, options: { readonly locale: string }): string;
  error(error: PageError, options: { readonly locale: string }): string;
  /** By path, such as `/assets/1f3a….css`. */
  readonly assets: ReadonlyMap<string, Asset>;
}
