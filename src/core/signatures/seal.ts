/**
 * Our seal: a detached JWS (RFC 7515, appendix F) over the canonical form of a document, in the profile of HL7's examples. It is JAdES baseline B (ETSI TS 119 182-1). docs/formats.md, "Seal".
 */
import { CANONICAL_DOCUMENT_URI } from "../fhir/canonical.ts";
import { JsonNumber } from "../fhir/tree/tree.ts";
import { toBase64, toBase64Url } from "../crypto/base64.ts";
import { isSameCertificate, isValidAt, subjectNameOf, thumbprintOf, type Certificate } from "../crypto/certificate.ts";
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

/** What a seal says of itself; undefined when it is none. Nothing of it is proved. */
export interface SealFacts {
  readonly certificate: Certificate;
  /** An instant. */
  readonly sealedAt: string;
  readonly name: string;
}

export function readSeal(seal: string): SealFacts | undefined {
  const jws = parseJws(seal);
  const chain = jws && certificatesOf(jws);
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
  return { ...base, ...resultsOfSound("The seal", { certificate, sealedAt, name }, known, by) };
}

/**
 * The results of a seal that is whole and fits the document: what is left is whose its certificate is.
 * @param does what is said of it and the content
 */
export function resultsOfSound(
  called: string,
  { certificate, sealedAt, name }: { readonly certificate: Certificate; readonly sealedAt: string; readonly name: string },
  known: readonly SealCertificate[] | undefined,
  by: SealTrust,
  does = "covers this content",
): Pick<SignatureCheck, "block" | "content" | "certificate" | "signer" | "standing" | "signerName" | "signedAt" | "explanation"> {
  const standing = sealCertificateState(certificate, new Date(sealedAt), known);
  return {
    block: "valid",
    content: "valid",
    certificate: standing === "trusted" ? "valid" : standing === "expired" ? "invalid" : "not-checked",
    signer: standing === "trusted" ? "valid" : "not-checked",
    standing,
    signerName: name,
    signedAt: sealedAt,
    explanation: `${called} of ${sealedAt} ${does}; ${standingText(standing, by)}.`,
  };
}

/** The same seal of a document that is not the one in the log: what it covers is not what was deposited. */
export function sealOfOther(seal: SignatureCheck): SignatureCheck {
  return { ...seal, content: "invalid", explanation: "The seal is not over what was deposited." };
}

/** Whether one of the known certificates is this one, and it was valid then. */
export function sealCertificateState(
  certificate: Certificate,
  moment: Date,
  known: readonly SealCertificate[] | undefined,
): "trusted" | "not-trusted" | "expired" | "unknown" {
  if (known === undefined) return "unknown";
  if (!known.some((seal) => isSameCertificate(seal.certificate, certificate))) return "not-trusted";
  return isValidAt(certificate, moment) ? "trusted" : "expired";
}

/** Against what a seal's certificate is held: a trust file, or the certificates that this repository holds itself. */
export type SealTrust = "trust-file" | "own";

/** What is said of a seal's certificate, as a part of a sentence. */
function standingText(standing: ReturnType<typeof sealCertificateState>, by: SealTrust): string {
  return SENTENCES[by][standing];
}

const SENTENCES: Readonly<Record<SealTrust, Readonly<Record<ReturnType<typeof sealCertificateState>, string>>>> = {
  "trust-file": {
    trusted: "its certificate is in the trust file and was valid then",
    "not-trusted": "its certificate is not in the trust file",
    expired: "its certificate is in the trust file, but was not valid then",
    unknown: "no trust file was at hand to judge its certificate by",
  },
  own: {
    trusted: "its certificate is one of this repository's own and was valid then",
    "not-trusted": "its certificate is none of this repository's own",
    expired: "its certificate is one of this repository's own, but was not valid then",
    unknown: "no certificate of this repository was at hand to compare its own with",
  },
};
