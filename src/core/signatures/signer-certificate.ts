/** What a signer's certificate is worth at the time of signing. */
import { CheckedSums, checkPath, type CertificateState, type CheckedPath } from "../crypto/certificate-path.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { digestOf } from "../crypto/digest.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { revocationOf, type RevocationFinding } from "../revocation/path-revocation.ts";
import { shelfOf } from "../revocation/revocation-shelf.ts";
import { decisiveTime, type DecisiveTime } from "./decisive-time.ts";
import type { Judgement, ReliedOn, SignatureCheck } from "./signature-check.ts";
import type { StampedFinding } from "./signature-finding.ts";
import type { SignerTrust } from "./signer-trust.ts";

export interface CertificateCheck extends Pick<SignatureCheck, "certificate" | "standing"> {
  /** A clause for a person. */
  readonly sentence: string;
  /** For when it was judged; absent where it was not. */
  readonly time?: DecisiveTime;
  /** What a valid certificate rests on: the way from the trust list to the signer, and lists and answers (CRL, OCSP) in DER that tell that nobody on it had been revoked. */
  readonly evidence?: { readonly path: readonly Certificate[]; readonly revocations: readonly Uint8Array[] };
  /** `good`: nobody on the way had been revoked. `unknown`: that is not told. `none`: there is nobody to ask about. Of a valid certificate. */
  readonly revocation?: RevocationFinding["kind"];
}

/**
 * Judges the certificate of a signature whose block is valid; of any other nothing is said, since it may be copied. The time is the one that the signature covers, or that a time-stamp
 * proves. Without one, or when it lies after `receivedAt`, the moment of receipt stands in for it, and then only what was valid at that moment is known to have been so.
 */
export async function checkCertificate(
  finding: StampedFinding,
  trust: SignerTrust | undefined,
  receivedAt: Date,
  { sums = new CheckedSums(), now = new Date() }: { readonly sums?: CheckedSums | undefined; readonly now?: Date } = {},
): Promise<CertificateCheck> {
  const { block, chain, signedAt, isContradicted, hasNoCertificate, timeStamps = [] } = finding;
  if (hasNoCertificate === true) return unchecked("none", "it brought no certificate");
  if (block !== "valid" || chain?.[0] === undefined) return unchecked("unknown", "its certificate was not judged");
  if (isContradicted === true)
    return { certificate: "invalid", standing: "not-trusted", sentence: "the certificate is not the one that the signature names" };
  const time = await decisiveTime(signedAt, timeStamps, { receivedAt, timeAuthorities: trust?.timeAuthorities });
  const check = trust
    ? { ...(await judge(chain, trust, time, finding, { sums, now })), time }
    : unchecked("unknown", "no trust file was at hand to judge the certificate by");
  return time.isFuture ? { ...check, ...(check.certificate === "valid" && NOT_PROVED), sentence: `${FUTURE}; ${check.sentence}` } : check;
}

/** By what a certificate was judged, and what that rests on, as they are recorded; nothing where it was not judged. */
export function judgementIn(
  { time, evidence }: CertificateCheck,
  certificate: Certificate | undefined,
  trust: SignerTrust | undefined,
): Pick<SignatureCheck, "judged" | "restsOn"> {
  if (!time || !certificate || !trust) return {};
  const relied = (kind: ReliedOn["kind"], raw: Uint8Array): ReliedOn => {
    // A copy of its own: it may lie within something larger, all of which would go with it to another thread.
    const isKept = raw.length <= SIGNATURE_LIMITS.reliedOn;
    return { kind, digest: digestOf(raw), ...(isKept && { der: Uint8Array.from(raw) }) };
  };
  // One that stands on the list itself is named by its digest already.
  const restsOn = evidence &&
    evidence.path.length > 1 && [
      ...evidence.path.map(({ raw }) => relied("certificate", raw)),
      ...evidence.revocations.map((raw) => relied("revocation", raw)),
    ];
  return { judged: judgementOf(time, certificate, trust), ...(restsOn && { restsOn }) };
}

/** Each thing that several signatures of a document rest on once, and no more of them than are kept together: of the others the digest. */
export function keptOnce(checks: readonly SignatureCheck[]): SignatureCheck[] {
  const seen = new Set<string>();
  let room: number = SIGNATURE_LIMITS.reliedOnTogether;
  return checks.map((check) => {
    const restsOn = check.restsOn
      ?.filter(({ digest }) => !seen.has(digest))
      .map(({ der, ...one }) => {
        seen.add(one.digest);
        if (der === undefined || der.length > room) return one;
        room -= der.length;
        return { ...one, der };
      });
    return restsOn ? { ...check, restsOn } : check;
  });
}

