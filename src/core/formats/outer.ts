import { toBase64 } from "../crypto/base64.ts";
import { digestOf } from "../crypto/digest.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf, type JsonObject } from "../fhir/tree/tree.ts";

/** Digests of what the canonical form of a document leaves out: the Bundle's own signature and meta. */
export interface OuterDigests {
  readonly signature: string;
  /** Of the client's meta: without versionId and lastUpdated, which the server sets. */
  readonly meta: string;
}

/** The digests of a Bundle; what is absent counts as `null`. `isUnsigned`: the signature that it carries is our seal, so that it came without one. */
export function outerDigests(bundle: JsonObject, { isUnsigned = false }: { readonly isUnsigned?: boolean } = {}): OuterDigests {
  const meta = bundle.object("meta")?.without("versionId", "_versionId", "lastUpdated", "_lastUpdated");
  return {
    signature: digestOf(canonicalJson(isUnsigned ? null : (bundle.get("signature") ?? null))),
    // A meta that held nothing but what the server sets says as much as none.
    meta: digestOf(canonicalJson(meta === undefined || meta.names.length === 0 ? null : meta)),
  };
}

/**
 * A commitment to signature and meta: salted, since a security label is easily guessed. docs/formats.md, "Outer commitment".
 */
export function outerCommitment({ signature, meta }: OuterDigests, salt: Uint8Array): string {
  return digestOf(canonicalJson(treeOf({ format: "chartulary-outer/1", salt: toBase64(salt), signature, meta })));
}
