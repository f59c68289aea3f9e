/** A sealed document as an entry of the log, and how the record knows its identifier again. */
import { AppError, readStored } from "../core/errors.ts";
import { parseLeaf, type Leaf } from "../core/formats/leaf.ts";
import type { Sameness, Sealed } from "./document-forms.ts";
import type { Claimed, NewEntry } from "./store/record-store.ts";

const DIGEST_BYTES = 32;
const PREFIX = "sha256:";

/** The claim upon Bundle.identifier. */
export function identityClaim(identityKey: string): string {
  return `identity:${identityKey}`;
}

/** The document as it is staged. */
export function depositEntry({ id, receivedAt, identityKey, sameness, leaf, encryptedContent, encryptedEvidence }: Sealed): NewEntry {
  const claims = [{ key: identityClaim(identityKey), value: samenessValue(sameness) }];
  return { id, kind: "deposit", receivedAt, leaf, claims, content: encryptedContent, evidence: encryptedEvidence };
}

/** What the claim says of the document; the canonical digest stands in the leaf. */
export function samenessValue({ signature, meta }: Sameness): Uint8Array {
  return new Uint8Array(Buffer.concat([signature, meta].map((digest) => Buffer.from(digest.slice(PREFIX.length), "hex"))));
}

/** What tells a repeat from a conflict, of the document that took an identifier first. AppError `damaged`. */
export function samenessOfClaim({ entry, value }: Claimed): Sameness {
  if (value.length !== 2 * DIGEST_BYTES) throw new AppError("damaged", `the digests of document ${entry.id} cannot be read`);
  const digestAt = (at: number): string => PREFIX + Buffer.from(value.subarray(at, at + DIGEST_BYTES)).toString("hex");
  return { canonical: leafOf(entry).canonicalDigest, signature: digestAt(0), meta: digestAt(DIGEST_BYTES) };
}

/** The leaf of a deposit as it is stored. AppError `damaged`. */
export function leafOf({ id, leaf }: Pick<NewEntry, "id" | "leaf">): Leaf {
  return readStored(`the leaf of document ${id}`, () => parseLeaf(leaf));
}
