import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { writeJson } from "../fhir/json/write-json.ts";
import { JsonArray, JsonObject, treeOf } from "../fhir/tree/tree.ts";
import { SHA256_TREE, SHA512_TREE } from "../crypto/merkle.ts";
import type { EvidenceLink } from "../evidence/evidence-chain.ts";
import type { RenewalLink } from "../evidence/renewal-proof.ts";
import type { LaterSeal } from "./later-seal.ts";
import { listField, stampFields, stampIn } from "./log-evidence.ts";
import { bytesField, countField, optionalText, readVersions, textField } from "./fields.ts";

/** All that an offline verifier needs beside the document and the trust file. */
export interface Receipt {
  /** The leaf's bytes: UTF-8. */
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly treeSize: number;
  /** RFC 6962 audit path in the tree of `treeSize`, from leaf to root; 32 bytes each. */
  readonly inclusionProof: readonly Uint8Array[];
  /** The signed note of that tree. */
  readonly checkpoint: string;
  /** Our seals over the canonical form: detached JWS, each with its certificate in its header. The first is the one made at the deposit. */
  readonly seals: readonly string[];
  /** Our seals over the XML form, made since. */
  readonly xmlSeals: readonly string[];
  /** Why the document has no XML seal, in words: XML cannot carry it. */
  readonly noXmlSeal?: string | undefined;
  /** How many seals it has besides, of forms that are not known here: nothing is said about them. */
  readonly otherSeals: number;
  /** The same entry in a tree whose checkpoint witnesses cosigned; there is none before they did. */
  readonly witnessed?: WitnessedReceipt | undefined;
  /** Entries of the log about the repository's keys, in its order: whoever trusts an earlier key is led by them to the ones that sealed and signed. */
  readonly keyEntries?: readonly ProvenEntry[] | undefined;
  /** Time-stamps: the first whose tree holds the entry, then those that renew it; there are none before one was made. */
  readonly evidence: readonly EvidenceLink[];
  /** Time-stamps over the log hashed anew by SHA-512, where it was. */
  readonly renewals?: readonly RenewalLink[] | undefined;
  /** 32 bytes: opens the leaf's commitment to the identifier. */
  readonly salt: Uint8Array;
}

/** An entry of the log that is proved by itself: under the checkpoint of its own commit. */
export type ProvenEntry = Pick<Receipt, "leaf" | "index" | "treeSize" | "inclusionProof" | "checkpoint">;

/** The log is asked for a key seldom: more than these are no receipt of ours. Who reads them takes time in proportion to them. */
const MOST_KEY_ENTRIES = 1_000;

/** A checkpoint with cosignatures (c2sp.org/tlog-cosignature), and the audit path of the receipt's leaf in its tree. */
export type WitnessedReceipt = Pick<Receipt, "treeSize" | "inclusionProof" | "checkpoint">;

const COMMON = ["leaf", "index", "treeSize", "inclusionProof", "checkpoint", "salt"];
/** Closed: given to people until there was a second number. */
const CLOSED = { format: "chartulary-receipt/1", required: [...COMMON, "seal"] };
/** Open: later receipts may hold more. */
const OPEN = { format: "chartulary-receipt/2", required: [...COMMON, "seals"] };

/** What a receipt is written of. */
export interface WrittenReceipt extends Omit<Receipt, "otherSeals" | "xmlSeals" | "noXmlSeal" | "evidence"> {
  readonly later?: LaterSeal | undefined;
  readonly evidence?: readonly EvidenceLink[];
}

/** The receipt as a JSON file for people to keep. docs/formats.md, "Receipt". */
export function formatReceipt(receipt: WrittenReceipt): string {
  const { leaf, index, treeSize, inclusionProof, checkpoint, seals, later, witnessed, keyEntries = [], evidence = [], renewals = [], salt } = receipt;
  const fields = {
    format: OPEN.format,
    leaf: utf8Text(leaf),
    index,
    treeSize,
    inclusionProof: inclusionProof.map(toBase64),
    checkpoint,
    seals: [...seals.map((jws) => ({ jws })), ...(later && "xades" in later ? [later] : [])],
    ...(later && "none" in later && { noXmlSeal: later.none }),
    ...(witnessed && { witnessed: { ...witnessed, inclusionProof: witnessed.inclusionProof.map(toBase64) } }),
    ...(keyEntries.length > 0 && {
      keyEntries: keyEntries.map((entry) => ({ ...entry, leaf: utf8Text(entry.leaf), inclusionProof: entry.inclusionProof.map(toBase64) })),
    }),
    ...(evidence.length > 0 && { evidence: evidence.map(fieldsOf) }),
    ...(renewals.length > 0 && { renewals: renewals.map(fieldsOfRenewal) }),
    salt: toBase64(salt),
  };
  return `${writeJson(treeOf(fields), { pretty: true })}\n`;
}

