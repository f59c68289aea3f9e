/**
 * Reads a PDF that was written at once: a header, objects, one table of where they are, one trailer. That is what browsers print and what we make of it; files that were
 * changed by appending to them, that are encrypted, or that keep objects within streams are not of this form. Objects are read when they are asked for, so that whatever
 * a file holds costs no more than what is looked at.
 */
import { isWhite, skipWhite } from "./characters.ts";
import { latin1 } from "./latin1.ts";
import { malformed, readValue } from "./read-value.ts";
import { asDictionary, PdfReference, PdfStream, type PdfDictionary, type PdfValue } from "./values.ts";

/** How far from the end `startxref` may stand. */
const TAIL = 1_024;

/** References that lead to references. */
const MAX_HOPS = 10;

export class PdfFile {
  readonly bytes: Uint8Array;
  readonly trailer: PdfDictionary;
  /** Where the table stands, behind all objects. */
  readonly tableAt: number;
  readonly #offsets: ReadonlyMap<number, number>;

  private constructor(bytes: Uint8Array, offsets: ReadonlyMap<number, number>, trailer: PdfDictionary, tableAt: number) {
    this.bytes = bytes;
    this.trailer = trailer;
    this.tableAt = tableAt;
    this.#offsets = offsets;
  }

  /** AppError `malformed` when it is not of this form. */
  static open(bytes: Uint8Array): PdfFile {
    if (latin1(bytes, 0, 7) !== "%PDF-1.") throw malformed("it does not begin as one");
    const [, digits] = /startxref[\r\n ]+(\d{1,10})[\r\n ]+%%EOF\s*$/.exec(latin1(bytes, Math.max(0, bytes.length - TAIL), bytes.length)) ?? [];
    if (digits === undefined) throw malformed("it does not end as one");
    const tableAt = Number(digits);
    const table = readTable(bytes, tableAt);
    const { value } = readValue(bytes, table.end);
    const trailer = asDictionary(value);
    if (!trailer) throw malformed("there is no trailer");
    for (const name of ["/Prev", "/XRefStm", "/Encrypt"] as const)
      if (trailer.has(name)) throw malformed(name === "/Encrypt" ? "it is encrypted" : "it was changed by appending to it");
    const file = new PdfFile(bytes, table.offsets, trailer, tableAt);
    if (!file.dictionary(trailer.get("/Root"))) throw malformed("there is no catalog");
    return file;
  }

  /** Numbers of the objects that there are, in the order in which they stand in the file. */
  numbers(): number[] {
    return [...this.#offsets].sort((one, other) => one[1] - other[1]).map(([number]) => number);
  }

  offsetOf(number: number): number | undefined {
    return this.#offsets.get(number);
  }

  /** An object; null when there is none of this number (section 7.3.10). AppError `malformed`. */
  get(number: number): PdfValue {
    return this.#read(number, true);
  }

  /** What a value stands for: itself, or the object that it refers to. */
  resolve(value: PdfValue | undefined): PdfValue | undefined {
    let found = value;
    for (let hops = 0; found instanceof PdfReference; hops += 1) {
      if (hops === MAX_HOPS) throw malformed("references lead nowhere");
      found = this.get(found.number);
    }
    return found;
  }

  dictionary(value: PdfValue | undefined): PdfDictionary | undefined {
    const found = this.resolve(value);
    return found instanceof PdfStream ? found.dictionary : asDictionary(found);
  }

  /** The catalog. AppError `malformed` when there is none. */
  get catalog(): PdfDictionary {
    const catalog = this.dictionary(this.trailer.get("/Root"));
    if (!catalog) throw malformed("there is no catalog");
    return catalog;
  }

  #read(number: number, mayLookUp: boolean): PdfValue {
    const offset = this.#offsets.get(number);
    if (offset === undefined) return null;
    const head = `${number} 0 obj`;
    if (latin1(this.bytes, offset, offset + head.length) !== head) throw malformed(`object ${number} is not where the table says`);
    const { value, end } = readValue(this.bytes, offset + head.length);
    const dictionary = asDictionary(value);
    const at = skipWhite(this.bytes, end);
    if (!dictionary || latin1(this.bytes, at, at + 6) !== "stream") return value;
    return new PdfStream(dictionary, this.#streamBytes(dictionary, at + 6, mayLookUp));
  }

  #streamBytes(dictionary: PdfDictionary, behindKeyword: number, mayLookUp: boolean): Uint8Array {
    const { bytes } = this;
    const from = behindKeyword + (bytes[behindKeyword] === 0x0d ? 2 : 1);
    const given = dictionary.get("/Length");
    // A length that is itself the length of a stream would lead round in circles.
    const length = given instanceof PdfReference && mayLookUp ? this.#read(given.number, false) : given;
    if (typeof length !== "number" || !Number.isInteger(length) || length < 0 || bytes[from - 1] !== 0x0a)
      throw malformed("a stream's length is not told");
    let end = from + length;
    while (isWhite(bytes[end])) end += 1;
    if (latin1(bytes, end, end + 9) !== "endstream") throw malformed("a stream does not end where it says");
    return bytes.subarray(from, from + length);
  }
}

/** Section 7.5.4. */
function readTable(bytes: Uint8Array, tableAt: number): { readonly offsets: ReadonlyMap<number, number>; readonly end: number } {
  if (latin1(bytes, tableAt, tableAt + 4) !== "xref") throw malformed("its table is of another kind");
  const offsets = new Map<number, number>();
  let at = skipWhite(bytes, tableAt + 4);
  for (;;) {
    if (latin1(bytes, at, at + 7) === "trailer") return { offsets, end: at + 7 };
    const [head, first, count] = /^(\d{1,9}) (\d{1,9})[ \r\n]+/.exec(latin1(bytes, at, at + 40)) ?? [];
    if (head === undefined) throw malformed("its table cannot be read");
    at += head.length;
    if (Number(count) * 20 > bytes.length - at) throw malformed("its table is longer than the file");
    for (let index = 0; index < Number(count); index += 1, at += 20) addRow(offsets, Number(first) + index, latin1(bytes, at, at + 20));
  }
}

function addRow(offsets: Map<number, number>, number: number, row: string): void {
  const [, offset, generation, kind] = /^(\d{10}) (\d{5}) ([nf])(?: \n| \r|\r\n)$/.exec(row) ?? [];
  if (offset === undefined || (kind === "n" && Number(generation) !== 0)) throw malformed("its table cannot be read");
  if (kind !== "n") return;
  if (offsets.has(number)) throw malformed(`it holds object ${number} twice`);
  offsets.set(number, Number(offset));
}
