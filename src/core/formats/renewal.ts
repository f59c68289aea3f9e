/**
 * The log hashed anew by SHA-512 (RFC 4998 section 5.3, hash-tree renewal): entries that hold what each entry of the log is by that hash, in runs, and a time-stamp over the tree of all of them. Public, in the clear:
 * hashes and nothing else. docs/formats.md, "The log hashed anew".
 */
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { toHex, utf8, utf8Text } from "../crypto/bytes.ts";
import { parseCheckpoint } from "../crypto/checkpoint.ts";
import { hashOf } from "../crypto/digest.ts";
import { SHA512_TREE } from "../crypto/merkle.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { bytesField, countField, DIGEST, INSTANT, readOpenFormat, textField, UUID } from "./fields.ts";
import { bytesOf, stampFields, stampIn, toldOfStamp, written, type EvidenceRecord, type Written } from "./log-evidence.ts";

export const RENEWAL_KIND = "renewal";
export const RENEWAL_RUN_KIND = "renewal-run";

/** Entries of the log that one run tells of, from a multiple of it on. */
export const RUN = 256;

/** What an entry of the log is, by SHA-512: its leaf, and of what is kept of it each part that there is. */
export interface RenewalItem {
  readonly leaf: string;
  /** Of a document: the submitted bytes, the canonical form, the deposit record's text, the seal (JWS). Of one that was erased nothing. */
  readonly submitted?: string | undefined;
  readonly canonical?: string | undefined;
  readonly record?: string | undefined;
  readonly seal?: string | undefined;
  /** Of a time-stamp of the log, of either kind: the token, and the text that it is over. */
  readonly token?: string | undefined;
  readonly stamped?: string | undefined;
  /** Of any other entry: what is kept beside it, as it is kept. */
  readonly kept?: string | undefined;
}

const PARTS = ["submitted", "canonical", "record", "seal", "token", "stamped", "kept"] as const;

export interface RenewalRunLeaf {
  readonly id: string;
  readonly at: string;
  /** Which run: it tells of the entries from number times 256. */
  readonly number: number;
  /** Of the tree over its items. */
  readonly root: Uint8Array;
  readonly recordDigest: string;
}

export interface RenewalLeaf {
  readonly id: string;
  readonly at: string;
  readonly number: number;
  /** How many entries of the log its tree has, and its root. */
  readonly size: number;
  readonly root: Uint8Array;
  readonly stampedAt: string;
  readonly authority: string;
  readonly until: string;
  readonly tokenDigest: string;
  readonly recordDigest: string;
}

/** The time-stamp, and the items of the entries behind the last whole run. */
export interface RenewalRecord extends EvidenceRecord {
  readonly items: readonly string[];
}

const LEAF_FORMAT = "chartulary-leaf/2";
const ITEM = { format: "chartulary-renewal-item/1", required: ["leaf"] };
const RUN_LEAF = { format: LEAF_FORMAT, required: ["kind", "id", "at", "hash", "number", "root", "recordDigest"] };
const RUN_RECORD = { format: "chartulary-renewal-run/1", required: ["id", "items"] };
const LEAF = {
  format: LEAF_FORMAT,
  required: ["kind", "id", "at", "hash", "number", "size", "root", "stampedAt", "authority", "until", "tokenDigest", "recordDigest"],
};
const RECORD = { format: "chartulary-renewal/1", required: ["id", "stamped", "token", "certificates", "items"] };
const HASH = "sha512";
const LONG_DIGEST = /^sha512:[0-9a-f]{128}$/;

/** How items name what they are of. */
export function longDigestOf(content: Uint8Array | string): string {
  return `sha512:${toHex(hashOf(HASH, typeof content === "string" ? utf8(content) : content))}`;
}

