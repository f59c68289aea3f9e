/** Whether a path of certificates keeps to RFC 5280 section 6.1, signatures and revocation apart, which others check. */
import { isValidAt, subjectNameOf, type Certificate } from "./certificate.ts";
import { PolicyWalk, type PolicyQuestion } from "./certificate-policies.ts";
import { readRules, USAGE, type CertificateRules } from "./certificate-rules.ts";
import { isAllowed } from "./general-names.ts";
import { DerError } from "./read-der.ts";
import { SIGNATURE_LIMITS } from "./signature-limits.ts";

/** What a key is asked to have been for. */
export interface CertificateUse {
  /** keyUsage must have one of these bits, where it is there. */
  readonly usage: number;
  /** extendedKeyUsage must name one of these purposes, where it is there; undefined: it is not asked. */
  readonly purposes: ReadonlySet<string> | undefined;
  /** Whether an authority's own key counts. */
  readonly mayBeAuthority: boolean;
}

const ANY_PURPOSE = "2.5.29.37.0";

/**
 * Signatures of documents: by a key for signatures or for what cannot be denied. Purposes are those under which documents are signed: any, email (S/MIME), documents (RFC 9336, and
 * what Microsoft and Adobe had before it). An authority's key vouches for others; whoever holds it signs certificates, not documents.
 */
export const FOR_DOCUMENTS: CertificateUse = {
  usage: USAGE.digitalSignature | USAGE.nonRepudiation,
  purposes: new Set(["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"]),
  mayBeAuthority: false,
};

/** Time-stamps (RFC 3161 section 2.3). */
export const FOR_TIME_STAMPS: CertificateUse = { ...FOR_DOCUMENTS, purposes: new Set(["1.3.6.1.5.5.7.3.8"]) };

/** Lists of revoked certificates, by an authority or by whom it names for them. */
export const FOR_REVOCATION_LISTS: CertificateUse = { usage: USAGE.crlSign, purposes: undefined, mayBeAuthority: true };

/**
 * Why a path does not count. `refused`: a rule forbids it. `undecided`: it holds something that is not known here. `expired`, `revoked`: all else is right, but for one that was not valid at the
 * moment. The later, the more is proved by it.
 */
export const FAULTS = ["undecided", "refused", "revoked", "expired"] as const;

export interface PathFault {
  readonly state: (typeof FAULTS)[number];
  /** A clause for a person, about *the certificate* or one on the way to the trust list. */
  readonly reason: string;
}

/** Since then no authority may sign so, and since 2020 others can make it sign what they like; what was signed before then was signed as it should be. */
const END_OF_SHA1 = new Date("2017-01-01T00:00:00Z");

/** Reads what certificates say, each once. */
export class RuleReader {
  readonly #read = new Map<Certificate, CertificateRules | DerError>();

  /** DerError where the certificate cannot be read strictly. */
  rulesOf(certificate: Certificate): CertificateRules {
    const known = this.#read.get(certificate) ?? readOrError(certificate);
    this.#read.set(certificate, known);
    if (known instanceof DerError) throw known;
    return known;
  }
}

function readOrError(certificate: Certificate): CertificateRules | DerError {
  try {
    return readRules(certificate);
  } catch (error) {
    // A string that is no text, a number that is none: what was read is at fault, whatever noticed it.
    return error instanceof DerError ? error : new DerError("a value that is none");
  }
}

/**
 * @param path from the anchor to whoever signed
 * @returns undefined where every rule is kept
 */
export function faultOfPath(
  path: readonly Certificate[],
  { moment, use, policies = {} }: { readonly moment: Date; readonly use: CertificateUse; readonly policies?: PolicyQuestion | undefined },
  reader: RuleReader,
): PathFault | undefined {
  const rules: CertificateRules[] = [];
  for (const certificate of path) {
    try {
      rules.push(reader.rulesOf(certificate));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      return { state: "undecided", reason: `${whose(path, certificate)} is not written as RFC 5280 has it: ${error.message}` };
    }
  }
  const weak = path.find((certificate, at) => at > 0 && rules[at]?.method?.hash === "sha1" && certificate.validFrom >= END_OF_SHA1);
  if (weak) return { state: "undecided", reason: `${whose(path, weak)} is signed over SHA-1, of a time when that proved nothing any more` };
  const fault = faultOfUse(path, rules, use) ?? faultOfIssuers(path, rules, use) ?? faultOfNames(path, rules) ?? faultOfPolicies(rules, policies);
  if (fault !== undefined) return fault;
  const late = path.find((certificate) => !isValidAt(certificate, moment));
  return late && { state: "expired", reason: `${whose(path, late)} was not valid then` };
}

