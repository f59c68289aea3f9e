/**
 * What is kept for ever: the log's entries, what belongs to them, and the tree over them. Nothing here answers a question about content; that is the index's
 * (`search/index-port.ts`), which is made from this and can be made again.
 */
import type { NodePosition } from "../../core/crypto/merkle.ts";

/** A hash of the Merkle tree that will never change again: of the complete subtree number `index` (from the left, from 0) at `level` (0: leaves). */
export interface TreeNode extends NodePosition {
  readonly hash: Uint8Array;
}

/** A signed state of the log. */
export interface StoredCheckpoint {
  readonly size: number;
  /** The signed note's text. */
  readonly note: string;
}

/**
 * A key that one entry bears and no other ever will, with a little that whoever looks for the key is told: how a repeat of a deposit is known again, or the
 * answer to a message. The record looks into neither; what says something about a patient is hashed or encrypted by whoever makes it.
 */
export interface Claim {
  /** `{what}:{key}`, such as `identity:` and a keyed hash; at most 256 characters. */
  readonly key: string;
  /** At most a few kilobytes. */
  readonly value: Uint8Array;
}

/** What is about to be entered in the log. */
export interface NewEntry {
  /** Unique for ever. A deposit's is its document's; any other kind has one of its own. A UUID. */
  readonly id: string;
  /** As its leaf says: `deposit`, and whatever comes. The record treats all kinds alike. */
  readonly kind: string;
  /** The document that it is about and under whose key its parts are encrypted; absent for a deposit, which is about the document that it enters. */
  readonly documentId?: string;
  /** An instant in UTC with milliseconds. */
  readonly receivedAt: string;
  /** What the log proves: public, no patient data (docs/formats.md). */
  readonly leaf: Uint8Array;
  readonly claims: readonly Claim[];
  /** Its parts, encrypted. Evidence lies apart, so that what needs it alone does not load a content of many megabytes. */
  readonly content?: Uint8Array;
  readonly evidence?: Uint8Array;
}

/** An entry in the log. Small: its parts are asked for by its id. */
export interface LogEntry {
  /** Its place in the log, from 0. */
  readonly index: number;
  /** The size of the tree that it was committed with. */
  readonly treeSize: number;
  readonly id: string;
  readonly kind: string;
  readonly documentId?: string;
  readonly receivedAt: string;
  readonly leaf: Uint8Array;
  /** The length of its content as it is kept; 0 without one. */
  readonly contentBytes: number;
}

/** An entry with what proves it. */
export interface StoredProof {
  readonly entry: LogEntry;
  readonly evidence: Uint8Array | undefined;
  /** The checkpoint that its commit made. */
  readonly checkpoint: StoredCheckpoint | undefined;
}

/** Who bears a claim. */
export interface Claimed {
  readonly entry: LogEntry;
  readonly value: Uint8Array;
}

/** What makes staged entries exist, all of them or none. It carries no content, so that it can be one small insert. */
export interface Commit {
  /** The size of the checkpoint that it is made upon; the first entry gets this index. */
  readonly previousSize: number;
  /** Staged before, in the order that they get in the log. */
  readonly ids: readonly string[];
  /** The nodes that they complete. */
  readonly nodes: readonly TreeNode[];
  readonly checkpoint: StoredCheckpoint;
  /** Claims of which nobody may bear one: looked for at the same size as those of the entries. */
  readonly unless?: readonly string[];
}

/**
 * `committed`: durable. `behind`: somebody else moved the checkpoint: retry from `newest`, which has just been read, or read it again. `taken`: claims that another entry bears. `barred`: somebody bears a claim of
 * `unless`. `closed`: no commit is made here any more. Only the first stored anything.
 */
export type CommitResult =
  | { readonly kind: "committed" }
  | { readonly kind: "behind"; readonly newest?: StoredCheckpoint }
  | { readonly kind: "taken"; readonly keys: readonly string[] }
  | { readonly kind: "barred" }
  | { readonly kind: "closed" };

