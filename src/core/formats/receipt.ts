import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { writeJson } from "../fhir/json/write-json.ts";
import { JsonArray, JsonObject, treeOf } from "../fhir/tree/tree.ts";
import type { LaterSeal } from "./later-seal.ts";
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
  /** 32 bytes: opens the leaf's commitment to the identifier. */
  readonly salt: Uint8Array;
}

/** An entry of the log that is proved by itself: under the checkpoint of its own commit. */
export type ProvenEntry = Pick<Receipt, "leaf" | "index" | "treeSize" | "inclusionProof" | "checkpoint">;

/** The log is asked for a key seldom: more than these are no receipt of ours. */
const MOST_KEY_ENTRIES = 1_000;

/** A checkpoint with cosignatures (c2sp.org/tlog-cosignature), and the audit path of the receipt's leaf in its tree. */
export type WitnessedReceipt = Pick<Receipt, "treeSize" | "inclusionProof" | "checkpoint">;

const COMMON = ["leaf", "index", "treeSize", "inclusionProof", "checkpoint", "salt"];
/** Closed: given to people until there was a second number. */
const CLOSED = { format: "chartulary-receipt/1", required: [...COMMON, "seal"] };
/** Open: later receipts may hold more, such as evidence about the seals. */
const OPEN = { format: "chartulary-receipt/2", required: [...COMMON, "seals"] };

/** The receipt as a JSON file for people to keep. docs/formats.md, "Receipt". */
export function formatReceipt(receipt: Omit<Receipt, "otherSeals" | "xmlSeals" | "noXmlSeal"> & { readonly later?: LaterSeal | undefined }): string {
  const { leaf, index, treeSize, inclusionProof, checkpoint, seals, later, witnessed, keyEntries = [], salt } = receipt;
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
    ...(object.has("noXmlSeal") && { noXmlSeal: textField(object, "noXmlSeal") }),
    salt: bytesField(object, "salt", 32),
  };
}

function provenIn(object: JsonObject, format: string): WitnessedReceipt {
  const proof = object.get("inclusionProof");
  if (!(proof instanceof JsonArray)) throw new AppError("malformed", `not a ${format}: inclusionProof is no list`);
  return {
    treeSize: countField(object, "treeSize"),
    inclusionProof: proof.items.map((item) => {
      const hash = typeof item === "string" ? fromBase64(item) : undefined;
      if (hash?.length !== 32) throw new AppError("malformed", `not a ${format}: inclusionProof holds something that is no hash`);
      return hash;
    }),
    checkpoint: textField(object, "checkpoint"),
  };
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
