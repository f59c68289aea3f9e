/** From a signer's certificate to one that is trusted (RFC 5280 section 6, as far as docs/formats.md says), at a bounded cost. */
import { fromHex, includesBytes } from "./bytes.ts";
import { isSameCertificate, isValidAt, type Certificate, type PublicKey } from "./certificate.ts";
import { SIGNATURE_LIMITS } from "./signature-limits.ts";

/**
 * A certificate's standing at a moment. `expired`: it leads to an anchor, but one on the way was not valid then. `forged`: it names an anchor's very key as its issuer,
 * which did not sign it. `undecided`: there were more ways than are tried.
 */
export type CertificateState = "trusted" | "not-trusted" | "expired" | "forged" | "undecided";

const LONGEST_PATH = 6;

/**
 * Whether the first certificate of a chain is an anchor, or leads to one by signatures of authorities (basicConstraints CA), each valid at that moment. The other
 * certificates of the chain are the sender's own suggestion: they may only lead the way, and each is tried once. Revocation, name constraints and policies are not looked at.
 */
export async function certificateState(chain: readonly Certificate[], anchors: readonly Certificate[], moment: Date): Promise<CertificateState> {
  const search = new PathSearch(anchors);
  const isValid = (certificate: Certificate): boolean => isValidAt(certificate, moment);
  // The shortest way through what was valid then comes first: one through an expired certificate says nothing against it.
  if (await search.reaches(chain, isValid)) return "trusted";
  if (await search.reaches(chain, () => true)) return "expired";
  if (search.isExhausted) return "undecided";
  return search.isForged ? "forged" : "not-trusted";
}

/** Whether a key is of a kind and size that is checked with, so that no sender chooses what a check costs. */
export function isUsableKey({ keyType, modulusLength = 0, publicExponent = 0n, curve }: PublicKey): boolean {
  if (keyType === "rsa" || keyType === "rsa-pss")
    return modulusLength >= SIGNATURE_LIMITS.shortestRsaKey && modulusLength <= SIGNATURE_LIMITS.longestRsaKey && publicExponent < LARGEST_EXPONENT;
  // A curve without a name is the sender's own.
  return keyType === "ec" ? curve !== undefined : keyType === "ed25519" || keyType === "ed448";
}

/** Real ones are 3 or 65537; FIPS 186-5 allows 256 bits, which would make each check as dear as a signature. */
const LARGEST_EXPONENT = 1n << 33n;

class PathSearch {
  isForged = false;
  isExhausted = false;
  readonly #anchors: readonly Certificate[];
  readonly #known = new Map<Certificate, Map<Certificate, boolean>>();
  #checks = 0;

  constructor(anchors: readonly Certificate[]) {
    this.#anchors = anchors;
  }

  /** Breadth first, so that the shortest way is found, with each certificate of the chain taken once. */
  async reaches([signer, ...suggested]: readonly Certificate[], isAllowed: (certificate: Certificate) => boolean): Promise<boolean> {
    if (signer === undefined || !isAllowed(signer)) return false;
    if (this.#isAnchor(signer)) return true;
    const anchors = this.#anchors.filter(isAllowed);
    let untried = suggested.filter(isAllowed);
    let level = [signer];
    for (let length = 2; length <= LONGEST_PATH && level.length > 0; length += 1) {
      for (const certificate of level) for (const anchor of anchors) if (await this.#isIssuedBy(certificate, anchor, true)) return true;
      const next: Certificate[] = [];
      for (const issuer of untried) if (await this.#issuesAny(issuer, level)) next.push(issuer);
      untried = untried.filter((issuer) => !next.includes(issuer));
      level = next;
    }
    return false;
  }

  #isAnchor(certificate: Certificate): boolean {
    return this.#anchors.some((anchor) => isSameCertificate(anchor, certificate));
  }

  async #issuesAny(issuer: Certificate, certificates: readonly Certificate[]): Promise<boolean> {
    for (const certificate of certificates) if (await this.#isIssuedBy(certificate, issuer, false)) return true;
    return false;
  }

  async #isIssuedBy(certificate: Certificate, issuer: Certificate, isAnchor: boolean): Promise<boolean> {
    // Names chain, and where both name keys, so do these (OpenSSL's X509_check_issued).
    if (!issuer.isAuthority || !certificate.namesIssuer(issuer)) return false;
    const known = this.#known.get(certificate) ?? new Map<Certificate, boolean>();
    this.#known.set(certificate, known);
    const before = known.get(issuer);
    if (before !== undefined) return before;
    if (this.#checks >= SIGNATURE_LIMITS.pathChecks) {
      this.isExhausted = true;
      return false;
    }
    this.#checks += 1;
    const isSigned = isUsableKey(issuer.publicKey) ? await certificate.isSignedBy(issuer) : undefined;
    if (isSigned === false && isAnchor && namesKeyOfIssuer(certificate, issuer)) this.isForged = true;
    known.set(issuer, isSigned ?? false);
    return isSigned ?? false;
  }
}

/**
 * Whether a certificate that chains by name says by which key it was issued. Then `namesIssuer` compared the two; without it, another authority of the same name, such as
 * the same one with its former key, may well have issued it.
 */
function namesKeyOfIssuer(certificate: Certificate, issuer: Certificate): boolean {
  return includesBytes(certificate.raw, AUTHORITY_KEY_ID) && includesBytes(issuer.raw, SUBJECT_KEY_ID);
}

/** The object identifiers 2.5.29.35 and 2.5.29.14 in DER. */
const AUTHORITY_KEY_ID = fromHex("0603551d23");
const SUBJECT_KEY_ID = fromHex("0603551d0e");
