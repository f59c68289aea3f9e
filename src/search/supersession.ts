/**
 * Which documents replace, append to or transform which others (R4 composition.html, relatesTo; docs/design.md, Supersession). It follows from what the index has of
 * them, so a target may arrive before or after the document that names it.
 */
import type { DocumentSummary } from "../pipeline/document-forms.ts";
import type { Relation } from "../pipeline/render/pages/presented.ts";
import type { IndexedDocument, Related } from "./index-port.ts";
import { isSameSubject } from "./same-person.ts";

const REPLACES = "replaces";

/** How a later document's claim reads on the earlier one, and on the one that makes it. */
const RELATIONS: Readonly<Record<string, { readonly onTarget: Relation["kind"]; readonly onClaimant: Relation["kind"] }>> = {
  replaces: { onTarget: "superseded-by", onClaimant: "replaces" },
  appends: { onTarget: "appended-by", onClaimant: "appends" },
  transforms: { onTarget: "transformed-by", onClaimant: "transforms" },
  signs: { onTarget: "signed-by", onClaimant: "signs" },
};

/** Everything that other documents say of this one, and this one of others, as far as they were given; superseding ones first, newest first. */
export function relationsOf({ document, claimants, versions, targets }: Omit<Related, "size">): Relation[] {
  if (!document) return [];
  const said = saidByOthers(document, claimants);
  const newer = versions
    .filter((other) => isLater(other, document) && !said.some((relation) => relation.other?.id === other.summary.id))
    .map((other): Relation => ({ kind: "newer-version", isConfirmed: isSameMatter(document, other), other: other.summary }));
  const order = (relation: Relation): number => (relation.kind === "superseded-by" ? 0 : relation.kind === "newer-version" ? 1 : 2);
  const sorted = [...said, ...newer].sort((a, b) => order(a) - order(b) || (a.other && b.other ? byTime(b.other, a.other) : 0));
  return [...sorted, ...saidByItself(document, targets)];
}

/** True when a confirmed replacement of the document has arrived. */
export function isSuperseded(relations: readonly Relation[]): boolean {
  return relations.some((relation) => relation.kind === "superseded-by" && relation.isConfirmed);
}

/** True when `claimant` says that it replaces `target`, and both are about the same subject and of the same custodian. */
export function supersedes(claimant: IndexedDocument, target: IndexedDocument): boolean {
  return (
    isSameMatter(claimant, target) && claimant.links.claims.some(({ relation, key }) => relation === REPLACES && doesClaim(claimant, key, target))
  );
}

/** The keys by which a document that supersedes another may name it. */
export function supersedingKeys(claimant: IndexedDocument): string[] {
  return keysOf(claimant.links.claims.filter(({ relation }) => relation === REPLACES));
}

function keysOf(claims: IndexedDocument["links"]["claims"]): string[] {
  return [...new Set(claims.map((claim) => claim.key))];
}

function saidByOthers(document: IndexedDocument, claimants: readonly IndexedDocument[]): Relation[] {
  const relations: Relation[] = [];
  for (const claimant of claimants) {
    const claims = claimant.links.claims.filter((claim) => doesClaim(claimant, claim.key, document));
    for (const kind of new Set(claims.map((claim) => claim.relation))) {
      const relation = RELATIONS[kind];
      if (relation) relations.push({ kind: relation.onTarget, isConfirmed: isSameMatter(document, claimant), other: claimant.summary });
    }
  }
  return relations;
}

function saidByItself(document: IndexedDocument, targets: readonly IndexedDocument[]): Relation[] {
  const all = document.links.claims.flatMap(({ relation, key }): Relation[] => {
    const kind = RELATIONS[relation]?.onClaimant;
    if (!kind) return [];
    const others = targets.filter((target) => doesClaim(document, key, target));
    if (others.length === 0) return [{ kind: "claims-missing", isConfirmed: false, target: key.slice(key.indexOf(":") + 1) }];
    return others.map((other) => ({ kind, isConfirmed: isSameMatter(document, other), other: other.summary }));
  });
  // A document and its source's DocumentReference say the same of it, by an identifier and by an address.
  return [...new Map(all.map((one) => [`${one.kind} ${one.other?.id ?? one.target ?? ""}`, one])).values()];
}

/**
 * Whether `claimant`'s claim upon `key` means `target`. A key that the claimant bears itself (the Composition.identifier that all versions share) means
 * the versions before it: otherwise the second version would supersede the third.
 */
function doesClaim(claimant: IndexedDocument, key: string, target: IndexedDocument): boolean {
  if (claimant.summary.id === target.summary.id || !setOf(target.links.ownKeys).has(key)) return false;
  return !setOf(claimant.links.ownKeys).has(key) || isLater(claimant, target);
}

/** A list of keys is looked through again and again, by each claim: as a set, made once. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(keys: readonly string[]): ReadonlySet<string> {
  const set = sets.get(keys) ?? new Set(keys);
  sets.set(keys, set);
  return set;
}

/** Same subject and same custodian, of documents that name each other; a custodian is the same by a shared key, or absent in both. */
export function isSameMatter(one: Pick<IndexedDocument, "links">, other: Pick<IndexedDocument, "links">): boolean {
  const [ours, theirs] = [one.links, other.links];
  const isSameCustodian =
    (ours.custodianKeys.length === 0 && theirs.custodianKeys.length === 0) || ours.custodianKeys.some((key) => setOf(theirs.custodianKeys).has(key));
  return isSameCustodian && isSameSubject(ours.subjectKeys, theirs.subjectKeys);
}

function isLater(one: IndexedDocument, other: IndexedDocument): boolean {
  return byTime(one.summary, other.summary) > 0;
}

/** By the time of assembly (Bundle.timestamp, which carries a zone), then by the time of receipt, then by id so that no two are equal. */
function byTime(one: DocumentSummary, other: DocumentSummary): number {
  const difference = Date.parse(one.timestamp) - Date.parse(other.timestamp);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return one.receivedAt < other.receivedAt ? -1 : one.receivedAt > other.receivedAt ? 1 : one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}
