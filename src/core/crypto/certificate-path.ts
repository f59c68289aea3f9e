/** From a signer's certificate to one that is trusted, by the rules of RFC 5280 section 6 (path-rules.ts), at a bounded cost. */
import { fromHex, includesBytes } from "./bytes.ts";
import { isSameCertificate, thumbprintOf, type Certificate, type PublicKey } from "./certificate.ts";
import { fieldsOf } from "./certificate-fields.ts";
import type { PolicyQuestion } from "./certificate-policies.ts";
import { toHex } from "./bytes.ts";
import { equalBytes } from "./digest.ts";
import { FAULTS, faultOfPath, FOR_DOCUMENTS, RuleReader, type CertificateUse, type PathFault } from "./path-rules.ts";
import { DerError } from "./read-der.ts";
import { SIGNATURE_LIMITS } from "./signature-limits.ts";

/**
 * A certificate's standing at a moment. `expired`, `revoked`: it leads to an anchor, but one on the way was not valid then. `refused`: it leads to one, against a rule. `forged`: it names an
 * anchor's very key as its issuer, which did not sign it. `undecided`: there were more ways than are tried, or the way holds what is not known here.
 */
export type CertificateState = "trusted" | "not-trusted" | "forged" | PathFault["state"];

export interface CheckedPath {
  readonly state: CertificateState;
  /** Of a fault: a clause for a person. */
  readonly reason?: string;
  /** From the anchor to the signer: of `trusted`. */
  readonly path?: readonly Certificate[];
}

export interface PathQuestion {
  /** The signer's certificate first. The others are the sender's own suggestion: they may only lead the way. */
  readonly chain: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly moment: Date;
  /** Signing documents, where nothing is said. */
  readonly use?: CertificateUse | undefined;
  readonly policies?: PolicyQuestion | undefined;
  /** What was computed before. */
  readonly sums?: CheckedSums | undefined;
  /** Asked of a path that keeps every rule: whether something else stands against it, such as a revocation. */
  readonly objection?: ((path: readonly Certificate[]) => Promise<PathFault | undefined>) | undefined;
}

/** The state alone; of a chain whose certificate is to sign documents, unless another use is named. */
export async function certificateState(
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
  moment: Date,
  use: CertificateUse = FOR_DOCUMENTS,
): Promise<CertificateState> {
  return (await checkPath({ chain, anchors, moment, use })).state;
}

/** Looks for a way from the first certificate of a chain to an anchor that every rule allows; without one, for what is proved against all that there are. */
export function checkPath(question: PathQuestion): Promise<CheckedPath> {
  return new PathSearch(question).judge();
}

/** Whether a key is of a kind and size that is checked with, so that no sender chooses what a check costs. */
export function isUsableKey({ keyType, modulusLength = 0, publicExponent = 0n, curve }: PublicKey): boolean {
  if (keyType === "rsa" || keyType === "rsa-pss")
    return modulusLength >= SIGNATURE_LIMITS.shortestRsaKey && modulusLength <= SIGNATURE_LIMITS.longestRsaKey && publicExponent < LARGEST_EXPONENT;
  // A curve without a name is the sender's own; names tell how many bits they have.
  return keyType === "ec" ? Number(/\d{3}/.exec(curve ?? "")?.[0] ?? 0) >= SHORTEST_CURVE : keyType === "ed25519" || keyType === "ed448";
}

/** Bits of a curve whose keys nobody computes (NIST SP 800-57: 112 bits of security). */
const SHORTEST_CURVE = 224;

/** Real ones are 3 or 65537; FIPS 186-5 allows 256 bits, which would make each check as dear as a signature. */
const LARGEST_EXPONENT = 1n << 33n;

/** Which certificate's key signed which: remembered by the digests of both, the newest of them. */
export class CheckedSums {
  readonly #known = new Map<string, boolean | undefined>();
  readonly #most: number;

  constructor(most = 1000) {
    this.#most = most;
  }

