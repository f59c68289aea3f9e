import type { ArchiveClaim } from "../cms/archive-claim.ts";
import type { TimeStamp } from "../cms/check-time-stamp.ts";
import type { TimeClaim } from "../cms/proven-time.ts";
import type { RevocationInformation } from "../cms/signed-message.ts";
import type { Certificate } from "../crypto/certificate.ts";
import type { SignatureCheck, SignatureResult } from "./signature-check.ts";

/** What one signature came to by its own form, before it is asked who made it. */
export interface Finding {
  readonly form: SignatureCheck["form"];
  readonly block: SignatureResult;
  readonly content: SignatureResult;
  /** Why not both are valid: a clause about *it*. */
  readonly reason?: string;
  /** The certificates that it brings, the signer's first; only where the block is valid under that one's key. */
  readonly chain?: readonly Certificate[];
  /** The certificate is not the one that the signature itself names by its digest. */
  readonly isContradicted?: boolean;
  /** A time that the signature covers, as it is written; only where the block is valid. */
  readonly signedAt?: string;
  /** What the signature is meant for, as it says itself: object identifiers in dots (ETSI TS 119 172-1 annex B; ASTM E1762). Only where the block is valid. */
  readonly commitments?: readonly string[];
  /** Time-stamps that stand beside it; nothing of them is checked. */
  readonly timeStamps?: readonly TimeClaim[];
  /** Time-stamps beside it over all that stood there; nothing of them is checked. */
  readonly archiveStamps?: readonly ArchiveClaim[];
  /** What it brings to tell whether certificates were revoked; nothing of it is checked. */
  readonly revocation?: RevocationInformation;
  /** No certificate came along. */
  readonly hasNoCertificate?: boolean;
}

/** A finding whose time-stamps were checked. */
export interface StampedFinding extends Omit<Finding, "timeStamps" | "archiveStamps" | "revocation"> {
  /** Lists of revoked certificates (CRL) and answers about one (OCSP) in DER that came along; whatever they are, they prove nothing by themselves. */
  readonly revocations?: readonly Uint8Array[];
  /** Those of the signature's value, or of all that stands there, that are right as far as their own keys go, and that nothing speaks against. */
  readonly timeStamps?: readonly TimeStamp[];
}

/** Nothing can be said, for this reason. */
export function unchecked(form: Finding["form"], reason: string): Finding {
  return { form, block: "not-checked", content: "not-checked", reason };
}

/** The reason of a content that is not valid under a block that is. Deposit records are read by it: it is not to be changed. */
export const CONTENT_DIFFERS = "the content is not what was signed";
