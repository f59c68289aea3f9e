/** Bytes in, lines out: newline-delimited JSON of any length (application/fhir+ndjson), of which no more is held than one line. */

/** Names of newline-delimited JSON (Bulk Data Access, `_outputFormat`). */
export const LINE_FORMATS: ReadonlySet<string> = new Set(["application/fhir+ndjson", "application/ndjson", "ndjson"]);

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Space and tab, besides the carriage return that is taken off. */
const BLANK = new Set([0x20, 0x09]);
/** What a line has beside its content: a byte order mark and a carriage return. */
const AROUND = BYTE_ORDER_MARK.length + 1;

/** A place between two lines. */
export interface LineStart {
  /** Of the line that begins there, from 1. */
  readonly number: number;
  /** Bytes before it, from the stream's beginning. */
  readonly start: number;
}

export const FIRST_LINE: LineStart = { number: 1, start: 0 };

/** One line that is not blank. */
export interface Line extends LineStart {
  /** Where the line behind it begins. */
  readonly next: LineStart;
  /** Without its end, in a buffer of its own; undefined of one that is longer than may be: nothing of it was held. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * The lines of a stream that are not blank. They end with LF or CRLF, the last one also without; a byte order mark before the first is passed over.
 *
 * @param longest bytes that a line may have, without its end
 * @param from where the stream's first byte stands, when it is not read from its beginning
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, longest: number, from: LineStart = FIRST_LINE): AsyncGenerator<Line> {
  let place = from;
  let held: Uint8Array[] = [];
  let length = 0;
  const hold = (piece: Uint8Array): void => {
    length += piece.length;
    if (length <= longest + AROUND) held.push(piece);
    else held = [];
  };
  const end = (ending: number): Line | undefined => {
    const next = { number: place.number + 1, start: place.start + length + ending };
    const bytes = length <= longest + AROUND ? contentOf(held, place) : undefined;
    const line: Line = { ...place, next, bytes: bytes && bytes.length <= longest ? bytes : undefined };
    [place, held, length] = [next, [], 0];
    return bytes?.every((byte) => BLANK.has(byte)) === true ? undefined : line;
  };
  for await (const piece of pieces) {
    let begin = 0;
    for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, begin)) {
      hold(piece.subarray(begin, at));
      begin = at + 1;
      const line = end(1);
      if (line) yield line;
    }
    if (begin < piece.length) hold(piece.subarray(begin));
  }
  const last = length > 0 ? end(0) : undefined;
  if (last) yield last;
}

function contentOf(held: readonly Uint8Array[], { start }: LineStart): Uint8Array<ArrayBuffer> {
  const whole = Uint8Array.from(held.length === 1 ? (held[0] ?? []) : Buffer.concat(held));
  const begin = start === 0 && BYTE_ORDER_MARK.every((byte, at) => whole[at] === byte) ? BYTE_ORDER_MARK.length : 0;
  const end = whole.length > begin && whole[whole.length - 1] === CARRIAGE_RETURN ? whole.length - 1 : whole.length;
  return begin === 0 && end === whole.length ? whole : whole.slice(begin, end);
}
