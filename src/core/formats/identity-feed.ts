/**
 * Entries about who a person is, as an identity feed says (IHE ITI-104): somebody is known by an identifier, and perhaps another identifier stands in its place. The leaf is public and says nothing of whom; the
 * message as it came stands in a record of its own.
 */
import { randomBytes } from "node:crypto";
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { digestOf } from "../crypto/digest.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { readCircumstances, type Arrival, type Submitter } from "./deposit-record.ts";
import { DIGEST, INSTANT, objectField, readOpenFormat, textField, UUID } from "./fields.ts";

export const FEED_KIND = "identity-feed";

/** What the log holds of it, for everybody to see: that a feed said something, and when. */
export interface FeedLeaf {
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** Of the record's UTF-8 bytes. */
  readonly recordDigest: string;
}

/** The message, and by which identifier the feed called the person: kept encrypted under a key of the entry's own. */
export interface FeedRecord {
  readonly id: string;
  /** Whom the message is about. */
  readonly identifier: { readonly system: string; readonly value: string };
  readonly mediaType: "application/fhir+json" | "application/fhir+xml";
  /** A Patient, as it was submitted. */
  readonly message: Uint8Array;
  readonly submitter: Submitter;
  readonly came: Arrival;
}

const LEAF = { format: "chartulary-leaf/2", required: ["kind", "id", "at", "recordDigest"] };
const RECORD = { format: "chartulary-identity-feed/1", required: ["id", "identifier", "mediaType", "message", "submitter", "came", "salt"] };
const KIND = /^identity-feed$/;
const MEDIA_TYPE = /^application\/fhir\+(?:json|xml)$/;

/** The leaf's bytes: canonical JSON in UTF-8. docs/formats.md, "Identity feed". */
export function formatFeedLeaf({ id, at, recordDigest }: FeedLeaf): Uint8Array {
  return new TextEncoder().encode(canonicalJson(treeOf({ format: LEAF.format, kind: FEED_KIND, id, at, recordDigest })));
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseFeedLeaf(bytes: Uint8Array): FeedLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", KIND);
  return { id: textField(object, "id", UUID), at: textField(object, "at", INSTANT), recordDigest: textField(object, "recordDigest", DIGEST) };
}

/** The record's text, salted so that nobody confirms a guess by its digest, and that digest. */
export function formatFeedRecord(record: FeedRecord): { readonly record: string; readonly digest: string } {
  const { id, identifier, mediaType, message, submitter, came } = record;
  const { system, value } = identifier;
  const fields = { format: RECORD.format, id, identifier: { system, value }, mediaType, submitter, came };
  const text = canonicalJson(treeOf({ ...fields, message: toBase64(message), salt: toBase64(randomBytes(32)) }));
  return { record: text, digest: digestOf(text) };
}

/** Reads a record. AppError `malformed`. */
export function parseFeedRecord(text: string): FeedRecord {
  const object = readOpenFormat(text, RECORD);
  const identifier = objectField(object, "identifier");
  const message = fromBase64(textField(object, "message"));
  if (message === undefined) throw new AppError("malformed", `not a ${RECORD.format}: message is no base64`);
  return {
    id: textField(object, "id", UUID),
    identifier: { system: textField(identifier, "system"), value: textField(identifier, "value") },
    mediaType: textField(object, "mediaType", MEDIA_TYPE) as FeedRecord["mediaType"],
    message,
    ...readCircumstances(object),
  };
}