  /** Undefined where it cannot be said here. @param onSum told before something is computed; false forbids it, and then nothing is remembered */
  async isSignedBy(certificate: Certificate, issuer: Certificate, onSum: () => boolean): Promise<boolean | undefined> {
    const key = `${toHex(thumbprintOf(certificate))} ${toHex(thumbprintOf(issuer))}`;
    if (this.#known.has(key)) return this.#known.get(key);
    if (!onSum()) return undefined;
    const isSigned = isUsableKey(issuer.publicKey) && isKnownMethod(certificate) ? await certificate.isSignedBy(issuer) : undefined;
    this.#known.set(key, isSigned);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
    return isSigned;
  }
}

/** OpenSSL knows more ways to sign than count: MD5 among them. */
function isKnownMethod(certificate: Certificate): boolean {
  try {
    return fieldsOf(certificate).method !== undefined;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** Breadth first from the signer, so that the shortest way comes first. A way is gone on with only where the signature holds and the same name and key did not occur on it before. */
class PathSearch {
  readonly #question: PathQuestion;
  readonly #reader = new RuleReader();
  readonly #sums: CheckedSums;
  readonly #faults: PathFault[] = [];
  #checks = 0;
  #steps = 0;
  #isForged = false;
  #isExhausted = false;
  #isUnknown = false;

  constructor(question: PathQuestion) {
    this.#question = question;
    this.#sums = question.sums ?? new CheckedSums();
  }

  async judge(): Promise<CheckedPath> {
    const { chain, anchors } = this.#question;
    const [signer, ...suggested] = chain;
    if (signer === undefined) return { state: "not-trusted" };
    const path = await this.#find(signer, unique(suggested), anchors);
    if (path !== undefined) return { state: "trusted", path };
    if (this.#isExhausted) return { state: "undecided", reason: "the certificates that came along lead too many ways to try them all" };
    // What is proved least counts: another way may be the one that was meant.
    const fault = FAULTS.map((state) => this.#faults.find((each) => each.state === state)).find((each) => each !== undefined);
    if (fault !== undefined) return fault;
    if (this.#isForged) return { state: "forged" };
    return this.#isUnknown
      ? { state: "undecided", reason: "a certificate on the way is signed in a way that is not checked here" }
      : { state: "not-trusted" };
  }

  async #find(signer: Certificate, suggested: readonly Certificate[], anchors: readonly Certificate[]): Promise<readonly Certificate[] | undefined> {
    if (anchors.some((anchor) => isSameCertificate(anchor, signer)) && (await this.#holds([signer]))) return [signer];
    let ways: (readonly Certificate[])[] = [[signer]];
    for (let length = 2; length <= SIGNATURE_LIMITS.pathLength && ways.length > 0; length += 1) {
      for (const way of ways)
        for (const anchor of anchors) {
          const whole = [anchor, ...way];
          if (!this.#isRepeated(anchor, way) && (await this.#isIssuedBy(way, anchor, true)) && (await this.#holds(whole))) return whole;
        }
      const next: (readonly Certificate[])[] = [];
      for (const way of ways)
        for (const issuer of suggested)
          if (!this.#isRepeated(issuer, way) && (await this.#isIssuedBy(way, issuer, false))) next.push([issuer, ...way]);
      ways = next;
    }
    return undefined;
  }

  async #holds(path: readonly Certificate[]): Promise<boolean> {
    const { moment, use = FOR_DOCUMENTS, policies, objection } = this.#question;
    const fault = faultOfPath(path, { moment, use, policies }, this.#reader) ?? (await objection?.(path));
    if (fault !== undefined) this.#faults.push(fault);
    return fault === undefined;
  }

  /** Whether somebody with this name and key stands on the way already. */
  #isRepeated(certificate: Certificate, way: readonly Certificate[]): boolean {
    try {
      const own = this.#reader.rulesOf(certificate);
      return way.some((other) => {
        const { subjectDer, keyInfo } = this.#reader.rulesOf(other);
        return equalBytes(subjectDer, own.subjectDer) && equalBytes(keyInfo, own.keyInfo);
      });
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return way.some((other) => isSameCertificate(other, certificate));
    }
  }

  async #isIssuedBy([certificate]: readonly Certificate[], issuer: Certificate, isAnchor: boolean): Promise<boolean> {
    // Names chain, and where both name keys, so do these (OpenSSL's X509_check_issued).
    if (certificate === undefined || !issuer.isAuthority || !certificate.namesIssuer(issuer)) return false;
    this.#steps += 1;
    if (this.#steps > SIGNATURE_LIMITS.pathSteps) {
      this.#isExhausted = true;
      return false;
    }
    const isSigned = await this.#sums.isSignedBy(certificate, issuer, () => {
      this.#isExhausted ||= this.#checks >= SIGNATURE_LIMITS.pathChecks;
      if (!this.#isExhausted) this.#checks += 1;
      return !this.#isExhausted;
    });
    if (isSigned === false && isAnchor && namesKeyOfIssuer(certificate, issuer)) this.#isForged = true;
    if (isSigned === undefined) this.#isUnknown = true;
    return isSigned ?? false;
  }
}

function unique(certificates: readonly Certificate[]): Certificate[] {
  return certificates.filter((certificate, at) => certificates.findIndex((other) => isSameCertificate(other, certificate)) === at);
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