/** Reads a receipt of either number. AppError `malformed`. What it says is not proved by that. */
export function parseReceipt(text: string): Receipt {
  const { object, isOpen } = readVersions(text, { closed: CLOSED, open: OPEN });
  const { format } = isOpen ? OPEN : CLOSED;
  const witnessed = isOpen ? object.object("witnessed") : undefined;
  return {
    leaf: new TextEncoder().encode(textField(object, "leaf")),
    index: countField(object, "index"),
    ...provenIn(object, format),
    ...(witnessed && { witnessed: provenIn(witnessed, format) }),
    ...(isOpen ? sealsOf(object) : { seals: [textField(object, "seal")], xmlSeals: [], otherSeals: 0 }),
    ...(isOpen && object.has("keyEntries") && { keyEntries: keyEntriesIn(object) }),
    evidence: isOpen && object.has("evidence") ? object.objects("evidence").map(linkIn) : [],
    ...(isOpen && object.has("renewals") && { renewals: object.objects("renewals").map(renewalIn) }),
    ...(object.has("noXmlSeal") && { noXmlSeal: textField(object, "noXmlSeal") }),
    salt: bytesField(object, "salt", 32),
  };
}

function fieldsOf({ revocations, inclusionProof, entry, ...stamp }: EvidenceLink): object {
  const lists = { revocations: revocations.map(toBase64), inclusionProof: inclusionProof.map(toBase64) };
  return { ...stampFields(stamp), ...lists, ...entryFields(entry) };
}

function linkIn(object: JsonObject): EvidenceLink {
  return {
    ...stampIn(object, OPEN),
    revocations: listField(object, "revocations", OPEN),
    inclusionProof: proofIn(object, OPEN.format),
    entry: entryIn(object),
  };
}

function fieldsOfRenewal({ items, entry, ...stamp }: RenewalLink): object {
  const proven = items.map(({ inclusionProof, ...item }) => ({ ...item, inclusionProof: inclusionProof.map(toBase64) }));
  return { ...stampFields(stamp), items: proven, ...entryFields(entry) };
}

function renewalIn(object: JsonObject): RenewalLink {
  return {
    ...stampIn(object, OPEN),
    items: object.objects("items").map((item) => ({
      index: countField(item, "index"),
      item: textField(item, "item"),
      inclusionProof: proofIn(item, OPEN.format, SHA512_TREE.length),
    })),
    entry: entryIn(object),
  };
}

/** The entry of a time-stamp: its leaf, and its place in the log. */
function entryFields({ leaf, index }: EvidenceLink["entry"]): object {
  return { leaf: utf8Text(leaf), index };
}

function entryIn(object: JsonObject): EvidenceLink["entry"] {
  return { leaf: new TextEncoder().encode(textField(object, "leaf")), index: countField(object, "index") };
}

function provenIn(object: JsonObject, format: string): WitnessedReceipt {
  return { treeSize: countField(object, "treeSize"), inclusionProof: proofIn(object, format), checkpoint: textField(object, "checkpoint") };
}

function proofIn(object: JsonObject, format: string, length = SHA256_TREE.length): Uint8Array[] {
  const proof = object.get("inclusionProof");
  if (!(proof instanceof JsonArray)) throw new AppError("malformed", `not a ${format}: inclusionProof is no list`);
  return proof.items.map((item) => {
    const hash = typeof item === "string" ? fromBase64(item) : undefined;
    if (hash?.length !== length) throw new AppError("malformed", `not a ${format}: inclusionProof holds something that is no hash`);
    return hash;
  });
}

function keyEntriesIn(object: JsonObject): ProvenEntry[] {
  const list = object.objects("keyEntries");
  if (list.length !== object.items("keyEntries").length || list.length > MOST_KEY_ENTRIES)
    throw new AppError("malformed", `not a ${OPEN.format}: keyEntries is no list of objects, or too long`);
  return list.map((entry) => ({
    leaf: new TextEncoder().encode(textField(entry, "leaf")),
    index: countField(entry, "index"),
    ...provenIn(entry, OPEN.format),
  }));
}

function sealsOf(object: JsonObject): Pick<Receipt, "seals" | "xmlSeals" | "otherSeals"> {
  const list = object.get("seals");
  const all = list instanceof JsonArray ? list.items.map((seal) => (seal instanceof JsonObject ? seal : fault())) : fault();
  const seals = all.flatMap((seal) => optionalText(seal, "jws") ?? []);
  // One object is one seal.
  const xmlSeals = all.flatMap((seal) => (seal.has("jws") ? [] : (optionalText(seal, "xades") ?? [])));
  return seals.length === 0 ? fault() : { seals, xmlSeals, otherSeals: all.length - seals.length - xmlSeals.length };
}

function fault(): never {
  throw new AppError("malformed", `not a ${OPEN.format}: seals is no list of objects, or has no jws`);
}
