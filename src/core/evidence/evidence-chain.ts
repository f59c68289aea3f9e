/**
 * The walk from the newest time-stamp of the log back to the first that covers an entry (RFC 4998 section 5.3, in spirit): each is believed as long as its authority's certificates were good when the next one was
 * made, which has it in its tree; the newest, as long as they are good now.
 */
import { checkTimeStamp, type TimeStamp } from "../cms/check-time-stamp.ts";
import { doubtUntil } from "../cms/stamp-standing.ts";
import { readCertificate, subjectNameOf, type Certificate } from "../crypto/certificate.ts";
import { digestOf } from "../crypto/digest.ts";
import { leafHash } from "../crypto/merkle.ts";
import { verifyInclusion } from "../crypto/merkle-verify.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { AppError } from "../errors.ts";
import { parseEvidenceLeaf } from "../formats/log-evidence.ts";
import { joined, shelfOf, type RevocationShelf } from "../revocation/revocation-shelf.ts";
import { treeOfStamped } from "./stamped-tree.ts";

/** An entry of the log: its leaf's bytes and its place. */
export interface PlacedLeaf {
  readonly leaf: Uint8Array;
  readonly index: number;
}

/** A time-stamp over a tree of the log, and the audit path in that tree: of the entry that is to be proved, then of the time-stamp before. */
export interface EvidenceLink {
  readonly stamped: string;
  /** ContentInfo in DER. */
  readonly token: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  /** Lists (CRL) and answers (OCSP). */
  readonly revocations: readonly Uint8Array[];
  readonly inclusionProof: readonly Uint8Array[];
  /** The time-stamp's own entry. */
  readonly entry: PlacedLeaf;
}

export interface EvidenceTrust {
  /** Undefined: there is no trust file. */
  readonly authorities: readonly Certificate[] | undefined;
  readonly revocations: RevocationShelf;
  readonly now: Date;
}

/** A time-stamp by itself: what it says and who. */
export interface ToldTime {
  readonly at: Date;
  readonly name: string;
}

/**
 * `proven`: the entry was there by `at`. `lost`: an earlier time-stamp says a time that is proved no more, and why. `claimed`: nobody vouches for the newest. `false`: something is not over what it says.
 * `unchecked`: made in a way that is not known here. Reasons are clauses.
 */
export type AssessedEvidence =
  | {
      readonly kind: "proven";
      readonly at: Date;
      readonly name: string;
      readonly newest: ToldTime;
      readonly links: number;
      readonly lost?: ToldTime & { readonly reason: string };
    }
  | ({ readonly kind: "claimed"; readonly reason: string } & ToldTime)
  | { readonly kind: "false"; readonly reason: string }
  | { readonly kind: "unchecked"; readonly reason: string };

/** Links that are looked at: a hundred years of renewals have fewer. */
export const MOST_LINKS = 100;

/** Judges a chain, the oldest first; it has one link at least. */
export async function assessEvidence(links: readonly EvidenceLink[], entry: PlacedLeaf, trust: EvidenceTrust): Promise<AssessedEvidence> {
  if (links.length === 0 || links.length > MOST_LINKS) return { kind: "unchecked", reason: `it has ${links.length} time-stamps` };
  const stamps: TimeStamp[] = [];
  for (const [at, link] of links.entries()) {
    const fault = faultOfPlace(link, links[at - 1], entry);
    if (fault !== undefined) return { kind: "false", reason: fault };
    const checked = await checkTimeStamp(link.token, new TextEncoder().encode(link.stamped));
    if (checked.kind === "invalid") return { kind: "false", reason: checked.reason };
    if (checked.kind === "unsupported") return { kind: "unchecked", reason: checked.reason };
    stamps.push(checked.stamp);
  }
  return walkBack(links, stamps, trust);
}

async function walkBack(links: readonly EvidenceLink[], stamps: readonly TimeStamp[], trust: EvidenceTrust): Promise<AssessedEvidence> {
  let proven: (ToldTime & { readonly place: number }) | undefined;
  let newest: ToldTime | undefined;
  let until = trust.now;
  for (let place = stamps.length - 1; place >= 0; place -= 1) {
    const stamp = stamps[place] as TimeStamp;
    const told = { at: stamp.at, name: subjectNameOf(stamp.chain[0]) };
    const reason = await doubtOf(stamp, links.slice(place), until, trust);
    if (reason !== undefined) {
      if (proven === undefined || newest === undefined) return { kind: "claimed", reason, ...told };
      return { kind: "proven", at: proven.at, name: proven.name, newest, links: stamps.length - proven.place, lost: { ...told, reason } };
    }
    newest ??= told;
    proven = { ...told, place };
    until = stamp.at;
  }
  if (proven === undefined || newest === undefined) throw new RangeError("a chain without links");
  return { kind: "proven", at: proven.at, name: proven.name, newest, links: stamps.length };
}

/** Why a link does not lead to what is before it; undefined when it does. */
function faultOfPlace({ stamped, inclusionProof }: EvidenceLink, before: EvidenceLink | undefined, entry: PlacedLeaf): string | undefined {
  try {
    const { size, root } = treeOfStamped(stamped);
    const { leaf, index } = before?.entry ?? entry;
    if (before !== undefined && parseEvidenceLeaf(leaf).tokenDigest !== digestOf(before.token))
      return "a renewal is of another time-stamp than the one before it";
    return verifyInclusion(leafHash(leaf), index, size, inclusionProof, root) ? undefined : "what it is over does not hold the entry";
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Why a time-stamp is not believed until a moment; undefined when it is. What came with later ones is of use for it too. */
async function doubtOf(
  stamp: TimeStamp,
  links: readonly EvidenceLink[],
  until: Date,
  { authorities, revocations, now }: EvidenceTrust,
): Promise<string | undefined> {
  const others = links
    .flatMap(({ certificates }) => certificates.slice(0, SIGNATURE_LIMITS.certificates))
    .flatMap((der) => readCertificate(der) ?? []);
  const shelf = joined([revocations, shelfOf(links.flatMap((link) => link.revocations))]);
  return (await doubtUntil(stamp, until, { authorities, shelf, others, now }))?.reason;
}
