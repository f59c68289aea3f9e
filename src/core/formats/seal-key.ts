/** Entries about the keys of our seals: that one was begun, whom the key before it vouches for, and that one was ended. Public. docs/formats.md, "Seal keys". */
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { utf8, utf8Text } from "../crypto/bytes.ts";
import { parseCertificate, type Certificate } from "../crypto/certificate.ts";
import { digestOf, equalBytes } from "../crypto/digest.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf, type JsonObject } from "../fhir/tree/tree.ts";
import { countField, DIGEST, INSTANT, objectField, optionalText, readOpenFormat, textField, UUID } from "./fields.ts";

export const SEAL_KEY_KINDS = ["seal-key-begun", "seal-key-ended"] as const;
export type SealKeyKind = (typeof SEAL_KEY_KINDS)[number];

/** That documents which are received from a time on are sealed by another key. */
export interface SealKeyBegun {
  readonly kind: "seal-key-begun";
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** The key's number in the folder of the keys. */
  readonly number: number;
  /** An instant: what is received from then on is sealed by this key, and what was received before by the one before it. */
  readonly from: string;
  /** Its certificate, then those that lead to its root. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  /** The digest of the DER of the certificate under which was sealed before. */
  readonly previous: string;
}

/** The same with what the two keys say of it: detached JWS over `beginningPayload`. */
export interface SignedBeginning extends SealKeyBegun {
  readonly signatures: {
    /** By the key itself. */
    readonly itself: string;
    /** By the key before. Undefined where that was ended or lost: then nobody is led to this key. */
    readonly previous?: string | undefined;
  };
  /** What they are over. */
  readonly payload: Uint8Array;
}

/** That a key's seals do not count by themselves any more: somebody else may have the key. */
export interface SealKeyEnded {
  readonly kind: "seal-key-ended";
  readonly id: string;
  readonly at: string;
  readonly number: number;
  /** The digest of its certificate's DER. */
  readonly certificate: string;
  /** An instant: since when nothing is believed that the key alone says. */
  readonly since: string;
  /** How many entries the log had then: what stands among them was sealed before. */
  readonly before: number;
  /** One line of text. */
  readonly reason: string;
}

const FORMAT = "chartulary-leaf/2";
const BEGUN = { format: FORMAT, required: ["kind", "id", "at", "number", "from", "certificates", "previous", "signatures"] };
const ENDED = { format: FORMAT, required: ["kind", "id", "at", "number", "certificate", "since", "before", "reason"] };
/** A log's tile bundles tell a leaf's length in two bytes. */
const LONGEST = 65_535;

/** What both keys sign of a beginning: its leaf without the signatures, in canonical JSON. */
export function beginningPayload({ kind, id, at, number, from, chain, previous }: SealKeyBegun): Uint8Array {
  return utf8(canonicalJson(treeOf({ format: FORMAT, kind, id, at, number, from, certificates: chain.map(({ raw }) => toBase64(raw)), previous })));
}

/** The leaf's bytes. AppError `invalid` for a chain of certificates that is too long for an entry. */
export function formatSealKeyBegun(begun: SealKeyBegun, { itself, previous }: SignedBeginning["signatures"]): Uint8Array {
  const { kind, id, at, number, from, chain } = begun;
  const signatures = { itself, ...(previous !== undefined && { previous }) };
  const leaf = utf8(
    canonicalJson(
      treeOf({
        format: FORMAT,
        kind,
        id,
        at,
        number,
        from,
        certificates: chain.map(({ raw }) => toBase64(raw)),
        previous: begun.previous,
        signatures,
      }),
    ),
  );
  if (leaf.length > LONGEST) throw new AppError("invalid", "the certificates of the seal key are too long for an entry of the log");
  return leaf;
}

export function formatSealKeyEnded({ kind, id, at, number, certificate, since, before, reason }: SealKeyEnded): Uint8Array {
  return utf8(canonicalJson(treeOf({ format: FORMAT, kind, id, at, number, certificate, since, before, reason })));
}

/** The kind of an entry about a seal key; undefined of other entries. */
export function sealKeyKindOf(leaf: Uint8Array): SealKeyKind | undefined {
  return SEAL_KEY_KINDS.find((kind) => utf8Text(leaf).includes(`"kind":"${kind}"`));
}

/** Reads either entry; properties that it does not know it passes over. AppError `malformed`. What it says is not proved by that. */
export function parseSealKeyLeaf(bytes: Uint8Array): SignedBeginning | SealKeyEnded {
  return sealKeyKindOf(bytes) === "seal-key-ended" ? parseEnded(bytes) : parseBegun(bytes);
}

function parseBegun(bytes: Uint8Array): SignedBeginning {
  const object = readOpenFormat(utf8Text(bytes), BEGUN);
  if (!equalBytes(utf8(canonicalJson(object)), bytes)) throw new AppError("malformed", "not an entry about a seal key: it is not in canonical form");
  const signatures = objectField(object, "signatures");
  const previous = optionalText(signatures, "previous");
  return {
    ...common(object, "seal-key-begun"),
    number: countField(object, "number"),
    from: textField(object, "from", INSTANT),
    chain: chainIn(object),
    previous: textField(object, "previous", DIGEST),
    signatures: { itself: textField(signatures, "itself"), ...(previous !== undefined && { previous }) },
    payload: utf8(canonicalJson(object.without("signatures"))),
  };
}

function parseEnded(bytes: Uint8Array): SealKeyEnded {
  const object = readOpenFormat(utf8Text(bytes), ENDED);
  return {
    ...common(object, "seal-key-ended"),
    number: countField(object, "number"),
    certificate: textField(object, "certificate", DIGEST),
    since: textField(object, "since", INSTANT),
    before: countField(object, "before"),
    reason: textField(object, "reason"),
  };
}

function common<Kind extends SealKeyKind>(object: JsonObject, kind: Kind): { readonly kind: Kind; readonly id: string; readonly at: string } {
  textField(object, "kind", new RegExp(`^${kind}$`));
  return { kind, id: textField(object, "id", UUID), at: textField(object, "at", INSTANT) };
}

function chainIn(object: JsonObject): readonly [Certificate, ...Certificate[]] {
  const [first, ...others] = object.items("certificates").map((item) => {
    const der = typeof item === "string" ? fromBase64(item) : undefined;
    if (der === undefined || der.length > SIGNATURE_LIMITS.certificate) throw new AppError("malformed", "certificates holds something that is none");
    return parseCertificate(der);
  });
  if (first === undefined || others.length >= SIGNATURE_LIMITS.certificates)
    throw new AppError("malformed", "certificates is no list of certificates, or has too many");
  return [first, ...others];
}

/** By which a certificate is named in these entries: `sha256:` and the digest of its DER. */
export function certificateDigest({ raw }: Certificate): string {
  return digestOf(raw);
}