/** The item's text: canonical JSON. Its hash in the tree is that of its UTF-8 bytes, as of a leaf. */
export function formatRenewalItem(item: RenewalItem): string {
  const parts = Object.fromEntries(PARTS.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
  return canonicalJson(treeOf({ format: ITEM.format, leaf: item.leaf, ...parts }));
}

/** AppError `malformed`. */
export function parseRenewalItem(text: string): RenewalItem {
  const object = readOpenFormat(text, ITEM);
  const item: { -readonly [Name in keyof RenewalItem]: RenewalItem[Name] } = { leaf: textField(object, "leaf", LONG_DIGEST) };
  for (const name of PARTS) if (object.has(name)) item[name] = textField(object, name, LONG_DIGEST);
  return item;
}

export function itemHash(text: string): Uint8Array {
  return SHA512_TREE.leaf(utf8(text));
}

/** A tree of the log by SHA-512, and the text that a time-stamp over it is made of: it names the checkpoint of the same entries, which binds what was proved before. */
export interface RenewedTree {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** A signed note. */
  readonly checkpoint: string;
}

const HEAD = "chartulary-renewal/1";

export function formatRenewedTree({ origin, size, root, checkpoint }: RenewedTree): string {
  return `${HEAD}\n${origin}\n${size}\n${HASH}\n${toBase64(root)}\n\n${checkpoint}`;
}

/** AppError `malformed`. */
export function parseRenewedTree(text: string): RenewedTree {
  const at = text.indexOf("\n\n");
  const [head, origin, digits, hash, encoded = "", ...more] = text.slice(0, at).split("\n");
  const checkpoint = text.slice(at + 2);
  const root = fromBase64(encoded);
  if (at < 0 || head !== HEAD || hash !== HASH || root?.length !== SHA512_TREE.length || more.length > 0)
    throw new AppError("malformed", "not a tree of the log that was hashed anew");
  const named = parseCheckpoint(checkpoint.slice(0, checkpoint.indexOf("\n\n") + 1));
  if (named.origin !== origin || String(named.size) !== digits)
    throw new AppError("malformed", "a tree of the log that was hashed anew, and the checkpoint of another");
  return { origin, size: named.size, root, checkpoint };
}

export function formatRenewalRunLeaf({ root, ...leaf }: RenewalRunLeaf): Uint8Array {
  return bytesOf({ format: LEAF_FORMAT, kind: RENEWAL_RUN_KIND, hash: HASH, ...leaf, root: toBase64(root) });
}

/** AppError `malformed`. */
export function parseRenewalRunLeaf(bytes: Uint8Array): RenewalRunLeaf {
  const object = readOpenFormat(utf8Text(bytes), RUN_LEAF);
  textField(object, "kind", /^renewal-run$/);
  textField(object, "hash", /^sha512$/);
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    number: countField(object, "number"),
    root: bytesField(object, "root", SHA512_TREE.length),
    recordDigest: textField(object, "recordDigest", DIGEST),
  };
}

export function formatRenewalRunRecord(id: string, items: readonly string[]): Written {
  return written({ format: RUN_RECORD.format, id, items });
}

/** AppError `malformed`. */
export function parseRenewalRunRecord(text: string): { readonly id: string; readonly items: readonly string[] } {
  const object = readOpenFormat(text, RUN_RECORD);
  return { id: textField(object, "id", UUID), items: itemsIn(object.items("items"), RUN_RECORD.format) };
}

export function formatRenewalLeaf({ root, ...leaf }: RenewalLeaf): Uint8Array {
  return bytesOf({ format: LEAF_FORMAT, kind: RENEWAL_KIND, hash: HASH, ...leaf, root: toBase64(root) });
}

/** AppError `malformed`. */
export function parseRenewalLeaf(bytes: Uint8Array): RenewalLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", /^renewal$/);
  textField(object, "hash", /^sha512$/);
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    number: countField(object, "number"),
    size: countField(object, "size"),
    root: bytesField(object, "root", SHA512_TREE.length),
    ...toldOfStamp(object),
  };
}

export function formatRenewalRecord(id: string, { items, ...stamp }: RenewalRecord): Written {
  return written({ format: RECORD.format, id, ...stampFields(stamp), items });
}

/** AppError `malformed`. */
export function parseRenewalRecord(text: string): RenewalRecord & { readonly id: string } {
  const object = readOpenFormat(text, RECORD);
  return {
    id: textField(object, "id", UUID),
    ...stampIn(object, RECORD),
    items: itemsIn(object.items("items"), RECORD.format),
  };
}

function itemsIn(list: readonly unknown[], format: string): string[] {
  return list.map((item) => {
    if (typeof item !== "string") throw new AppError("malformed", `not a ${format}: items holds something that is no text`);
    return item;
  });
}
