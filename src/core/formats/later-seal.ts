/**
 * Entries about seals that are made behind a deposit: the XML seal. The leaf is public; the seal itself stands in a record that is kept under the document's own key, so that it goes with it.
 * docs/formats.md, "Later seal".
 */
import { randomBytes } from "node:crypto";
import { toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { digestOf } from "../crypto/digest.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { DIGEST, INSTANT, optionalText, readOpenFormat, textField, UUID } from "./fields.ts";

export const LATER_SEAL_KIND = "seal";

/** What the log holds of it, for everybody to see. */
export interface LaterSealLeaf {
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** The document that was sealed. */
  readonly document: string;
  /** An instant. */
  readonly at: string;
  /** Of the record's UTF-8 bytes. */
  readonly recordDigest: string;
}

/** The seal, or in words why there is none. */
export type LaterSeal = { readonly xades: string } | { readonly none: string };

const LEAF = { format: "chartulary-leaf/2", required: ["kind", "id", "document", "at", "recordDigest"] };
const RECORD = { format: "chartulary-later-seal/1", required: ["id", "document", "salt"], optional: ["xades", "none"] };
const KIND = /^seal$/;

/** The leaf's bytes: canonical JSON in UTF-8. */
export function formatLaterSealLeaf({ id, document, at, recordDigest }: LaterSealLeaf): Uint8Array {
  return new TextEncoder().encode(canonicalJson(treeOf({ format: LEAF.format, kind: LATER_SEAL_KIND, id, document, at, recordDigest })));
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseLaterSealLeaf(bytes: Uint8Array): LaterSealLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", KIND);
  return {
    id: textField(object, "id", UUID),
    document: textField(object, "document", UUID),
    at: textField(object, "at", INSTANT),
    recordDigest: textField(object, "recordDigest", DIGEST),
  };
}

/** The record's text, salted so that nobody confirms by its digest what a document says, and that digest. */
export function formatLaterSealRecord(
  about: { readonly id: string; readonly document: string },
  seal: LaterSeal,
): { record: string; digest: string } {
  const { id, document } = about;
  const record = canonicalJson(treeOf({ format: RECORD.format, id, document, ...seal, salt: toBase64(randomBytes(32)) }));
  return { record, digest: digestOf(record) };
}

/** Reads a record. AppError `malformed`; undefined for a seal of a form that is not known here. */
export function parseLaterSealRecord(text: string): { readonly document: string; readonly seal: LaterSeal | undefined } {
  const object = readOpenFormat(text, RECORD);
  const [xades, none] = [optionalText(object, "xades"), optionalText(object, "none")];
  if (xades !== undefined && none !== undefined)
    throw new AppError("malformed", `not a ${RECORD.format}: it holds a seal and says that there is none`);
  const seal = xades !== undefined ? { xades } : none !== undefined ? { none } : undefined;
  return { document: textField(object, "document", UUID), seal };
}
