import type { Original } from "../../pipeline/fetch.ts";
import type { Servable, WrittenForm } from "../../pipeline/serve.ts";
import type { Work } from "../../pipeline/work/work.ts";

/** A stored document as a Bundle or a Binary, in UTF-8. AppError `damaged`; `not-acceptable` for XML of what XML can't carry. */
export async function writeAs(
  type: Servable["type"],
  { bytes, mediaType, leaf, evidence }: Original,
  form: WrittenForm,
  { work }: { readonly work: Work },
): Promise<Uint8Array> {
  const { text } = await work.do("write", { type, ...form, bytes, mediaType, leaf, seal: evidence.seal }, { bytes: bytes.length });
  return text;
}
