/** A small value that is kept for a time, encrypted under a key of its own, which the master key wraps and which stands before it: bound to its id, so that nobody moves it to another. */
import type { Keys } from "../../core/crypto/keys.ts";
import { closeEnvelope, newDocumentKey, openEnvelope, type EnvelopePurpose } from "../../core/envelope.ts";

/** A wrapped key (docs/formats.md) stands before what it opens. */
const WRAPPED_LENGTH = 65;

/** @param id 64 lower-case hex digits, or a UUID: what it is kept under */
export async function closeValue(
  text: string,
  { purpose, id }: { readonly purpose: EnvelopePurpose; readonly id: string },
  keys: Pick<Keys, "wrap">,
): Promise<Uint8Array> {
  const key = newDocumentKey();
  const wrapped = await keys.wrap(key, id);
  return Buffer.concat([wrapped, closeEnvelope(new TextEncoder().encode(text), key, purpose, id)]);
}

/** AppError `damaged` when it was altered, is another's, or the epoch of its master key has ended. */
export async function openValue(
  value: Uint8Array,
  { purpose, id }: { readonly purpose: EnvelopePurpose; readonly id: string },
  keys: Pick<Keys, "unwrap">,
): Promise<string> {
  const key = await keys.unwrap(value.subarray(0, WRAPPED_LENGTH), id);
  return new TextDecoder().decode(openEnvelope(value.subarray(WRAPPED_LENGTH), key, purpose, id));
}
