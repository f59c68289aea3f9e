/** Files of exports taken apart as they come: lines of NDJSON, or leaves of the log, each behind its length as two bytes. */
import { concat } from "../../core/crypto/bytes.ts";

const NEWLINE = 10;

/** One after the other; of an unfinished last one what there is. */
export async function* itemsIn(bytes: AsyncIterable<Uint8Array>, as: "lines" | "leaves"): AsyncGenerator<Uint8Array> {
  const endOf = as === "lines" ? endOfLine : endOfLeaf;
  let waiting: Uint8Array[] = [];
  for await (const some of bytes) {
    // What is still open is put together once, when its end has come, however many pieces it comes in.
    if (as === "lines" && !some.includes(NEWLINE)) {
      waiting.push(some);
      continue;
    }
    let rest = waiting.length === 0 ? some : concat(...waiting, some);
    for (let end = endOf(rest); end !== undefined; end = endOf(rest)) {
      yield rest.subarray(end.from, end.to);
      rest = rest.subarray(end.next);
    }
    waiting = rest.length === 0 ? [] : [rest];
  }
  if (waiting.length > 0) yield concat(...waiting);
}

interface Item {
  readonly from: number;
  readonly to: number;
  readonly next: number;
}

function endOfLine(bytes: Uint8Array): Item | undefined {
  const at = bytes.indexOf(NEWLINE);
  return at < 0 ? undefined : { from: 0, to: at, next: at + 1 };
}

function endOfLeaf(bytes: Uint8Array): Item | undefined {
  if (bytes.length < 2) return undefined;
  const end = 2 + (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
  return bytes.length < end ? undefined : { from: 2, to: end, next: end };
}
