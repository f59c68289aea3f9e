/** Pages of a printed PDF: their content, and the links on them. */
import { deflateSync, inflateSync } from "node:zlib";
import { isDeflated } from "../../core/pdf/stream-content.ts";
import { malformed } from "../../core/pdf/read-value.ts";
import {
  asArray,
  asDictionary,
  nameOf,
  PdfReference,
  PdfStream,
  PdfString,
  withEntries,
  type PdfDictionary,
  type PdfValue,
} from "../../core/pdf/values.ts";
import { markArtifacts } from "./mark-artifacts.ts";
import type { PdfEdit } from "./pdf-edit.ts";

/** Bytes of one page's content, inflated. */
const MOST_CONTENT = 256_000_000;

/** Nodes of the page tree within each other: a balanced one of a million pages has some twenty. */
const DEEPEST = 50;

/** What a link says to somebody who cannot see it, where it leads to no address. */
const WITHIN = "Link within this document";

/** References of all pages, in order (ISO 32000-1 section 7.7.3). AppError `malformed`. */
export function pagesOf(edit: PdfEdit): PdfReference[] {
  const pages: PdfReference[] = [];
  const walk = (value: PdfValue | undefined, depth: number): void => {
    const node = edit.dictionary(value);
    if (!(value instanceof PdfReference) || !node || depth > DEEPEST) throw malformed("its pages cannot be found");
    if (nameOf(node.get("/Type")) === "Page") pages.push(value);
    else for (const kid of asArray(edit.resolve(node.get("/Kids"))) ?? []) walk(kid, depth + 1);
  };
  walk(edit.file.catalog.get("/Pages"), 0);
  return pages;
}

/** Marks what has no mark on a page, and gives its links words. */
export function mendPage(edit: PdfEdit, reference: PdfReference): void {
  const page = asDictionary(edit.get(reference));
  const content = page?.get("/Contents");
  const stream = edit.resolve(content);
  if (!page || !(content instanceof PdfReference) || !(stream instanceof PdfStream)) throw malformed("a page has no content, or in several parts");
  const before = contentOf(stream);
  const after = markArtifacts(before);
  if (after !== before) edit.set(content, new PdfStream(withEntries(stream.dictionary, { Filter: "/FlateDecode" }), deflateSync(after)));
  for (const annotation of asArray(edit.resolve(page.get("/Annots"))) ?? []) mendLink(edit, annotation);
}

/** At once: it was the browser that wrote it. */
function contentOf(stream: PdfStream): Uint8Array {
  if (!isDeflated(stream)) return stream.bytes;
  try {
    return inflateSync(stream.bytes, { maxOutputLength: MOST_CONTENT });
  } catch {
    throw malformed("a page's content is damaged, or too large");
  }
}

/** ISO 14289-1 section 7.18.5. */
function mendLink(edit: PdfEdit, value: PdfValue): void {
  const annotation = edit.dictionary(value);
  if (!(value instanceof PdfReference) || !annotation || nameOf(annotation.get("/Subtype")) !== "Link" || annotation.has("/Contents")) return;
  edit.set(value, withEntries(annotation, { Contents: PdfString.text(addressOf(edit, annotation) ?? WITHIN) }));
}

function addressOf(edit: PdfEdit, annotation: PdfDictionary): string | undefined {
  const address = edit.resolve(edit.dictionary(annotation.get("/A"))?.get("/URI"));
  return address instanceof PdfString ? Buffer.from(address.bytes).toString("latin1") : undefined;
}
