/** What a finished PDF is told beyond what the browser printed: data alone, so that another thread can be given it. */
export interface PdfFacts {
  readonly title: string;
  /** BCP 47. */
  readonly language: string;
  /** Who wrote the document. */
  readonly author?: string | undefined;
  /** What the document is about, in a line. */
  readonly subject?: string | undefined;
  /** What the document is named by, such as `urn:uuid:…`. */
  readonly identifier?: string | undefined;
  /** Absolute address at which the document is had as it was submitted. */
  readonly source?: string | undefined;
  /** Instants: when the document was written, and up to when what is said about it is true. */
  readonly createdAt: string;
  readonly modifiedAt: string;
  /** The program and its templates, with their versions. */
  readonly creator: string;
  /** What the file's identifiers are made of (ISO 32000-1 section 14.4): `document` is the same for all renditions of a document, `rendition` for this one. */
  readonly seeds: { readonly document: string; readonly rendition: string };
  readonly attachments: readonly PdfAttachment[];
  /** Undefined where nobody signs it. */
  readonly signature?: SignaturePlaceholder | undefined;
}

/** A file within the PDF (ISO 32000-1 section 7.11), or one that it only names. */
export interface PdfAttachment {
  /** ASCII, a name of its own. */
  readonly name: string;
  readonly mediaType: string;
  /** Its bytes, or the absolute address where they are. */
  readonly content: Uint8Array | string;
  readonly description: string;
  /** How it relates to what is printed (ISO 19005-3 annex E). */
  readonly relationship: "Source" | "Supplement" | "Data";
}

/** Where a signature is to stand. */
export interface SignaturePlaceholder {
  /** Whose it will be, in words. */
  readonly name: string;
  /** Bytes kept free for it. */
  readonly length: number;
}
