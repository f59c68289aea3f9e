/**
 * Entries about the log's own time: a time-stamp (RFC 3161) over one of its trees, by which everything in that tree was there, and what tells of the certificates behind it. All of it is public and lies in
 * the clear: there is no patient data in it. docs/formats.md, "Evidence of the log".
 */
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { digestOf } from "../crypto/digest.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { JsonArray, treeOf, type JsonObject } from "../fhir/tree/tree.ts";
import { bytesField, countField, DIGEST, INSTANT, readOpenFormat, textField, UUID, type FormatShape } from "./fields.ts";

export const EVIDENCE_KIND = "evidence";
export const EVIDENCE_STATUS_KIND = "evidence-status";

/** By what a tree is hashed that a time-stamp is over: the log's own by SHA-256. */
export type TreeHashName = "sha256" | "sha512";

/** What the log holds of a time-stamp, for everybody to see. */
export interface EvidenceLeaf {
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** Which one it is: from 0, one for each such entry. */
  readonly number: number;
  /** The tree that it is over: how many entries it has, by what it is hashed, and its root. */
  readonly size: number;
  readonly hash: TreeHashName;
  readonly root: Uint8Array;
  /** What the token says: an instant. */
  readonly stampedAt: string;
  /** The name in the authority's certificate, and when the first certificate on the way to its anchor ends: an instant. */
  readonly authority: string;
  readonly until: string;
  readonly tokenDigest: string;
  /** Of the record's UTF-8 bytes. */
  readonly recordDigest: string;
}

/** The time-stamp itself. */
export interface EvidenceRecord {
  /** What it is over, as text: the checkpoint (signed note) of that tree. */
  readonly stamped: string;
  /** ContentInfo in DER. */
  readonly token: Uint8Array;
  /** In DER, from the authority's certificate to the anchor that vouched for it. */
  readonly certificates: readonly Uint8Array[];
}

/** What the log holds of what was collected about certificates. */
export interface EvidenceStatusLeaf {
  readonly id: string;
  readonly at: string;
  /** The number of the time-stamp that it belongs to. */
  readonly evidence: number;
  readonly recordDigest: string;
}

/** What was collected: certificates, lists of revoked ones (CRL) and answers about one (OCSP), in DER. */
export interface EvidenceStatusRecord {
  readonly certificates: readonly Uint8Array[];
  readonly revocations: readonly Uint8Array[];
}

const LEAF_FORMAT = "chartulary-leaf/2";
const TOLD = ["stampedAt", "authority", "until", "tokenDigest", "recordDigest"];
const LEAF = { format: LEAF_FORMAT, required: ["kind", "id", "at", "number", "size", "hash", "root", ...TOLD] };
const RECORD = { format: "chartulary-log-evidence/1", required: ["id", "stamped", "token", "certificates"] };
const STATUS_LEAF = { format: LEAF_FORMAT, required: ["kind", "id", "at", "evidence", "recordDigest"] };
const STATUS_RECORD = { format: "chartulary-evidence-status/1", required: ["id", "certificates", "revocations"] };
const HASHES: Readonly<Record<TreeHashName, number>> = { sha256: 32, sha512: 64 };

/** The leaf's bytes: canonical JSON in UTF-8. */
export function formatEvidenceLeaf({ root, ...leaf }: EvidenceLeaf): Uint8Array {
  return bytesOf({ format: LEAF.format, kind: EVIDENCE_KIND, ...leaf, root: toBase64(root) });
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseEvidenceLeaf(bytes: Uint8Array): EvidenceLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", /^evidence$/);
  const hash = textField(object, "hash", /^sha(?:256|512)$/) as TreeHashName;
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    number: countField(object, "number"),
    size: countField(object, "size"),
    hash,
    root: bytesField(object, "root", HASHES[hash]),
    ...toldOfStamp(object),
  };
}

