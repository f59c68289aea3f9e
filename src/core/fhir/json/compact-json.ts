/** JSON without the blanks between its tokens, and else byte for byte as it was written: no number and no string is read, and none is written anew. */

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];

/** A property of the object that a text is. */
export interface CompactMember {
  readonly name: string;
  /** Where it stands in the bytes, from its name's quote on, to (exclusive) the end of its value; and where that begins. */
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

export interface CompactObject {
  readonly bytes: Uint8Array;
  readonly members: readonly CompactMember[];
}

/**
 * An object that is known to be JSON in UTF-8: what was read once. Undefined for what does not begin with one, or has names that are written with escapes, which would have to be read.
 */
export function compactObject(json: Uint8Array): CompactObject | undefined {
  const bytes = Buffer.allocUnsafe(json.length);
  const members: CompactMember[] = [];
  let [length, depth] = [0, 0];
  let open: Omit<CompactMember, "end"> | undefined;
  const close = (): void => {
    if (open) members.push({ ...open, end: length });
    open = undefined;
  };
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    if (byte === QUOTE) {
      const end = endOfString(json, at);
      if (end < 0) return undefined;
      bytes.set(json.subarray(at, end), length);
      if (depth === 1 && !open) {
        const name = json.subarray(at + 1, end - 1);
        if (name.includes(BACKSLASH)) return undefined;
        open = { name: Buffer.from(name).toString("utf8"), start: length, value: length + end - at };
      }
      length += end - at;
      at = end - 1;
      continue;
    }
    if (depth === 0 && (length > 0 || byte !== OPEN_OBJECT)) return undefined;
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 1) close();
      depth--;
    } else if (depth === 1 && byte === COMMA) close();
    else if (depth === 1 && byte === COLON && open) open = { ...open, value: length + 1 };
    bytes[length++] = byte;
  }
  return depth === 0 && length > 0 ? { bytes: bytes.subarray(0, length), members } : undefined;
}

/** Behind the quote that ends a string; -1 when none does. */
function endOfString(json: Uint8Array, start: number): number {
  for (let quote = json.indexOf(QUOTE, start + 1); quote >= 0; quote = json.indexOf(QUOTE, quote + 1)) {
    let before = quote - 1;
    while (json[before] === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
  return -1;
}
