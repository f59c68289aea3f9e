/**
 * Which documents replace, append to or transform which others (R4 composition.html, relatesTo; docs/design.md, Supersession). It follows from what the index has of
 * them, so a target may arrive before or after the document that names it.
 */
import type { DocumentSummary } from "../pipeline/document-forms.ts";
import type { Relation } from "../pipeline/render/pages/presented.ts";
import type { IndexedDocument, Related } from "./index-port.ts";
import { isIdentifierKey } from "./predicate.ts";
import { isSameSubject } from "./same-person.ts";

const REPLACES = "replaces";

/** As much of a document as tells what it supersedes, also of one that is not here yet. */
type Claimant = Pick<IndexedDocument, "summary" | "links">;

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
export function supersedes(claimant: Claimant, target: Claimant): boolean {
  return (
    isSameMatter(claimant, target) && claimant.links.claims.some(({ relation, key }) => relation === REPLACES && doesClaim(claimant, key, target))
  );
}

/** The keys by which a document that supersedes another may name it. */
export function supersedingKeys(claimant: Pick<Claimant, "links">): string[] {
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
function doesClaim(claimant: Claimant, key: string, target: Claimant): boolean {
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

/**
 * Same subject and same custodian, of documents that name each other. A custodian is the same by a shared identifier, by a shared address where neither has an identifier, or absent in both: whoever deposits must have the right
 * for each identifier that a document claims (security/policy), and anybody can write another house's address beside their own.
 */
export function isSameMatter(one: Pick<IndexedDocument, "links">, other: Pick<IndexedDocument, "links">): boolean {
  const [ours, theirs] = [one.links, other.links];
  const [own, others] = [ours.custodianKeys, theirs.custodianKeys];
  const hasIdentifier = own.some(isIdentifierKey) || others.some(isIdentifierKey);
  const isSameCustodian =
    (own.length === 0 && others.length === 0) || own.some((key) => setOf(others).has(key) && (!hasIdentifier || isIdentifierKey(key)));
  return isSameCustodian && isSameSubject(ours.subjectKeys, theirs.subjectKeys);
}

function isLater(one: Claimant, other: Claimant): boolean {
  return byTime(one.summary, other.summary) > 0;
}

/** By when each was made, then by the time of receipt, then by id so that no two are equal. Each document has its place by itself, whatever it is compared with: else three could all come before one another. */
function byTime(one: DocumentSummary, other: DocumentSummary): number {
  const difference = madeAt(one) - madeAt(other);
  if (difference !== 0) return difference;
  return one.receivedAt < other.receivedAt ? -1 : one.receivedAt > other.receivedAt ? 1 : one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/**
 * When a document was made, in milliseconds: Bundle.timestamp, which carries a zone; where a policy took a document without one, the last moment of Composition.date; else when it was received. A leap second (R4 instants may
 * have one) counts as the next.
 */
function madeAt({ timestamp, date, receivedAt }: DocumentSummary): number {
  for (const text of [timestamp, date]) {
    const at = lastMomentOf(text);
    if (!Number.isNaN(at)) return at;
  }
  return Date.parse(receivedAt);
}

function lastMomentOf(text: string): number {
  const [, year, month, day, rest = ""] = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.*)?)?)?$/.exec(text) ?? [];
  if (year === undefined) return Number.NaN;
  if (rest !== "") {
    const isLeap = /^T\d\d:\d\d:60/.test(rest);
    return Date.parse(isLeap ? text.replace(/:60/, ":59") : text) + (isLeap ? 1000 : 0);
  }
  const months = month === undefined ? 12 : Number(month);
  // A millisecond before the next day, month or year.
  return (day === undefined ? Date.UTC(Number(year), months, 1) : Date.UTC(Number(year), months - 1, Number(day) + 1)) - 1;
}