/** What a leaf tells of its time-stamp. AppError `malformed`. */
export function toldOfStamp(object: JsonObject): Pick<EvidenceLeaf, "stampedAt" | "authority" | "until" | "tokenDigest" | "recordDigest"> {
  return {
    stampedAt: textField(object, "stampedAt", INSTANT),
    authority: textField(object, "authority"),
    until: textField(object, "until", INSTANT),
    tokenDigest: textField(object, "tokenDigest", DIGEST),
    recordDigest: textField(object, "recordDigest", DIGEST),
  };
}

/** The record's text, and its digest. */
export function formatEvidenceRecord(id: string, record: EvidenceRecord): Written {
  return written({ format: RECORD.format, id, ...stampFields(record) });
}

/** The time-stamp itself, as a record or a receipt has it. */
export function stampFields({ stamped, token, certificates }: EvidenceRecord): object {
  return { stamped, token: toBase64(token), certificates: certificates.map(toBase64) };
}

/** Reads a record. AppError `malformed`. */
export function parseEvidenceRecord(text: string): EvidenceRecord & { readonly id: string } {
  const object = readOpenFormat(text, RECORD);
  return { id: textField(object, "id", UUID), ...stampIn(object, RECORD) };
}

/** The time-stamp of a record, or in a receipt. AppError `malformed`. */
export function stampIn(object: JsonObject, shape: FormatShape): EvidenceRecord {
  return {
    stamped: textField(object, "stamped"),
    token: bytesField(object, "token"),
    certificates: listField(object, "certificates", shape),
  };
}

/** The leaf's bytes: canonical JSON in UTF-8. */
export function formatEvidenceStatusLeaf(leaf: EvidenceStatusLeaf): Uint8Array {
  return bytesOf({ format: STATUS_LEAF.format, kind: EVIDENCE_STATUS_KIND, ...leaf });
}

/** Reads such a leaf. AppError `malformed`. */
export function parseEvidenceStatusLeaf(bytes: Uint8Array): EvidenceStatusLeaf {
  const object = readOpenFormat(utf8Text(bytes), STATUS_LEAF);
  textField(object, "kind", /^evidence-status$/);
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    evidence: countField(object, "evidence"),
    recordDigest: textField(object, "recordDigest", DIGEST),
  };
}

/** The record's text, and its digest. */
export function formatEvidenceStatusRecord(id: string, { certificates, revocations }: EvidenceStatusRecord): Written {
  return written({ format: STATUS_RECORD.format, id, certificates: certificates.map(toBase64), revocations: revocations.map(toBase64) });
}

/** Reads a record. AppError `malformed`. */
export function parseEvidenceStatusRecord(text: string): EvidenceStatusRecord & { readonly id: string } {
  const object = readOpenFormat(text, STATUS_RECORD);
  const [certificates, revocations] = [listField(object, "certificates", STATUS_RECORD), listField(object, "revocations", STATUS_RECORD)];
  return { id: textField(object, "id", UUID), certificates, revocations };
}

/** A record as it is kept. */
export interface Written {
  readonly text: string;
  readonly digest: string;
}

export function written(fields: object): Written {
  const text = canonicalJson(treeOf(fields));
  return { text, digest: digestOf(text) };
}

/** A leaf as it is entered: canonical JSON in UTF-8. */
export function bytesOf(fields: object): Uint8Array {
  return new TextEncoder().encode(canonicalJson(treeOf(fields)));
}

/** A list of DER in base64. AppError `malformed`. */
export function listField(object: JsonObject, name: string, { format }: Pick<FormatShape, "format">): readonly Uint8Array[] {
  const list = object.get(name);
  if (!(list instanceof JsonArray)) throw new AppError("malformed", `not a ${format}: ${name} is no list`);
  return list.items.map((item) => {
    const bytes = typeof item === "string" ? fromBase64(item) : undefined;
    if (bytes === undefined) throw new AppError("malformed", `not a ${format}: ${name} holds something that is not base64`);
    return bytes;
  });
}
