/** Entries about what is done with a document that is in the log already: it is held, released, erased. Their leaves are public; who did it and why stands in a record of its own. */
import { randomBytes } from "node:crypto";
import { toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { digestOf } from "../crypto/digest.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { DIGEST, INSTANT, readOpenFormat, textField, UUID } from "./fields.ts";

export const CUSTODY_KINDS = ["erasure", "hold", "release"] as const;
export type CustodyKind = (typeof CUSTODY_KINDS)[number];

/** Why documents are erased, as everybody may know; later programs may have other codes. */
export const ERASURE_REASONS = {
  "data-subject": "the person concerned asked for it",
  "court-order": "a court or an authority ordered it",
  retention: "the time for which it was to be kept has passed",
  misfiled: "it was deposited in the wrong place or for the wrong person",
  unlawful: "it should never have been kept",
  other: "for another reason",
} as const;
export type ErasureReason = keyof typeof ERASURE_REASONS;

/** What the log holds of it, for everybody to see: no patient data, and no name of whoever did it. */
export interface CustodyLeaf {
  readonly kind: CustodyKind;
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** The document that it is about. */
  readonly document: string;
  /** An instant. */
  readonly at: string;
  /** Of an erasure: a code of ERASURE_REASONS, or one that a later program has. */
  readonly reason?: string;
  /** Of the record's UTF-8 bytes. */
  readonly recordDigest: string;
}

/** Who did it, and why in words: kept encrypted under a key of the entry's own, since the document's may be gone. */
export interface CustodyRecord {
  readonly id: string;
  readonly by: string;
  /** May be empty where a code says it. */
  readonly text: string;
}

const LEAF = { format: "chartulary-leaf/2", required: ["kind", "id", "document", "at", "recordDigest"] };
const RECORD = { format: "chartulary-custody/1", required: ["id", "by", "text", "salt"] };
const KIND = /^(?:erasure|hold|release)$/;
const CODE = /^[a-z][a-z-]{0,39}$/;
const LONGEST = 2_000;

/** The leaf's bytes: canonical JSON in UTF-8. docs/formats.md, "Hold, release, erasure". */
export function formatCustodyLeaf({ kind, id, document, at, reason, recordDigest }: CustodyLeaf): Uint8Array {
  const fields = { format: LEAF.format, kind, id, document, at, recordDigest, ...(reason !== undefined && { reason }) };
  return new TextEncoder().encode(canonicalJson(treeOf(fields)));
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseCustodyLeaf(bytes: Uint8Array): CustodyLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  const kind = textField(object, "kind", KIND) as CustodyKind;
  return {
    kind,
    id: textField(object, "id", UUID),
    document: textField(object, "document", UUID),
    at: textField(object, "at", INSTANT),
    recordDigest: textField(object, "recordDigest", DIGEST),
    ...(kind === "erasure" && { reason: textField(object, "reason", CODE) }),
  };
}

/** The record's text, salted so that nobody confirms a guess by its digest, and that digest. */
export function formatCustodyRecord({ id, by, text }: CustodyRecord): { readonly record: string; readonly digest: string } {
  const record = canonicalJson(treeOf({ format: RECORD.format, id, by, text, salt: toBase64(randomBytes(32)) }));
  return { record, digest: digestOf(record) };
}

/** Reads a record. AppError `malformed`. */
export function parseCustodyRecord(text: string): CustodyRecord {
  const object = readOpenFormat(text, RECORD);
  return { id: textField(object, "id", UUID), by: textField(object, "by"), text: textField(object, "text") };
}

/** `CODE`, `CODE: words`, `CODE/words`, or words alone, whose code is `other`. AppError `invalid` when it is not one line. */
export function erasureReasonOf(text: string): { readonly code: ErasureReason; readonly text: string } {
  const line = lineOf(text, "a reason");
  const [, code = "", words = ""] = /^([a-z-]+)(?:\s*[:/]\s*(.*))?$/.exec(line) ?? [];
  return Object.hasOwn(ERASURE_REASONS, code) ? { code: code as ErasureReason, text: words } : { code: "other", text: line };
}

/** One line of text that is written down for ever. AppError `invalid`. */
export function lineOf(text: string, what: string): string {
  const line = text.trim();
  if (line === "" || line.length > LONGEST || !line.isWellFormed() || /\p{Cc}/u.test(line))
    throw new AppError("invalid", `${what} is one line of text, of at most ${LONGEST} characters`);
  return line;
}

/** What a code says, in words; those of later programs say themselves. */
export function meaningOf(code: string): string {
  return Object.hasOwn(ERASURE_REASONS, code) ? ERASURE_REASONS[code as ErasureReason] : code;
}
