/**
 * Which time-stamps beside a signature still count. Each does as long as the certificates behind it are good, and for longer where an archive time-stamp, made before their end, is over it and counts itself
 * (ETSI EN 319 102-1 section 5.6; RFC 4998 in spirit): so the walk goes from the newest back.
 */
import { checkTimeStamp, statedIn, type TimeStamp } from "../cms/check-time-stamp.ts";
import type { ArchiveClaim, ArchiveCover } from "../cms/archive-claim.ts";
import { derOrAsItIs, type TimeClaim } from "../cms/proven-time.ts";
import { doubtUntil, type StampDoubt, type StampTrust } from "../cms/stamp-standing.ts";
import type { CheckedSums } from "../crypto/certificate-path.ts";
import { subjectNameOf } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { joined, shelfOf } from "../revocation/revocation-shelf.ts";
import type { Finding } from "./signature-finding.ts";
import type { SignerTrust } from "./signer-trust.ts";

export interface StandingStamps {
  /** Those that are right in themselves, and that nothing speaks against since: by each the signature was there. */
  readonly standing: readonly TimeStamp[];
  /** What is said of archive time-stamps, and of time-stamps that lapsed: clauses, each behind a semicolon; empty where there are none. */
  readonly told: string;
}

interface Checked {
  readonly stamp: TimeStamp;
  readonly token: Uint8Array;
}

interface Archived extends Checked {
  readonly cover: ArchiveCover;
}

/** @param receivedAt by when everything here was there */
export async function standingStamps(
  { timeStamps = [], archiveStamps = [], revocation, chain = [] }: Finding,
  trust: SignerTrust | undefined,
  { receivedAt, sums }: { readonly receivedAt: Date; readonly sums?: CheckedSums | undefined },
): Promise<StandingStamps> {
  if (timeStamps.length + archiveStamps.length === 0) return { standing: [], told: "" };
  const brought = revocation ? [...revocation.crls, ...revocation.ocsp].slice(0, SIGNATURE_LIMITS.revocations) : [];
  const shelf = joined([
    shelfOf(brought.filter(({ length }) => length <= SIGNATURE_LIMITS.revocation)),
    ...(trust?.revocations ? [trust.revocations] : []),
  ]);
  return walk(timeStamps, archiveStamps, receivedAt, { authorities: trust?.timeAuthorities, shelf, others: chain.slice(1), now: new Date(), sums });
}

async function walk(
  timeStamps: readonly TimeClaim[],
  archiveStamps: readonly ArchiveClaim[],
  receivedAt: Date,
  trust: StampTrust,
): Promise<StandingStamps> {
  const told: string[] = [];
  const values: Checked[] = [];
  for (const { token, over } of timeStamps.slice(0, SIGNATURE_LIMITS.timeStamps)) {
    const result = await checkTimeStamp(derOrAsItIs(token), over);
    if (result.kind === "valid") values.push({ stamp: result.stamp, token });
  }
  const archives: Archived[] = [];
  for (const claim of archiveStamps.slice(0, SIGNATURE_LIMITS.timeStamps)) {
    const archived = await checkArchive(claim);
    if (typeof archived === "string") told.push(archived);
    else archives.push(archived);
  }
  const renewals: Archived[] = [];
  for (const archived of archives.toSorted((one, other) => other.stamp.at.getTime() - one.stamp.at.getTime())) {
    const { stamp, cover } = archived;
    const until = renewedBy(archived, renewals, receivedAt);
    const doubt = doubtOfTime(archived, [...values, ...archives], receivedAt) ?? (await doubtUntil(stamp, until, trust));
    if (doubt === undefined) renewals.push(archived);
    const but = cover.leavesOut === undefined ? "" : `, but for ${cover.leavesOut}`;
    told.push(
      doubt === undefined
        ? `an archive time-stamp of ${subjectNameOf(stamp.chain[0]).slice(0, 80)} says that all of it was there by ${stamp.at.toISOString()}${but}`
        : `${ARCHIVE} ${stamp.at.toISOString()} ${doubt.kind === "unknown" ? "was not checked" : "does not count"}: ${doubt.reason}`,
    );
  }
  const standing: TimeStamp[] = [];
  for (const value of values) {
    const doubt = await doubtUntil(value.stamp, renewedBy(value, renewals, receivedAt), trust);
    if (doubt?.kind !== "lapsed") standing.push(value.stamp);
    else told.push(`a time-stamp that says ${value.stamp.at.toISOString()} does not count: ${doubt.reason}`);
  }
  return { standing: [...standing, ...renewals.map(({ stamp }) => stamp)], told: told.map((clause) => `; ${clause}`).join("") };
}

const ARCHIVE = "an archive time-stamp that says";

/** In words where it is not over what it must be, or that is not known here. */
async function checkArchive(claim: ArchiveClaim): Promise<Archived | string> {
  const token = derOrAsItIs(claim.token);
  const says = `${ARCHIVE} ${statedIn(token)?.at.toISOString() ?? "no time that can be read"}`;
  const cover = claim.covered();
  if (typeof cover === "string") return `${says} was not checked: ${cover}`;
  let reason = "it is over something else than what stands here";
  for (const over of cover.over) {
    const result = await checkTimeStamp(token, over);
    if (result.kind === "valid") return { stamp: result.stamp, token: claim.token, cover };
    if (result.kind === "unsupported") return `${says} was not checked: ${result.reason}`;
    reason = result.reason;
  }
  return `${says} does not count: ${reason}`;
}

function isOver({ cover }: Archived, token: Uint8Array): boolean {
  return cover.tokens.some((covered) => equalBytes(covered, token));
}

/** Until when a time-stamp needs to have been good by itself: the earliest archive time-stamp that counts and is over it; without one, the receipt. */
function renewedBy({ stamp, token }: Checked, renewals: readonly Archived[], receivedAt: Date): Date {
  const over = renewals.filter((renewal) => isOver(renewal, token)).map((renewal) => renewal.stamp.at.getTime());
  return new Date(Math.max(stamp.at.getTime(), Math.min(receivedAt.getTime(), ...over)));
}

/** A time that cannot be, clocks apart: before that of a time-stamp that it is over, of which then one is wrong, or after the receipt. */
function doubtOfTime(archived: Archived, all: readonly Checked[], receivedAt: Date): StampDoubt | undefined {
  const told = archived.stamp.at.getTime();
  const isBefore = all.some(({ stamp, token }) => isOver(archived, token) && stamp.at.getTime() > told + SIGNATURE_LIMITS.clockSkew);
  if (isBefore) return { kind: "never", reason: "it says to be older than a time-stamp that it is over" };
  return told > receivedAt.getTime() + SIGNATURE_LIMITS.clockSkew
    ? { kind: "never", reason: "it says to be of a time after the receipt" }
    : undefined;
}
