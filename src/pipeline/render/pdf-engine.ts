/** The papers that PDFs are made for. */
export type Paper = "a4" | "letter";

/** What is printed at the foot and head of every page: plain text. */
export interface PdfFurniture {
  /** e.g. `MEYER, Anna · born 14-Mar-1961 · 80 27 60 …` */
  readonly patient: string;
  /** e.g. `Discharge summary · 14-Mar-2026` */
  readonly document: string;
  /** The whole identifier by which the repository knows it, on a line of its own; undefined where there is none. */
  readonly identifier?: string | undefined;
  /** BCP 47: the language of the document, by which fonts are chosen. */
  readonly language: string;
  /** BCP 47: the language in which the head and foot are written, the reader's; that of the document where nothing is said. */
  readonly headLanguage?: string | undefined;
  /** Absolute address at which the document is verified: printed as a QR code of the address alone. Undefined where there is none. */
  readonly address?: string | undefined;
  /** A4 where nothing is said. */
  readonly paper?: Paper | undefined;
}

/**
 * Makes a PDF of a complete, self-contained HTML page. The engine fetches nothing from anywhere, runs no script of the page, and gives up with
 * AppError `unavailable` after a bounded time or when no browser is at hand. Calls may run side by side up to a bound of its own; others wait.
 */
export interface PdfEngine {
  /** `html`: the page with styles inline and images as data: URLs. Gives the PDF's bytes. */
  render(html: string, furniture: PdfFurniture): Promise<Uint8Array>;
  close(): Promise<void>;
}
