/** A PDF that was printed, with some of its objects changed and some added, written at once: one table, one trailer. */
import { writeObject, writeValue } from "../../core/pdf/write-value.ts";
import type { PdfFile } from "../../core/pdf/pdf-file.ts";
import { asDictionary, PdfReference, type PdfDictionary, type PdfValue } from "../../core/pdf/values.ts";

/** PDF 1.7, which PDF/A-3 is a form of; the second line has bytes above 127, as ISO 19005-3 section 6.1.2 asks. */
const HEADER = Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1");

export class PdfEdit {
  readonly file: PdfFile;
  readonly #changed = new Map<number, PdfValue>();
  #next: number;

  constructor(file: PdfFile) {
    this.file = file;
    this.#next = file.numbers().reduce((most, number) => Math.max(most, number), 0) + 1;
  }

  /** An object as it is now. */
  get(reference: PdfReference): PdfValue {
    return this.#changed.get(reference.number) ?? this.file.get(reference.number);
  }

  /** What a value stands for now. */
  resolve(value: PdfValue | undefined): PdfValue | undefined {
    return value instanceof PdfReference ? this.get(value) : value;
  }

  dictionary(value: PdfValue | undefined): PdfDictionary | undefined {
    return asDictionary(this.resolve(value));
  }

  set(reference: PdfReference, value: PdfValue): void {
    this.#changed.set(reference.number, value);
  }

  add(value: PdfValue): PdfReference {
    const reference = new PdfReference(this.#next);
    this.#next += 1;
    this.#changed.set(reference.number, value);
    return reference;
  }

  /** The whole file. What was not changed is copied as it was written. */
  write(trailer: PdfDictionary): Uint8Array {
    const parts: Uint8Array[] = [HEADER];
    const offsets = new Map<number, number>();
    let length = HEADER.length;
    const put = (number: number, bytes: Uint8Array): void => {
      offsets.set(number, length);
      parts.push(bytes);
      length += bytes.length;
    };
    const kept = this.file.numbers();
    kept.forEach((number, at) => {
      const changed = this.#changed.get(number);
      put(number, changed === undefined ? this.#source(number, kept[at + 1]) : writeObject(number, changed));
    });
    const added = [...this.#changed].filter(([number]) => !offsets.has(number)).sort(([one], [other]) => one - other);
    for (const [number, value] of added) put(number, writeObject(number, value));
    parts.push(Buffer.from(tail(offsets, new Map(trailer).set("/Size", this.#next), this.#next, length), "latin1"));
    return new Uint8Array(Buffer.concat(parts));
  }

  #source(number: number, next: number | undefined): Uint8Array {
    const { file } = this;
    return file.bytes.subarray(file.offsetOf(number), (next === undefined ? undefined : file.offsetOf(next)) ?? file.tableAt);
  }
}

/** The table, the trailer and where the table begins (ISO 32000-1 sections 7.5.4, 7.5.5). */
function tail(offsets: ReadonlyMap<number, number>, trailer: PdfDictionary, size: number, at: number): string {
  const rows = ["0000000000 65535 f \n"];
  for (let number = 1; number < size; number += 1) {
    const offset = offsets.get(number);
    rows.push(offset === undefined ? "0000000000 65535 f \n" : `${String(offset).padStart(10, "0")} 00000 n \n`);
  }
  return `xref\n0 ${size}\n${rows.join("")}trailer\n${writeValue(trailer)}\nstartxref\n${at}\n%%EOF\n`;
}
