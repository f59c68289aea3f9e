import type { DocumentSummary, ReadBack, Sameness, Stored } from "../record.ts";

/** A hash of the Merkle tree that will never change again: of the complete subtree number `index` (from the left, from 0) at `level` (0: leaves). */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** The newest signed state of the log. */
export interface CheckpointRecord {
  readonly size: number;
  /** The signed note's text. */
  readonly note: string;
}

/** One commit: what enters the log together, the tree nodes that it completes, and the checkpoint that makes it exist. */
export interface Commit {
  /** Leaves of entries that are about the log and no document (docs/formats.md, Leaf); the first has index `previousSize`. Absent: none. */
  readonly entries?: readonly Uint8Array[];
  /** In order of `position.index`, behind the entries. */
  readonly documents: readonly Stored[];
  readonly nodes: readonly TreeNode[];
  /** The size of the checkpoint that this commit was made upon. */
  readonly previousSize: number;
  readonly checkpoint: CheckpointRecord;
}

/** What a deposit needs to know about the document that took its identifier first. */
export interface Twin {
  readonly id: string;
  readonly sameness: Sameness;
  /** False when it was erased since. */
  readonly isReadable: boolean;
}

/** What proves a document, and tells that it is here, without its content. */
export interface StoredProof extends Pick<Stored, "id" | "leaf" | "encryptedEvidence" | "wrappedKey" | "position"> {
  /** Length of the encrypted content in bytes. */
  readonly contentBytes: number;
}

/** `committed`: durable. `behind`: somebody else moved the checkpoint, nothing was stored; read it again and retry. `taken`: an identity key is in use. */
export type CommitResult =
  { readonly kind: "committed" } | { readonly kind: "behind" } | { readonly kind: "taken"; readonly identityKeys: readonly string[] };

/**
 * Where documents, log and derived rows are kept. There is no update and no delete, on purpose.
 *
 * - **Durability**: when `commit` resolves with `committed`, everything in it survives a kill or a power cut.
 * - **Atomicity**: a document exists exactly when its leaf lies within the tree of the newest checkpoint. After a crash at any step, a commit
 *   is either wholly visible or not at all; `open` completes or ignores what a crash left behind.
 * - **Concurrency**: `commit` compares and swaps the checkpoint: of two commits upon the same `previousSize`, in this process or another, exactly
 *   one is `committed`; the other is `behind`. An identity key is unique for ever.
 * - **Reading** sees only committed documents, and its own process's commits at once.
 * - Failures are AppErrors: `unavailable` when trying again may help, `damaged` when what is stored contradicts itself, else `internal`.
 */
export interface DocumentStore {
  /** The newest checkpoint; undefined in an empty store. */
  checkpoint(): Promise<CheckpointRecord | undefined>;
  /** The nodes asked for, in that order. A node that lies outside of the committed tree is `damaged`. */
  nodes(places: readonly { readonly level: number; readonly index: number }[]): Promise<Uint8Array[]>;
  /** A commit that is not well-formed (`checkCommit`) is `internal`. When this rejects, it may be unknown whether the commit took place. */
  commit(commit: Commit): Promise<CommitResult>;
  /** By identity key; keys that no document has are absent. */
  findTwins(identityKeys: readonly string[]): Promise<Map<string, Twin>>;

  /** `undefined`: no such id. `gone`: erased; its leaf and position stay. Without its summary when its derived rows are lost. */
  read(id: string): Promise<ReadBack | "gone" | undefined>;
  /** The same without the content, which is not even read; needs no derived rows. */
  readProof(id: string): Promise<StoredProof | "gone" | undefined>;
  /** Leaves from index `from`, at most `count`, in order; those of erased documents and of other entries too. Fewer at the end of the log. */
  leaves(from: number, count: number): Promise<Uint8Array[]>;

  /** The newest documents by time of receipt, newest first; `before` is the id of the last one on the page before (one that does not exist: none). */
  newest(count: number, before?: string): Promise<DocumentSummary[]>;
  /** Documents in which every term (normalised as DocumentSummary.searchTerms are) begins some search term; newest first. No terms: the newest. */
  search(terms: readonly string[], count: number): Promise<DocumentSummary[]>;
  /** Summaries of documents that have one of `keys` among their ownKeys; newest first, as of the two below. */
  named(keys: readonly string[]): Promise<DocumentSummary[]>;
  /** Summaries of documents with a claim upon one of `keys`. */
  claiming(keys: readonly string[]): Promise<DocumentSummary[]>;
  /** Summaries of documents that share a composition key. */
  sharingComposition(keys: readonly string[]): Promise<DocumentSummary[]>;
  summary(id: string): Promise<DocumentSummary | undefined>;

  /**
   * What is seen at once to stand against a commit: that what is open is no longer what lies in its place (moved, removed, replaced, cut off). Undefined when nothing is.
   * `commit` asks this itself, before it writes and before it says `committed`.
   */
  fault(): string | undefined;
  /** Whether reads and writes work now; throws `unavailable` when not. */
  check(): Promise<void>;
  /** Finishes what was begun and lets go of files and connections. */
  close(): Promise<void>;
}
