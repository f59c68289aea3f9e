/** Reads ASN.1 in its distinguished encoding (X.690), one element at a time: no length but its shortest, nothing left over, nothing of unknown length. */
import { AppError } from "../errors.ts";

/** One element: its tag's byte, its content, and all of it as it was written. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

export const TAGS = { integer: 0x02, octets: 0x04, identifier: 0x06, sequence: 0x30, set: 0x31 } as const;

/** The element that the bytes are; `isPadded`: zeros may follow it. AppError `malformed`. */
export function readDer(bytes: Uint8Array, { isPadded = false } = {}): DerElement {
  const { element, end } = readAt(bytes, 0);
  const rest = bytes.subarray(end);
  if (rest.length > 0 && !(isPadded && rest.every((byte) => byte === 0))) throw malformed("something follows it");
  return element;
}

/** The elements within one. */
export function itemsOf({ content }: DerElement): DerElement[] {
  const items: DerElement[] = [];
  for (let at = 0; at < content.length;) {
    const { element, end } = readAt(content, at);
    items.push(element);
    at = end;
  }
  return items;
}

/** The same, which must be of this kind. */
export function itemsIn(element: DerElement | undefined, tag: number): DerElement[] {
  if (element?.tag !== tag) throw malformed("it is not built as it should be");
  return itemsOf(element);
}

/** The content of one that must be of this kind. */
export function contentIn(element: DerElement | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw malformed("it is not built as it should be");
  return element.content;
}

/** An object identifier in dots (X.690 section 8.19). */
export function identifierIn(element: DerElement | undefined): string {
  const [first = 0, ...rest] = contentIn(element, TAGS.identifier);
  const numbers = [Math.min(2, Math.floor(first / 40))];
  numbers.push(first - (numbers[0] ?? 0) * 40);
  let number = 0;
  for (const byte of rest) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  return numbers.join(".");
}

function readAt(bytes: Uint8Array, from: number): { readonly element: DerElement; readonly end: number } {
  const [tag, short] = bytes.subarray(from, from + 2);
  // Tags of more than one byte stand in nothing that is read here.
  if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f) throw malformed("it ends too early");
  const digits = short < 0x80 ? 0 : short & 0x7f;
  if (short === 0x80 || digits > 4) throw malformed("its length is not told");
  const length = digits === 0 ? short : bytes.subarray(from + 2, from + 2 + digits).reduce((sum, byte) => sum * 256 + byte, 0);
  if (digits > 0 && (bytes[from + 2] === 0 || length < 0x80)) throw malformed("its length is not the shortest");
  const start = from + 2 + digits;
  const end = start + length;
  if (end > bytes.length) throw malformed("it ends too early");
  return { element: { tag, content: bytes.subarray(start, end), bytes: bytes.subarray(from, end) }, end };
}

function malformed(reason: string): AppError {
  return new AppError("malformed", `not ASN.1 in distinguished encoding: ${reason}`);
}