/** That a log goes on elsewhere, and takes nothing here for ever: two that went on under one key would be a fork. */
export interface Closure {
  /** The size at which it was closed: the last that this store ever has. */
  readonly size: number;
  /** An instant. */
  readonly at: string;
  /** Where it goes on, in one line for people; no password in it. */
  readonly to: string;
  /** By what the copy is known that goes on: a UUID. */
  readonly copy: string;
}

/**
 * The record. There is no update and no delete, on purpose: an engine that can find and insert, and promises that no key of its own is inserted twice, can keep it.
 *
 * - **Staging** comes first and may take long; what is staged is *invisible* to everybody, whether it lies on a disk or in memory, until a commit names its id. It
 *   need not survive a crash. It is idempotent by id: the same entry may be staged again, by anybody; another entry under the same id is `internal`. An entry's parts are
 *   handed over: an engine may move them away, and then they are empty where they came from.
 * - **Committing** is one small compare-and-swap: of two commits upon the same `previousSize`, in this process or another, exactly one is `committed`; the other is
 *   `behind`. All that a commit names exists together or not at all, so that a unit of several entries is never seen in part.
 * - **Claims** are looked for at the size that the commit is made upon. Since whoever enters anything else moves that size, a claim is unique for ever.
 * - What lost a race is *invisible*, not absent: an engine may keep it until it is swept. It can be staged and committed again.
 * - **Durability**: when `commit` resolves with `committed`, everything in it survives a kill or a power cut, and so do the keys of its documents
 *   (`document-keys.ts`). After a crash at any step a commit is either wholly there or not at all.
 * - **Reading** sees only what was committed, and its own process's commits at once.
 * - Failures are AppErrors: `unavailable` when trying again may help, `damaged` when what is stored contradicts itself, else `internal`.
 */
export interface RecordStore {
  stage(entry: NewEntry): Promise<void>;
  /** Whether it is known without asking that nobody bears a claim of a staged entry. It saves a question; the commit decides. An engine that is asked in no time has none. */
  isFree?(id: string): boolean;
  /** Says that we shall not commit these: an engine that holds them in memory lets go of them, another leaves them to its sweep. What was committed stays. */
  discard(ids: readonly string[]): void;
  /**
   * @param deadline by `performance.now()`: no attempt begins later; `unavailable`, with nothing stored, when none was made by then.
   * @throws AppError `internal` when the commit is not well-formed (`checkCommit`) or names what was not staged. When this rejects in any other way, it may be unknown
   *   whether the commit took place: whoever needs to know asks for one of its ids.
   */
  commit(commit: Commit, deadline: number): Promise<CommitResult>;

  /**
   * Closes the log for ever, at a size that it must have: `behind` when it has another. It is one compare-and-swap with those of the commits: one that is made upon this size is either before it, and
   * then this is `behind`, or never. `closed`: it is closed now, or was before; `closure` tells by whom.
   */
  closeLog(closure: Closure): Promise<"closed" | "behind">;
  /** Undefined while commits are taken. */
  closure(): Promise<Closure | undefined>;

  /** The newest checkpoint, or that of a size that a commit made; undefined when there is none. */
  checkpoint(size?: number): Promise<StoredCheckpoint | undefined>;
  /** The nodes asked for, in that order. A node that lies outside of the committed tree is `damaged`. */
  nodes(positions: readonly NodePosition[]): Promise<Uint8Array[]>;

  /** Entries from index `from`, at most `count`, in order of the log. Fewer at its end. */
  entries(from: number, count: number): Promise<LogEntry[]>;
  entry(id: string): Promise<LogEntry | undefined>;
  /** The entries, in order of the log, that name a document as the one that they are about; without its deposit. */
  entriesAbout(documentId: string): Promise<LogEntry[]>;
  /** By claim; those that nobody bears are absent. */
  claimed(keys: readonly string[]): Promise<Map<string, Claimed>>;
  /** An entry's part; undefined when there is no such entry, or it has none. */
  content(id: string): Promise<Uint8Array | undefined>;
  evidence(id: string): Promise<Uint8Array | undefined>;
  /** What `entry`, `evidence` and `checkpoint` say of one entry, in one question: whoever reads a document waits for its engine once. */
  proof(id: string): Promise<StoredProof | undefined>;

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