/** By what a certificate was judged, as it is recorded. The digest of a trust list is that of the digests of its certificates (DER), sorted, a line feed behind each. */
function judgementOf({ moment, basis }: DecisiveTime, certificate: Certificate, { signers }: SignerTrust): Judgement {
  const digests = signers.map(({ raw }) => `${digestOf(raw)}\n`).sort();
  return { at: moment.toISOString(), basis, certificate: digestOf(certificate.raw), trust: digestOf(digests.join("")) };
}

const FUTURE = "the signing time that it states lies after its receipt and proves nothing";
const NOT_PROVED = { certificate: "not-checked", standing: "unknown" } as const;

async function judge(
  chain: readonly Certificate[],
  trust: SignerTrust,
  time: DecisiveTime,
  { revocations = [] }: StampedFinding,
  { sums, now }: { readonly sums: CheckedSums; readonly now: Date },
): Promise<CertificateCheck> {
  const { signers, source, needsRevocation = false } = trust;
  const { moment, existedBy } = time;
  const brought = revocations.filter(({ length }) => length <= SIGNATURE_LIMITS.revocation).slice(0, SIGNATURE_LIMITS.revocations);
  const shelves = [shelfOf(brought), ...(trust.revocations ? [trust.revocations] : [])];
  let looked: RevocationFinding | undefined;
  const judged = await checkPath({
    ...{ chain, anchors: signers, moment, sums },
    objection: async (path) => {
      const others = [...chain.slice(1), ...signers];
      const found = await revocationOf(path, { shelves, source, moment, existedBy, now, isRequired: needsRevocation, others, sums });
      if ("state" in found) return found;
      looked = found;
      return undefined;
    },
  });
  return judged.state === "trusted" && looked ? trusted(judged, looked, time) : untrusted(judged, time);
}

/** How the moment is called. */
const WHEN: Readonly<Record<DecisiveTime["basis"], string>> = {
  signed: "when it was signed",
  stamped: "when it was time-stamped",
  received: "when it was received",
};

function trusted({ path = [] }: CheckedPath, { kind, reason, evidence }: RevocationFinding, { basis }: DecisiveTime): CertificateCheck {
  const told = {
    good: ", and had not been revoked",
    unknown: ` (whether it had been revoked is not known${reason === undefined ? "" : `: what tells of it does not count, since ${reason}`})`,
    none: "",
  }[kind];
  const sentence = `the certificate is trusted and was valid ${WHEN[basis]}${told}`;
  return { certificate: "valid", standing: "trusted", sentence, evidence: { path, revocations: evidence }, revocation: kind };
}

function untrusted({ state, reason = "" }: CheckedPath, { basis }: DecisiveTime): CertificateCheck {
  // Nobody knows since when it was there: it may have been signed when the certificate was valid.
  if (state === "expired" && basis !== "signed")
    return unchecked("unknown", `the certificate leads to the trust file, but was not valid ${WHEN[basis]}, and no time of signing is proved`);
  return UNTRUSTED[state](reason);
}

const UNTRUSTED: Readonly<Record<CertificateState, (reason: string) => CertificateCheck>> = {
  trusted: () => unchecked("unknown", "its certificate was not judged"),
  "not-trusted": () => unchecked("not-trusted", "nobody in the trust file vouches for the certificate"),
  refused: (reason) => unchecked("not-trusted", `the certificate leads to the trust file in a way that does not count: ${reason}`),
  undecided: (reason) => unchecked("unknown", reason),
  expired: () => ({
    certificate: "invalid",
    standing: "expired",
    sentence: "the certificate leads to the trust file, but was not valid when it was signed",
  }),
  revoked: (reason) => ({ certificate: "invalid", standing: "not-trusted", sentence: reason }),
  forged: () => ({
    certificate: "invalid",
    standing: "not-trusted",
    sentence: "the certificate names an authority of the trust file that did not sign it",
  }),
};

function unchecked(standing: SignatureCheck["standing"], sentence: string): CertificateCheck {
  return { certificate: "not-checked", standing, sentence };
}