/** What the signer's own certificate is for. */
function faultOfUse(path: readonly Certificate[], rules: readonly CertificateRules[], use: CertificateUse): PathFault | undefined {
  const own = rules.at(-1);
  if (own === undefined) return refused("there is no certificate");
  if (own.isAuthority && !use.mayBeAuthority) return refused("the certificate is an authority's, whose key signs certificates, not documents");
  if (own.keyUsage !== undefined && (own.keyUsage & use.usage) === 0) return refused("the certificate's key is not one for this use (key usage)");
  if (!hasPurpose(own, use)) return refused("the certificate is for other purposes (extended key usage)");
  // Whoever put a certificate on the list itself knows what it says.
  if (path.length === 1) return undefined;
  for (const [at, { unknown }] of rules.entries()) {
    const certificate = path[at];
    if (unknown.length > 0 && certificate)
      return {
        state: "undecided",
        reason: `${whose(path, certificate)} has a critical extension that is not known here (${unknown.join(", ").slice(0, 100)})`,
      };
  }
  return undefined;
}

function faultOfIssuers(path: readonly Certificate[], rules: readonly CertificateRules[], use: CertificateUse): PathFault | undefined {
  let room = Number.POSITIVE_INFINITY;
  for (const [at, issuer] of rules.slice(0, -1).entries()) {
    const certificate = path[at];
    const name = certificate ? quoted(certificate) : "";
    if (issuer.subject.length === 0) return refused("an authority on the way has no name");
    if (!issuer.isAuthority) return refused(`${name} issued a certificate and is no authority (basic constraints)`);
    if (issuer.keyUsage !== undefined && (issuer.keyUsage & USAGE.keyCertSign) === 0)
      return refused(`${name} issued a certificate with a key that is not for it (key usage)`);
    if (use.purposes !== undefined && !hasPurpose(issuer, use)) return refused(`${name} issues certificates for other purposes (extended key usage)`);
    // The anchor itself is none of those that are counted.
    if (at > 0 && !issuer.isSelfIssued) {
      if (room <= 0) return refused(`more authorities stand between the certificate and the trust file than one of them allows (path length)`);
      room -= 1;
    }
    room = Math.min(room, issuer.pathLength ?? room);
  }
  return undefined;
}

function hasPurpose({ purposes }: CertificateRules, { purposes: wanted }: CertificateUse): boolean {
  return purposes === undefined || wanted === undefined || purposes.some((purpose) => purpose === ANY_PURPOSE || wanted.has(purpose));
}

/** Every name below an authority lies within what it and those above it are limited to; their own new certificates apart (section 6.1.3 b). */
function faultOfNames(path: readonly Certificate[], rules: readonly CertificateRules[]): PathFault | undefined {
  let comparisons = 0;
  for (const [at, { names, isSelfIssued }] of rules.entries()) {
    const isLast = at === rules.length - 1;
    if (at === 0 || (isSelfIssued && !isLast)) continue;
    const certificate = path[at] as Certificate;
    for (const { constraints } of rules.slice(0, at)) {
      if (!constraints) continue;
      comparisons += names.length * (constraints.permitted.length + constraints.excluded.length);
      if (comparisons > SIGNATURE_LIMITS.nameComparisons) return { state: "undecided", reason: "its authorities limit more names than are compared" };
      for (const name of names) {
        const answer = isAllowed(name, constraints);
        if (answer === false) return refused(`${whose(path, certificate)} has a name that its authorities may not vouch for (name constraints)`);
        if (answer === "unknown")
          return {
            state: "undecided",
            reason: `${whose(path, certificate)} has a name of a form whose limits cannot be compared (name constraints)`,
          };
      }
    }
  }
  return undefined;
}

function faultOfPolicies(rules: readonly CertificateRules[], question: PolicyQuestion): PathFault | undefined {
  const below = rules.slice(1);
  if (below.length === 0) return undefined;
  const walk = new PolicyWalk(question, below.length);
  for (const [at, { policy, isSelfIssued }] of below.entries())
    if (!walk.take(policy, { isSelfIssued, isLast: at === below.length - 1 }))
      return refused("its authorities ask for a policy that the certificates do not share (certificate policies)");
  return undefined;
}

function refused(reason: string): PathFault {
  return { state: "refused", reason };
}

function whose(path: readonly Certificate[], certificate: Certificate): string {
  return certificate === path.at(-1) ? "the certificate" : `the certificate of ${quoted(certificate)} on the way to the trust file`;
}

/** A name that whoever issued it chose: short, and without what would change the line. */
function quoted(certificate: Certificate): string {
  return subjectNameOf(certificate).replace(/\s+/g, " ").slice(0, 80);
}
