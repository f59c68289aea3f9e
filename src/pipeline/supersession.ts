/**
 * Which documents replace, append to or transform which others (R4 composition.html, relatesTo; docs/design.md, Supersession). Nothing about it is
 * stored as a state: it follows from the summaries, so a target may arrive before or after the document that names it.
 */
import type { DocumentStore } from "./store/document-store.ts";
import type { DocumentSummary } from "./record.ts";
import type { Relation } from "./render/presented.ts";

/** How a later document's claim reads on the earlier one, and on the one that makes it. */
const RELATIONS: Readonly<Record<string, { readonly onTarget: Relation["kind"]; readonly onClaimant: Relation["kind"] }>> = {
  replaces: { onTarget: "superseded-by", onClaimant: "replaces" },
  appends: { onTarget: "appended-by", onClaimant: "appends" },
  transforms: { onTarget: "transformed-by", onClaimant: "transforms" },
  signs: { onTarget: "signed-by", onClaimant: "signs" },
};

/** Everything that other documents say of this one, and this one of others; superseding ones first, newest first. */
export async function relationsOf(
  summary: DocumentSummary,
  store: Pick<DocumentStore, "claiming" | "named" | "sharingComposition">,
): Promise<Relation[]> {
  const [claimants, versions, targets] = await Promise.all([
    store.claiming(summary.ownKeys),
    store.sharingComposition(summary.compositionKeys),
    store.named(summary.claims.map((claim) => claim.key)),
  ]);
  const said = saidByOthers(summary, claimants);
  const newer = versions
    .filter((other) => isLater(other, summary) && !said.some((relation) => relation.other?.id === other.id))
    .map((other): Relation => ({ kind: "newer-version", isConfirmed: isSameMatter(summary, other), other }));
  const order = (relation: Relation): number => (relation.kind === "superseded-by" ? 0 : relation.kind === "newer-version" ? 1 : 2);
  return [...[...said, ...newer].sort((a, b) => order(a) - order(b) || byTime(b.other, a.other)), ...saidByItself(summary, targets)];
}

/** True when a confirmed replacement of the document has arrived. */
export function isSuperseded(relations: readonly Relation[]): boolean {
  return relations.some((relation) => relation.kind === "superseded-by" && relation.isConfirmed);
}

function saidByOthers(summary: DocumentSummary, claimants: readonly DocumentSummary[]): Relation[] {
  const relations: Relation[] = [];
  for (const claimant of claimants) {
    const kinds = new Set(claimant.claims.filter((claim) => doesClaim(claimant, claim.key, summary)).map((claim) => claim.relation));
    for (const kind of kinds) {
      const relation = RELATIONS[kind];
      if (relation) relations.push({ kind: relation.onTarget, isConfirmed: isSameMatter(summary, claimant), other: claimant });
    }
  }
  return relations;
}

function saidByItself(summary: DocumentSummary, targets: readonly DocumentSummary[]): Relation[] {
  return summary.claims.flatMap(({ relation, key }): Relation[] => {
    const kind = RELATIONS[relation]?.onClaimant;
    if (!kind) return [];
    const others = targets.filter((target) => doesClaim(summary, key, target));
    if (others.length === 0) return [{ kind: "claims-missing", isConfirmed: false, target: key.slice(key.indexOf(":") + 1) }];
    return others.map((other) => ({ kind, isConfirmed: isSameMatter(summary, other), other }));
  });
}

/**
 * Whether `claimant`'s claim upon `key` means `target`. A key that the claimant bears itself (the Composition.identifier that all versions share) means
 * the versions before it: otherwise the second version would supersede the third.
 */
function doesClaim(claimant: DocumentSummary, key: string, target: DocumentSummary): boolean {
  if (claimant.id === target.id || !setOf(target.ownKeys).has(key)) return false;
  return !setOf(claimant.ownKeys).has(key) || isLater(claimant, target);
}

/** A list of keys is looked through again and again, by each claim: as a set, made once. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(keys: readonly string[]): ReadonlySet<string> {
  const set = sets.get(keys) ?? new Set(keys);
  sets.set(keys, set);
  return set;
}

/** Same subject and same custodian: each by a shared key, or absent in both. */
function isSameMatter(one: DocumentSummary, other: DocumentSummary): boolean {
  return shareKey(one.subjectKeys, other.subjectKeys) && shareKey(one.custodianKeys, other.custodianKeys);
}

function shareKey(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 && other.length === 0) return true;
  const others = setOf(other);
  return one.some((key) => others.has(key));
}

function isLater(one: DocumentSummary, other: DocumentSummary): boolean {
  return byTime(one, other) > 0;
}

/** By the time of assembly (Bundle.timestamp, which carries a zone), then by the time of receipt, then by id so that no two are equal. */
function byTime(one: DocumentSummary | undefined, other: DocumentSummary | undefined): number {
  if (!one || !other) return 0;
  const difference = Date.parse(one.timestamp) - Date.parse(other.timestamp);
  if (difference !== 0 && !Number.isNaN(difference)) return difference;
  return one.receivedAt < other.receivedAt ? -1 : one.receivedAt > other.receivedAt ? 1 : one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}
