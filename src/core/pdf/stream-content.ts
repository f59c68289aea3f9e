/** What is in a stream, at a bounded cost. */
import { platform } from "../crypto/platform/here.ts";
import { malformed } from "./read-value.ts";
import type { PdfStream } from "./values.ts";

/** Whether a stream's bytes are deflated; else they are its content. AppError `malformed` for every other filter. */
export function isDeflated({ dictionary }: PdfStream): boolean {
  const filter = dictionary.get("/Filter");
  const only: unknown = Array.isArray(filter) && filter.length === 1 ? filter[0] : filter;
  if (dictionary.has("/DecodeParms") || (only !== undefined && only !== "/FlateDecode"))
    throw malformed("a stream's filter is not one that is read here");
  return only !== undefined;
}

/** A stream's content, if it is plain or deflated. AppError `malformed` when it is neither, or larger than `most` bytes. */
export async function contentOf(stream: PdfStream, most: number): Promise<Uint8Array> {
  const { bytes } = stream;
  if (!isDeflated(stream)) {
    if (bytes.length > most) throw malformed("a stream is too large");
    return bytes;
  }
  const content = await platform.inflate(bytes, most);
  if (content === undefined) throw malformed(`a stream is damaged, or larger than ${most} bytes`);
  return content;
}
