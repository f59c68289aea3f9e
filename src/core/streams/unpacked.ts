import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AppError } from "../errors.ts";

/** The first two bytes of gzip (RFC 1952 section 2.3.1). No text in UTF-8 begins so. */
const GZIP = [0x1f, 0x8b];

/**
 * The bytes of a stream, unpacked where it is gzip (one member or several), which its first two bytes tell.
 *
 * @param limits `most`: bytes that may come out of it, as a small file may hold any number; `onPacked` is told that it is gzip
 * @throws AppError `malformed` where it is no whole gzip, `too-large` beyond `most`; what the stream throws
 */
export async function* unpacked(
  pieces: AsyncIterable<Uint8Array>,
  { most = Infinity, onPacked = () => undefined }: { readonly most?: number; onPacked?(): void } = {},
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of await unpackedIfGzip(pieces, onPacked)) {
    size += piece.length;
    if (size > most) throw new AppError("too-large", `there are more than ${most} bytes in it, unpacked`);
    yield piece;
  }
}

async function unpackedIfGzip(pieces: AsyncIterable<Uint8Array>, onPacked: () => void): Promise<AsyncIterable<Uint8Array>> {
  const source = pieces[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let isOver = false;
  while (!isOver && head.reduce((sum, { length }) => sum + length, 0) < GZIP.length) {
    const next = await source.next();
    if (next.done === true) isOver = true;
    else head.push(next.value);
  }
  const begin = Buffer.concat(head.map((piece) => piece.subarray(0, GZIP.length)));
  const all = rejoined(head, source);
  if (!GZIP.every((byte, at) => begin[at] === byte)) return all;
  onPacked();
  return gunzipped(all);
}

/** What comes behind so many bytes. */
export async function* behind(pieces: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of pieces) {
    if (left < piece.length) yield left > 0 ? piece.subarray(left) : piece;
    left = Math.max(0, left - piece.length);
  }
}

async function* rejoined(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let fault: { readonly error: unknown } | undefined;
  // Where the stream breaks off, what came before is unpacked still.
  async function* untilItBreaks(): AsyncGenerator<Uint8Array> {
    try {
      yield* packed;
    } catch (error) {
      fault = { error };
    }
  }
  const unzip = createGunzip({ chunkSize: 65_536 });
  pipeline(Readable.from(untilItBreaks(), { objectMode: false }), unzip, () => undefined);
  try {
    yield* unzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (fault) throw fault.error;
    const { code = "" } = error as NodeJS.ErrnoException;
    throw code.startsWith("Z_") ? new AppError("malformed", "it is no whole gzip file", { cause: error }) : error;
  }
  if (fault) throw fault.error;
}
