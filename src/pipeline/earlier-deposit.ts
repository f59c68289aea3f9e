/**
 * What the repository knows of a document that comes, because one with its identifier came before: the same deposit repeated, or a conflict (docs/design/identity.md).
 */
import { digestOf } from "../core/crypto/digest.ts";
import { canonicalJson } from "../core/fhir/canonical.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { DocumentIdentifier } from "../core/formats/identifier.ts";
import { identityClaim, leafOf, samenessOfClaim } from "./deposit-entry.ts";
import { erasureClaim } from "./erasures.ts";
import { proofOf } from "./fetch.ts";
import type { Identity, Sameness } from "./document-forms.ts";
import { servedSignature } from "./sign/seal-resources.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { Claimed, LogEntry, RecordStore } from "./store/record-store.ts";

/** Where earlier deposits are looked for. */
export interface Earlier {
  readonly keys: Pick<Keys, "identityKeyOf">;
  readonly store: Pick<RecordStore, "claimed" | "entry" | "proof" | "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
}

/** The document that took an identifier first. */
export interface Twin {
  readonly id: string;
  readonly sameness: Sameness;
}

/** Why a document cannot have the identifier that it came with. */
export interface Conflict {
  readonly twin: Twin;
  /** In what the two differ; `erased`: not in content, but the first one was erased since, and is not taken again. */
  readonly differsIn: "content" | "signature" | "meta" | "erased";
  /** Digest of the canonical form of what came now. */
  readonly canonical: string;
}

/** What is told of a deposit to whoever has a document with its identifier at hand: enough to see that nothing of it needs to be looked at again. */
export interface EarlierDeposit {
  /** Of the bytes as they were submitted. */
  readonly submittedDigest: string;
  readonly sameness: Sameness;
  /** Whether it was erased since: then nothing of it is left that tells who may know of it. */
  readonly isErased: boolean;
}

/** The same document came before, or another one of the same identifier. */
export type CameBefore = { readonly kind: "repeated"; readonly entry: LogEntry } | { readonly kind: "conflict"; readonly conflict: Conflict };

/** The deposit that took an identifier; undefined when none did. One that a commit under way takes is not seen: the commit of a second one finds it. */
export async function earlierDeposit(identifier: DocumentIdentifier, using: Pick<Earlier, "keys" | "store">): Promise<EarlierDeposit | undefined> {
  const twin = await findTwin(identifier, using);
  if (!twin) return undefined;
  const isErased = (await using.store.claimed([erasureClaim(twin.entry.id)])).size > 0;
  return { submittedDigest: leafOf(twin.entry).submittedDigest, sameness: samenessOfClaim(twin), isErased };
}

/** What the repository answers because of what it holds: the same document, or another one of the same identifier; undefined when neither came before. */
export async function depositedBefore(identity: Identity | undefined, using: Earlier): Promise<CameBefore | undefined> {
  const twin = identity && (await findTwin(identity.identifier, using));
  return twin && compare(identity, twin, using);
}

/** The document that took this one's identifier first. Whatever the rules say of this one: a retry succeeds even after they have become stricter. */
async function findTwin(identifier: DocumentIdentifier, using: Pick<Earlier, "keys" | "store">): Promise<Claimed | undefined> {
  const claim = identityClaim(await using.keys.identityKeyOf(identifier.system, identifier.value));
  return (await using.store.claimed([claim])).get(claim);
}

/** The same identifier came twice: the same deposit repeated, or a conflict (docs/design/identity.md). */
export async function compare(identity: Identity, { entry, value }: Claimed, using: Earlier): Promise<CameBefore> {
  const ours = identity.sameness;
  const theirs = samenessOfClaim({ entry, value });
  const twin = { id: entry.id, sameness: theirs };
  const conflict = (differsIn: Conflict["differsIn"]): CameBefore => ({
    kind: "conflict",
    conflict: { twin, differsIn, canonical: ours.canonical },
  });
  if (ours.canonical !== theirs.canonical) return conflict("content");
  if ((await using.documentKeys.read(entry.id)) === undefined) return conflict("erased");
  // Of two that differ in both, the signature is told.
  const isSigned = ours.signature === theirs.signature;
  if (isSigned && ours.meta !== theirs.meta) return conflict("meta");
  if (!isSigned && !(await isAsServed(identity, twin, using))) return conflict("signature");
  return ours.meta === theirs.meta ? { kind: "repeated", entry } : conflict("meta");
}

/** Whether the document was read here and sent again: it came without a signature, and carries the seal that it is served with in that one's place. */
async function isAsServed({ carried }: Identity, { id, sameness }: Twin, using: Earlier): Promise<boolean> {
  if (carried === undefined || carried.unsigned !== sameness.signature) return false;
  const { evidence } = await proofOf(id, using);
  return carried.signature === digestOf(canonicalJson(servedSignature(evidence.seal)));
}
