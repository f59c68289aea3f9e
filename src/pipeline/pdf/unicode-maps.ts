/**
 * What the glyphs of fonts stand for (ISO 32000-1 section 9.10.3). Of a glyph that is of no one character, such as two vowel signs of Arabic upon each other, the browser says U+0000, and
 * writes the characters beside the glyph (ActualText). PDF/A-3a (6.2.11.7.2) and PDF/UA-1 (7.21.7) allow no such value: it becomes U+FFFD, "a character that is not known", which whoever
 * reads the characters beside it never meets.
 */
import { deflateSync, inflateSync } from "node:zlib";
import { malformed } from "../../core/pdf/read-value.ts";
import { isDeflated } from "../../core/pdf/stream-content.ts";
import { asDictionary, PdfReference, PdfStream, withEntries, type PdfDictionary, type PdfValue } from "../../core/pdf/values.ts";
import type { PdfEdit } from "./pdf-edit.ts";

const FORBIDDEN: ReadonlySet<number> = new Set([0x0000, 0xfeff, 0xfffe]);
const UNKNOWN = "<FFFD>";

/** Bytes of one map, inflated: a font of 65,535 glyphs has less than two million. */
const MOST_MAP = 16_000_000;

/** Mends the maps of every font that a page uses, each once. AppError `malformed`. */
export function mendUnicodeMaps(edit: PdfEdit, pages: readonly PdfReference[]): void {
  const seen = new Set<number>();
  const isNew = (value: PdfValue | undefined): boolean => {
    if (!(value instanceof PdfReference)) return true;
    const fresh = !seen.has(value.number);
    seen.add(value.number);
    return fresh;
  };
  const waiting: (PdfDictionary | undefined)[] = pages.map((page) => asDictionary(edit.get(page)));
  while (waiting.length > 0) {
    const own = waiting.pop()?.get("/Resources");
    const resources = isNew(own) ? edit.dictionary(own) : undefined;
    for (const font of edit.dictionary(resources?.get("/Font"))?.values() ?? []) if (isNew(font)) mendFont(edit, font);
    // Pictures have none; what is painted as a group of its own does.
    for (const form of edit.dictionary(resources?.get("/XObject"))?.values() ?? []) {
      const painted = isNew(form) ? edit.resolve(form) : undefined;
      if (painted instanceof PdfStream && painted.dictionary.has("/Resources")) waiting.push(painted.dictionary);
    }
  }
}

function mendFont(edit: PdfEdit, font: PdfValue): void {
  const reference = edit.dictionary(font)?.get("/ToUnicode");
  const stream = edit.resolve(reference);
  if (!(reference instanceof PdfReference) || !(stream instanceof PdfStream)) return;
  const before = mapOf(stream);
  const after = mendedMap(before);
  if (after === before) return;
  edit.set(reference, new PdfStream(withEntries(stream.dictionary, { Filter: "/FlateDecode" }), deflateSync(Buffer.from(after, "latin1"))));
}

function mapOf(stream: PdfStream): string {
  try {
    const bytes = isDeflated(stream) ? inflateSync(stream.bytes, { maxOutputLength: MOST_MAP }) : stream.bytes;
    return Buffer.from(bytes).toString("latin1");
  } catch {
    throw malformed("what its letters stand for is damaged, or too large");
  }
}

/** A ToUnicode CMap without values that stand for nothing; the same where there are none. */
export function mendedMap(map: string): string {
  const pieces = map.split(BLOCK);
  let kind = "";
  const mended = pieces.map((piece, at) => {
    if (at % 2 === 1) kind = piece;
    else if (kind === "beginbfchar") return piece.replace(CHARACTER, mendedCharacter);
    else if (kind === "beginbfrange") return piece.replace(RANGE, mendedRange);
    return piece;
  });
  return mended.join("");
}

/** Where a list of values begins or ends. */
const BLOCK = /(beginbfchar|beginbfrange|endbfchar|endbfrange)/;
const CHARACTER = /(<[0-9A-Fa-f]{2,4}>)(\s*)<([0-9A-Fa-f]{4})>/g;
const RANGE = /<([0-9A-Fa-f]{2,4})>(\s*)<([0-9A-Fa-f]{2,4})>(\s*)<([0-9A-Fa-f]{4})>/g;

function mendedCharacter(whole: string, glyph: string, space: string, value: string): string {
  return FORBIDDEN.has(Number.parseInt(value, 16)) ? `${glyph}${space}${UNKNOWN}` : whole;
}

/** A range in which one is forbidden is told value by value. */
function mendedRange(whole: string, first: string, space: string, last: string, gap: string, value: string): string {
  const count = Number.parseInt(last, 16) - Number.parseInt(first, 16) + 1;
  const start = Number.parseInt(value, 16);
  if (count < 1 || ![...FORBIDDEN].some((one) => one >= start && one < start + count)) return whole;
  const values = Array.from({ length: count }, (_, at) =>
    FORBIDDEN.has(start + at) ? UNKNOWN : `<${(start + at).toString(16).toUpperCase().padStart(4, "0")}>`,
  );
  return `<${first}>${space}<${last}>${gap}[${values.join(" ")}]`;
}
