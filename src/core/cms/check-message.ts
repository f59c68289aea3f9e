/**
 * Checks each signer of a signed message by itself (RFC 5652 section 5.6): what is known of the signature without its content, and by what a content is known to be the one that was signed. Nothing
 * that no signature covers is believed: versions, the hashes named beforehand and the type of content are looked at where something signed says what they must be.
 */
import type { Certificate } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import type { Digest } from "../crypto/platform/platform.ts";
import { contentOf, DerError, identifierIn, TAG } from "../crypto/read-der.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { verifyValue } from "../crypto/signed-value.ts";
import type { ArchiveClaim } from "./archive-claim.ts";
import { archiveClaims } from "./hash-index.ts";
import { OID } from "./identifiers.ts";
import type { MessageSigner, SignedAttributes, SignedMessage } from "./signed-message.ts";
import { commitmentsIn, digestHashOf, isContradicted, keepsAlgorithms, namedCertificates, onlyValue, signingTimeIn } from "./signer-attributes.ts";

export type CheckedSigner =
  /** `unsupported`: nothing can be said. */
  | { readonly kind: "unsupported"; readonly reason: string; readonly hasNoCertificate?: boolean }
  | { readonly kind: "invalid"; readonly reason: string }
  | SoundSigner;

/** A signer whose signature is that of the certificate's key, as far as it can be known without the content. */
export interface SoundSigner {
  readonly kind: "sound";
  /** The signer's certificate, then those that may lead on from it. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  /** The signature's own attributes name another certificate. */
  readonly isContradicted: boolean;
  /** What the signer claims: an instant. */
  readonly signedAt: string | undefined;
  readonly commitments: readonly string[];
  readonly value: Uint8Array;
  readonly timeStamps: readonly Uint8Array[];
  /** Archive time-stamps, of a content that was found to be the one that was signed. */
  archived(content: Uint8Array | undefined): readonly ArchiveClaim[];
  /** Whether a content is the one that was signed; in words why that is not checked. `digest`: of the content by a hash. */
  covers(content: Uint8Array, digest: (hash: Digest) => Uint8Array): Promise<boolean | string>;
  /** Whether that is told by a digest alone, so that another content proves nothing against the signature itself. */
  readonly hasDigest: boolean;
}

/** Checks one signer. Never throws for what the message holds. */
export async function checkSigner(message: SignedMessage, signer: MessageSigner): Promise<CheckedSigner> {
  try {
    return await check(message, signer);
  } catch (error) {
    if (error instanceof DerError) return { kind: "unsupported", reason: "it is not built as it should be" };
    throw error;
  }
}

async function check(message: SignedMessage, signer: MessageSigner): Promise<CheckedSigner> {
  const told = digestHashOf(signer);
  if (typeof told === "string") return { kind: "unsupported", reason: told };
  const { digest } = told;
  const [named, ...others] = namedCertificates(signer, message.certificates);
  if (!named) return { kind: "unsupported", reason: "it does not bring the certificate that it names", hasNoCertificate: true };
  const { signed, value, timeStamps } = signer;
  const archived = (content: Uint8Array | undefined) => archiveClaims(message, signer, content);
  const soundBy = (certificate: Certificate) =>
    ({ kind: "sound", chain: chainFrom(certificate, message.certificates), value, timeStamps, archived }) as const;
  if (signed === undefined) {
    if (others.length > 0) return { kind: "unsupported", reason: "it brings several certificates of the kind that it names" };
    // Other types of content than plain bytes are signed with attributes only (section 5.3): what is signed without them could be taken for attributes, and the other way round.
    if (message.contentType !== OID.data) return { kind: "unsupported", reason: "its content is of another type than it may sign so" };
    const covers = (content: Uint8Array) => verifyValue({ ...signer, digest, body: content }, named);
    return { ...soundBy(named), isContradicted: false, signedAt: undefined, commitments: [], covers, hasDigest: false };
  }
  const certificate = await signerAmong([named, ...others], signed, { signer, digest });
  if (typeof certificate === "string") return { kind: "unsupported", reason: certificate };
  if (!certificate) return { kind: "invalid", reason: "the signature is not that of its certificate's key" };
  const { values } = signed;
  const contentType = onlyValue(values, OID.contentType);
  const messageDigest = onlyValue(values, OID.messageDigest);
  if (!contentType || !messageDigest) return { kind: "unsupported", reason: "its attributes do not say what is signed" };
  if (identifierIn(contentType) !== message.contentType) return { kind: "invalid", reason: "its attributes name another type of content" };
  if (!keepsAlgorithms(signer)) return { kind: "invalid", reason: "its attributes name other algorithms" };
  const expected = contentOf(messageDigest, TAG.octetString);
  return {
    ...soundBy(certificate),
    isContradicted: isContradicted(values, certificate),
    signedAt: signingTimeIn(values),
    commitments: commitmentsIn(values),
    covers: (_, digestOf) => Promise.resolve(equalBytes(digestOf(digest), expected)),
    hasDigest: true,
  };
}

/** The certificate whose key signed; undefined where none did, in words why that cannot be said. */
async function signerAmong(
  candidates: readonly Certificate[],
  signed: SignedAttributes,
  how: { readonly signer: MessageSigner; readonly digest: Digest },
): Promise<Certificate | string | undefined> {
  let reason: string | undefined;
  for (const certificate of candidates) {
    const isSigned = await isAnySigned(signed, { ...how, certificate });
    if (isSigned === true) return certificate;
    if (typeof isSigned === "string") reason = isSigned;
  }
  return reason;
}

/** As the attributes came, or in DER's order: senders do either. */
async function isAnySigned(
  { encodings }: SignedAttributes,
  { signer, digest, certificate }: { readonly signer: MessageSigner; readonly digest: Digest; readonly certificate: Certificate },
): Promise<boolean | string> {
  for (const body of encodings) {
    const result = await verifyValue({ ...signer, digest, body }, certificate);
    if (result !== false) return result;
  }
  return false;
}

/** A signer's certificate, those that it leads to by name, then others, as many as a way is sought through. */
function chainFrom(certificate: Certificate, all: readonly Certificate[]): readonly [Certificate, ...Certificate[]] {
  const chain: [Certificate, ...Certificate[]] = [certificate];
  let others = all.filter((other) => other !== certificate);
  for (let at = 0; at < chain.length && chain.length < SIGNATURE_LIMITS.certificates; at += 1) {
    const current = chain[at] as Certificate;
    const issuers = others.filter((other) => current.namesIssuer(other));
    chain.push(...issuers);
    others = others.filter((other) => !issuers.includes(other));
  }
  return [certificate, ...[...chain.slice(1), ...others].slice(0, SIGNATURE_LIMITS.certificates - 1)];
}
