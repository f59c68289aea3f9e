/**
 * Our seal: a detached JWS (RFC 7515, appendix F) over the canonical form of a document, in the profile of HL7's examples. It is JAdES baseline B (ETSI TS 119 182-1). docs/formats.md, "Seal".
 */
import { CANONICAL_DOCUMENT_URI } from "../fhir/canonical.ts";
import { JsonNumber } from "../fhir/tree/tree.ts";
import { toBase64, toBase64Url } from "../crypto/base64.ts";
import { concat, utf8 } from "../crypto/bytes.ts";
import { isSameCertificate, isValidAt, subjectNameOf, thumbprintOf, type Certificate, type KnownCertificates } from "../crypto/certificate.ts";
import { certificatesOf, detachedJws, parseJws, protectedHeaderOf, signingInput, verifyJws, type Jws } from "./jws.ts";
import type { SealCertificate, SealSigner } from "../crypto/keys.ts";
import { NOTHING_CHECKED, type SignatureCheck } from "./signature-check.ts";

/** "Verification Signature" of ASTM E1762-95: the signer vouches for what it holds, not for the content. */
export const VERIFICATION = { system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.5", display: "Verification Signature" } as const;

/** Seals a canonical form (UTF-8 bytes) at a moment. */
export async function makeSeal(canonicalForm: Uint8Array, signer: SealSigner, at: Date): Promise<string> {
  const header = sealHeader(signer, at);
  return completeSeal(header, signingInput(header, canonicalForm), signer);
}

/**
 * The protected header of a seal that is made at a moment, by the second. No parameter is critical, so that any JOSE library can verify the seal: therefore `iat` and not `sigT`, which JAdES would have named as
 * critical, and no `sigD`.
 */
export function sealHeader(signer: Pick<SealSigner, "chain" | "kid" | "algorithm">, at: Date): string {
  const [certificate] = signer.chain;
  return protectedHeaderOf({
    alg: signer.algorithm,
    typ: "JOSE",
    kid: signer.kid,
    iat: Math.floor(at.getTime() / 1000),
    canon: CANONICAL_DOCUMENT_URI,
    srCms: [{ commId: { id: `urn:oid:${VERIFICATION.code}`, desc: VERIFICATION.display } }],
    ...(certificate && { "x5t#S256": toBase64Url(thumbprintOf(certificate)) }),
    x5c: signer.chain.map(({ raw }) => toBase64(raw)),
  });
}

/** The seal under `sealHeader`. @param input of that header and the canonical form (`signingInput`): made without the key, wherever the document is */
export async function completeSeal(header: string, input: Uint8Array, signer: Pick<SealSigner, "sign">): Promise<string> {
  return detachedJws(header, await signer.sign(input));
}

/** What is signed, under another header. @param input of any header and the canonical form (`signingInput`) */
export function underHeader(header: string, input: Uint8Array): Uint8Array {
  return concat(utf8(header), input.subarray(input.indexOf(".".charCodeAt(0))));
}

/** What a seal says of itself; undefined when it is none. Nothing of it is proved. */
export interface SealFacts {
  readonly certificate: Certificate;
  /** An instant. */
  readonly sealedAt: string;
  readonly name: string;
}

/** @param known certificates of seals that were read before */
export function readSeal(seal: string, known?: KnownCertificates): SealFacts | undefined {
  const jws = parseJws(seal);
  const chain = jws && certificatesOf(jws, known);
  const certificate = typeof chain === "object" ? chain[0] : undefined;
  const sealedAt = jws && sealedAtIn(jws);
  if (certificate === undefined || sealedAt === undefined) return undefined;
  return { certificate, sealedAt, name: subjectNameOf(certificate) };
}

/** When a seal says that it was made: `iat` (seconds since 1970); of a seal of the first number `sigT`. One that has both is neither. */
function sealedAtIn({ header }: Jws): string | undefined {
  const [sigT, iat] = [header.string("sigT"), header.get("iat")];
  if (header.has("sigT") === header.has("iat")) return undefined;
  if (sigT !== undefined) return Number.isNaN(Date.parse(sigT)) ? undefined : sigT;
  const seconds = iat instanceof JsonNumber && /^[0-9]{1,12}$/.test(iat.text) ? Number(iat.text) : Number.NaN;
  return Number.isNaN(seconds) ? undefined : secondOf(new Date(seconds * 1000));
}

/** An instant by the second: `YYYY-MM-DDThh:mm:ssZ`. */
function secondOf(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/**
 * Checks a seal over a canonical form, and its certificate against the known ones if there are any at hand. Never throws. What it was made over is known exactly: one that does
 * not verify is false.
 */
export async function checkSeal(
  seal: string,
  canonicalForm: Uint8Array,
  known: readonly SealCertificate[] | undefined,
  by: SealTrust = "trust-file",
  proof: SealProof = {},
): Promise<SignatureCheck> {
  const jws = parseJws(seal);
  const facts = readSeal(seal);
  const base = { ...NOTHING_CHECKED, place: "seal", form: "jws", role: "other" } as const;
  if (jws === undefined || facts === undefined) return { ...base, block: "invalid", explanation: "The seal is not one that we make." };
  const { certificate, sealedAt, name } = facts;
  const result = await verifyJws(jws, canonicalForm, certificate.publicKey);
  // Its form is fixed (docs/formats.md): another algorithm is another seal than ours.
  if (result.kind === "unsupported") return { ...base, block: "invalid", explanation: "The seal is not one that we make." };
  const isSelfConsistent = jws.payload === "" && jws.header.string("x5t#S256") === toBase64Url(thumbprintOf(certificate));
  if (result.kind === "invalid" || !isSelfConsistent) return { ...base, block: "invalid", explanation: "The seal does not fit the document." };
  return { ...base, ...resultsOfSound("The seal", { certificate, sealedAt, name }, { known, by, proof }) };
}

/**
 * The results of a seal that is whole and fits the document: what is left is whose its certificate is.
 * @param does what is said of it and the content
 */
export function resultsOfSound(
  called: string,
  { certificate, sealedAt, name }: { readonly certificate: Certificate; readonly sealedAt: string; readonly name: string },
  {
    known,
    by,
    proof,
    does = "covers this content",
  }: { readonly known: readonly SealCertificate[] | undefined; readonly by: SealTrust; readonly proof: SealProof; readonly does?: string },
): Pick<SignatureCheck, "block" | "content" | "certificate" | "signer" | "standing" | "signerName" | "signedAt" | "explanation"> {
  const state = sealCertificateState(certificate, new Date(sealedAt), known, proof);
  const standing = state === "ended" || state === "followed" ? "expired" : state;
  return {
    block: "valid",
    content: "valid",
    // Of an ended key it may well be ours: nobody can tell.
    certificate: state === "trusted" ? "valid" : state === "expired" || state === "followed" ? "invalid" : "not-checked",
    signer: standing === "trusted" ? "valid" : "not-checked",
    standing,
    signerName: name,
    signedAt: sealedAt,
    explanation: `${called} of ${sealedAt} ${does}; ${standingText(state, by)}${endingText(state, certificate, known)}${upheldText(state, certificate, known, proof)}.`,
  };
}

/** The same seal of a document that is not the one in the log: what it covers is not what was deposited. */
export function sealOfOther(seal: SignatureCheck): SignatureCheck {
  return { ...seal, content: "invalid", explanation: "The seal is not over what was deposited." };
}

/** What proves when a seal was made, beside its own word. */
export interface SealProof {
  /** The place in the log of the entry that it was made for: it was there by then. */
  readonly index?: number | undefined;
  /** By when a trusted authority of time had seen it, or a checkpoint of the log whose tree holds that entry; and its name. */
  readonly stampedAt?: Date | undefined;
  readonly stampedBy?: string | undefined;
}

/** `followed`: another key sealed by then. `ended`: somebody else may have the key, and nothing proves that the seal was there before. */
export type SealCertificateState = "trusted" | "not-trusted" | "expired" | "followed" | "ended" | "unknown";

/** Whether one of the known certificates is this one, and counted then. @param moment when the seal was made, by its own word or a better one */
export function sealCertificateState(
  certificate: Certificate,
  moment: Date,
  known: readonly SealCertificate[] | undefined,
  { index, stampedAt }: SealProof = {},
): SealCertificateState {
  if (known === undefined) return "unknown";
  const seal = known.find((one) => isSameCertificate(one.certificate, certificate));
  if (seal === undefined) return "not-trusted";
  if (!isValidAt(certificate, moment)) return "expired";
  const { until, ended } = seal;
  // Its own word is by the second, and cut off.
  if (until !== undefined && moment >= until) return "followed";
  if (ended === undefined) return "trusted";
  const isBefore = (index !== undefined && index < ended.before) || (stampedAt !== undefined && stampedAt < ended.since);
  return isBefore ? "trusted" : "ended";
}

/** Against what a seal's certificate is held: a trust file, or the certificates that this repository holds itself. */
export type SealTrust = "trust-file" | "own";

/** What is said of a seal's certificate, as a part of a sentence. */
function standingText(standing: SealCertificateState, by: SealTrust): string {
  return SENTENCES[by][standing];
}

/** That a seal's key was ended afterwards, and what shows that it was afterwards; empty where it was not ended. */
export function upheldText(
  state: SealCertificateState,
  certificate: Certificate,
  known: readonly SealCertificate[] | undefined,
  { index, stampedAt, stampedBy = "a time-stamp authority" }: SealProof,
): string {
  const ended = known?.find((one) => isSameCertificate(one.certificate, certificate))?.ended;
  if (state !== "trusted" || ended === undefined) return "";
  const isStamped = stampedAt !== undefined && stampedAt < ended.since;
  const shown = [
    ...(index !== undefined && index < ended.before ? ["by its place in the log"] : []),
    ...(isStamped ? [`by ${stampedBy}, who saw it at ${stampedAt.toISOString()}`] : []),
  ];
  return `; its key was ended as of ${ended.since.toISOString()} (${ended.reason}), and it is shown to be from before that ${shown.join(" and ")}`;
}

/** Since when and why a key was ended, where that is what stands against its seal. */
export function endingText(state: SealCertificateState, certificate: Certificate, known: readonly SealCertificate[] | undefined): string {
  const ended = known?.find((one) => isSameCertificate(one.certificate, certificate))?.ended;
  return state === "ended" && ended ? `: it was ended as of ${ended.since.toISOString()} (${ended.reason})` : "";
}

const SENTENCES: Readonly<Record<SealTrust, Readonly<Record<SealCertificateState, string>>>> = {
  "trust-file": {
    trusted: "its certificate is in the trust file and was valid then",
    "not-trusted": "its certificate is not in the trust file",
    expired: "its certificate is in the trust file, but was not valid then",
    followed: "its certificate is in the trust file, but another key sealed by then",
    ended: "its certificate is in the trust file, but nothing proves that it was made before somebody else may have had the key",
    unknown: "no trust file was at hand to judge its certificate by",
  },
  own: {
    trusted: "its certificate is one of this repository's own and was valid then",
    "not-trusted": "its certificate is none of this repository's own",
    expired: "its certificate is one of this repository's own, but was not valid then",
    followed: "its certificate is one of this repository's own, but another key sealed by then",
    ended: "its certificate is one of this repository's own, but nothing proves that it was made before somebody else may have had the key",
    unknown: "no certificate of this repository was at hand to compare its own with",
  },
};
