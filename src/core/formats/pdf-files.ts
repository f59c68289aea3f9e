/** The files within a PDF of ours (docs/formats.md, "PDF"). */

/** Their names. */
export const PDF_FILES = {
  json: "document.json",
  xml: "document.xml",
  message: "document.p7m",
  receipt: "receipt.json",
  trust: "trust.json",
} as const;

/** Bytes that they have at most; a larger document is named by its address instead. */
export const PDF_FILE_LIMITS = { document: 10_000_000, receipt: 1_000_000 } as const;
