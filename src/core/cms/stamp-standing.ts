/** Whether a time-stamp is still believed at a later moment: its authority's certificates must have been good when it was made, and until something renewed it, or until now (RFC 3161 section 4; RFC 4998 section 5.3). */
import { checkPath, CheckedSums } from "../crypto/certificate-path.ts";
import { subjectNameOf, type Certificate } from "../crypto/certificate.ts";
import { FOR_TIME_STAMPS } from "../crypto/path-rules.ts";
import { statusBy } from "../revocation/certificate-status.ts";
import type { RevocationShelf } from "../revocation/revocation-shelf.ts";
import type { TimeStamp } from "./check-time-stamp.ts";

export interface StampTrust {
  /** Undefined: there is no trust file. */
  readonly authorities: readonly Certificate[] | undefined;
  readonly shelf: RevocationShelf;
  /** Certificates that came along beside the token, and may lead the way. */
  readonly others: readonly Certificate[];
  readonly now: Date;
  readonly sums?: CheckedSums | undefined;
}

/** Why a time-stamp is not believed, as a clause. `unknown`: there is nobody to judge it by. `never`: nobody vouched for it when it was made. `lapsed`: it was good once, and nothing renewed it in time. */
export interface StampDoubt {
  readonly kind: "unknown" | "never" | "lapsed";
  readonly reason: string;
}

/** Undefined where the time-stamp is believed until a moment. */
export async function doubtUntil(
  stamp: TimeStamp,
  until: Date,
  { authorities, shelf, others, now, sums = new CheckedSums() }: StampTrust,
): Promise<StampDoubt | undefined> {
  if (authorities === undefined) return { kind: "unknown", reason: "whether to believe it takes a trust file (--trust)" };
  const chain = [...stamp.chain, ...others];
  const search = (moment: Date) => checkPath({ chain, anchors: authorities, moment, use: FOR_TIME_STAMPS, sums });
  const then = await search(stamp.at);
  if (then.path === undefined) return { kind: "never", reason: DOUBTS[then.state] ?? DOUBTS["not-trusted"] };
  const later = until > stamp.at ? await search(until) : then;
  if (later.path === undefined)
    return lapsed(`its certificate, or one on the way to the trust file, was good until ${endOf(then.path)}, and nothing had renewed it by then`);
  const revoked = await revokedBy(then.path, until, { shelf, moment: stamp.at, others, now, sums });
  return revoked === undefined ? undefined : lapsed(revoked);
}

function lapsed(reason: string): StampDoubt {
  return { kind: "lapsed", reason };
}

const DOUBTS: Readonly<Record<string, string>> & { readonly "not-trusted": string } = {
  "not-trusted": "the trust file names no time-stamp authority that vouches for it",
  expired: "its certificate, or one on the way to the trust file, was not valid then",
  forged: "its certificate was not issued by the authority that it names",
  refused: "its certificate leads to the trust file in a way that RFC 5280 does not allow",
  undecided: "there are too many ways from its certificate to the trust file, or it holds what is not known here",
};

/** Revocations that say nothing against what was stamped before (RFC 3161 section 4): another affiliation, superseded, not needed any more. */
const HARMLESS = new Set([3, 4, 5]);

async function revokedBy(
  path: readonly Certificate[],
  until: Date,
  {
    shelf,
    ...about
  }: {
    readonly shelf: RevocationShelf;
    readonly moment: Date;
    readonly others: readonly Certificate[];
    readonly now: Date;
    readonly sums: CheckedSums;
  },
): Promise<string | undefined> {
  const [anchor, ...below] = path;
  if (anchor === undefined) return undefined;
  let issuer = anchor;
  for (const certificate of below) {
    const status = await statusBy(shelf, { ...about, certificate, issuer, anchor, others: [anchor, ...about.others] });
    const isLate = status?.kind === "revoked" && (status.at > until || (status.at > about.moment && HARMLESS.has(status.reason ?? 0)));
    if (status?.kind === "revoked" && !isLate)
      return `the certificate of ${subjectNameOf(certificate).slice(0, 80)} was revoked on ${status.at.toISOString()}, before a renewal`;
    issuer = certificate;
  }
  return undefined;
}

function endOf(path: readonly Certificate[]): string {
  return new Date(Math.min(...path.map(({ validTo }) => validTo.getTime()))).toISOString();
}
