/** Narrows what a row holds to what its column promises. */
import { AppError } from "../../core/errors.ts";
import type { DocumentSummary, ReadBack, Stored } from "../../pipeline/record.ts";
import type { StoredProof } from "../../pipeline/store/document-store.ts";
import type { Row } from "./database.ts";

const HASH_LENGTH = 32;

export function textAt(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw unexpected(column);
  return value;
}

export function integerAt(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw unexpected(column);
  return value;
}

export function bytesAt(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw unexpected(column);
  return value;
}

/** A list of 32-byte hashes as one blob. */
export function joinHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(hashes);
}

/** The same list again, each as base64. */
export function splitHashes(blob: Uint8Array): string[] {
  if (blob.length % HASH_LENGTH !== 0) throw unexpected("inclusion_proof");
  return Array.from({ length: blob.length / HASH_LENGTH }, (_, at) =>
    Buffer.from(blob.subarray(at * HASH_LENGTH, (at + 1) * HASH_LENGTH)).toString("base64"),
  );
}

/** A summary as its row keeps it. It is JSON of our own making and holds texts only, so that JSON.parse loses nothing. */
export function summaryAt(row: Row): DocumentSummary {
  const value: unknown = JSON.parse(textAt(row, "summary"));
  if (!isSummary(value)) throw unexpected("summary");
  return value;
}

/** A whole document from a row of documents joined with its checkpoint, key and, unless it is lost, summary. */
export function storedAt(row: Row): ReadBack {
  return {
    id: textAt(row, "id"),
    identityKey: textAt(row, "identity_key"),
    sameness: samenessAt(row),
    leaf: bytesAt(row, "leaf"),
    encryptedContent: bytesAt(row, "encrypted_content"),
    encryptedEvidence: bytesAt(row, "encrypted_evidence"),
    wrappedKey: bytesAt(row, "wrapped_key"),
    summary: row["summary"] === null ? undefined : summaryAt(row),
    position: positionAt(row),
  };
}

/** What a row holds of a document beside its content. */
export function proofAt(row: Row): StoredProof {
  return {
    id: textAt(row, "id"),
    leaf: bytesAt(row, "leaf"),
    encryptedEvidence: bytesAt(row, "encrypted_evidence"),
    wrappedKey: bytesAt(row, "wrapped_key"),
    position: positionAt(row),
    contentBytes: integerAt(row, "content_bytes"),
  };
}

function positionAt(row: Row): Stored["position"] {
  return {
    index: integerAt(row, "leaf_index"),
    treeSize: integerAt(row, "tree_size"),
    inclusionProof: splitHashes(bytesAt(row, "inclusion_proof")),
    checkpoint: textAt(row, "note"),
  };
}

export function samenessAt(row: Row): Stored["sameness"] {
  return { canonical: textAt(row, "canonical_digest"), signature: textAt(row, "signature_digest"), meta: textAt(row, "meta_digest") };
}

const SUMMARY_TEXTS: readonly (keyof DocumentSummary)[] = ["id", "title", "type", "status", "timestamp", "date", "receivedAt"];
const SUMMARY_LISTS: readonly (keyof DocumentSummary)[] = [
  "patientIdentifiers",
  "authors",
  "searchTerms",
  "ownKeys",
  "claims",
  "subjectKeys",
  "custodianKeys",
  "compositionKeys",
];

function isSummary(value: unknown): value is DocumentSummary {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return SUMMARY_TEXTS.every((name) => typeof fields.get(name) === "string") && SUMMARY_LISTS.every((name) => Array.isArray(fields.get(name)));
}

function unexpected(column: string): AppError {
  return new AppError("damaged", `the database holds something unexpected in ${column}`);
}
