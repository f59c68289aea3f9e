/**
 * What proves a document where SHA-256 no longer does: a time-stamp over a tree by SHA-512 that has the document, its seal and the log's time-stamps of before, made while SHA-256 held (RFC 4998 section 5.3). The time-stamps
 * of before are believed until the first such one, and that one, renewed by its like, from then on.
 */
import { checkTimeStamp, type TimeStamp } from "../cms/check-time-stamp.ts";
import { doubtUntil } from "../cms/stamp-standing.ts";
import { utf8 } from "../crypto/bytes.ts";
import { readCertificate, subjectNameOf } from "../crypto/certificate.ts";
import { SHA512_TREE } from "../crypto/merkle.ts";
import { verifyInclusion } from "../crypto/merkle-verify.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { AppError } from "../errors.ts";
import { itemHash, longDigestOf, parseRenewalItem, parseRenewedTree, type RenewalItem, type RenewedTree } from "../formats/renewal.ts";
import { assessEvidence, MOST_LINKS, type EvidenceLink, type EvidenceTrust, type PlacedLeaf, type ToldTime } from "./evidence-chain.ts";

/** An item of the tree, and its audit path. */
export interface ProvenItem {
  readonly index: number;
  /** Its text. */
  readonly item: string;
  readonly inclusionProof: readonly Uint8Array[];
}

/** A time-stamp over the log hashed anew, with the items of the entry that is to be proved, of the time-stamps of before that lead to it, and of the renewal before it. */
export interface RenewalLink extends Pick<EvidenceLink, "stamped" | "token" | "certificates" | "entry"> {
  readonly items: readonly ProvenItem[];
}

/** `newest`: of those that renew it, where there are any. `before`: by what time, as the log's time-stamps by SHA-256 said until then. */
export type AssessedRenewal =
  | ({ readonly kind: "proven"; readonly item: RenewalItem; readonly newest: ToldTime | undefined; readonly before: ToldTime | undefined } & ToldTime)
  | ({ readonly kind: "claimed"; readonly reason: string } & ToldTime)
  | { readonly kind: "false"; readonly reason: string }
  | { readonly kind: "unchecked"; readonly reason: string };

/** @param links the oldest first, one at least. @param before the time-stamps of the log by SHA-256 */
export async function assessRenewals(
  links: readonly RenewalLink[],
  before: readonly EvidenceLink[],
  entry: PlacedLeaf,
  trust: EvidenceTrust,
): Promise<AssessedRenewal> {
  if (links.length === 0 || links.length > MOST_LINKS) return { kind: "unchecked", reason: `it has ${links.length} time-stamps` };
  const stamps: TimeStamp[] = [];
  const items: RenewalItem[] = [];
  const trees: RenewedTree[] = [];
  try {
    for (const [at, link] of links.entries()) {
      const tree = parseRenewedTree(link.stamped);
      const older = links[at - 1];
      items.push(itemIn(link, tree, entry));
      for (const stamp of [...before.filter(({ entry: { index } }) => index < tree.size), ...(older ? [older] : [])]) holdStamp(link, tree, stamp);
      const checked = await checkTimeStamp(link.token, utf8(link.stamped));
      if (checked.kind !== "valid") return { kind: checked.kind === "invalid" ? "false" : "unchecked", reason: checked.reason };
      if (checked.stamp.hashes.includes("sha256")) return { kind: "unchecked", reason: "its time-stamp rests on SHA-256 itself" };
      stamps.push(checked.stamp);
      trees.push(tree);
    }
  } catch (error) {
    if (error instanceof AppError) return { kind: "false", reason: error.message };
    throw error;
  }
  return judge({ links, stamps, items, trees }, before, entry, trust);
}

/** The item of an entry, which the tree must hold and which must be of its leaf. AppError `malformed`. */
function itemIn({ items }: RenewalLink, { size, root }: RenewedTree, { leaf, index }: PlacedLeaf): RenewalItem {
  const found = items.find((each) => each.index === index);
  if (found === undefined) throw new AppError("malformed", `the tree by SHA-512 is not shown to hold entry ${index}`);
  const item = parseRenewalItem(found.item);
  const isHeld = item.leaf === longDigestOf(leaf) && verifyInclusion(itemHash(found.item), index, size, found.inclusionProof, root, SHA512_TREE);
  if (!isHeld) throw new AppError("malformed", `the tree by SHA-512 does not hold entry ${index} as it is`);
  return item;
}

/** AppError `malformed` where a time-stamp of before is not in the tree, with its token and what that is over. */
function holdStamp(link: RenewalLink, tree: RenewedTree, { entry, token, stamped }: Pick<EvidenceLink, "entry" | "token" | "stamped">): void {
  const item = itemIn(link, tree, entry);
  if (item.token !== longDigestOf(token) || item.stamped !== longDigestOf(stamped))
    throw new AppError("malformed", `the tree by SHA-512 holds another time-stamp at entry ${entry.index}`);
}

interface Held {
  readonly links: readonly RenewalLink[];
  readonly stamps: readonly TimeStamp[];
  readonly items: readonly RenewalItem[];
  readonly trees: readonly RenewedTree[];
}

/** From the newest back: each is believed until the next was made. */
async function judge(
  { links, stamps, items, trees }: Held,
  before: readonly EvidenceLink[],
  entry: PlacedLeaf,
  trust: EvidenceTrust,
): Promise<AssessedRenewal> {
  const { authorities, revocations: shelf, now } = trust;
  const others = links
    .flatMap(({ certificates }) => certificates.slice(0, SIGNATURE_LIMITS.certificates))
    .flatMap((der) => readCertificate(der) ?? []);
  let first: number | undefined;
  let until = now;
  for (let at = stamps.length - 1; at >= 0; at -= 1) {
    const stamp = stamps[at] as TimeStamp;
    const doubt = await doubtUntil(stamp, until, { authorities, shelf, others, now });
    if (doubt && first === undefined) return { kind: "claimed", reason: doubt.reason, ...toldOf(stamp) };
    if (doubt) break;
    [first, until] = [at, stamp.at];
  }
  const [stamp, tree, item, newest] = [stamps[first ?? 0], trees[first ?? 0], items[first ?? 0], stamps.at(-1)];
  if (!stamp || !tree || !item || !newest) throw new RangeError("a renewal without links");
  const earlier = before.filter(({ entry: { index } }) => index < tree.size);
  const old = earlier.length === 0 ? undefined : await assessEvidence(earlier, entry, { ...trust, now: stamp.at });
  return {
    ...{ kind: "proven", item, ...toldOf(stamp), newest: first === stamps.length - 1 ? undefined : toldOf(newest) },
    before: old?.kind === "proven" ? { at: old.at, name: old.name } : undefined,
  };
}

function toldOf(stamp: TimeStamp): ToldTime {
  return { at: stamp.at, name: subjectNameOf(stamp.chain[0]) };
}

/** Of what a document is, what an item names: undefined where it is the one, else in words what is another. */
export function faultOfItem(
  item: RenewalItem,
  document: { readonly bytes: Uint8Array; readonly canonicalForm: Uint8Array | undefined; readonly seal: string | undefined },
): string | undefined {
  const isContent = document.canonicalForm !== undefined && item.canonical === longDigestOf(document.canonicalForm);
  if (!isContent && item.submitted !== longDigestOf(document.bytes)) return "this document is not the one that was hashed by SHA-512";
  return document.seal !== undefined && item.seal !== longDigestOf(document.seal) ? "the seal is not the one that was hashed by SHA-512" : undefined;
}
