/** The tree and its checkpoints, made again from the leaves and held against what is stored. */
import { equalBytes } from "../../core/crypto/digest.ts";
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { leafHash, type TreeHash } from "../../core/crypto/merkle.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { StoredCheckpoint, LogEntry } from "../store/record-store.ts";
import { hasRoot } from "./audit-note.ts";
import type { Findings } from "./finding.ts";

/** An entry that is to be at its place; `entry` is undefined when it is not there. */
export interface WalkedEntry {
  readonly index: number;
  readonly entry: LogEntry | undefined;
}

export interface TreeAuditOptions {
  readonly inventory: Pick<RecordInventory, "nodes">;
  /** The checkpoints that are stored, in order of their sizes. */
  readonly checkpoints: AsyncIterator<StoredCheckpoint>;
  /** What is wrong with checkpoints but their roots, in words (`audit-note.ts`). */
  examineNotes(notes: readonly StoredCheckpoint[]): Promise<readonly (string | undefined)[]>;
  /** Sizes whose roots somebody wants to know. */
  readonly wanted: ReadonlySet<number>;
  readonly findings: Findings;
}

const EMPTY = new Uint8Array(32);
/** Nodes that are asked for at once. */
const NODES = 2_000;
/** Checkpoints that are checked at once. */
const NOTES = 500;

/**
 * Takes the entries in order, commit by commit. Where a leaf and its stored hash differ, the checkpoint that the log signed decides which of them is what was committed, so that one altered row
 * is one finding.
 */
export class TreeAudit {
  readonly #options: TreeAuditOptions;
  readonly roots = new Map<number, Uint8Array>();
  #tree = new GrowingTree();
  #commit: WalkedEntry[] = [];
  #checkpoint: StoredCheckpoint | undefined;
  #nodes: TreeHash[] = [];
  #notes: StoredCheckpoint[] = [];
  /** From which size on no checkpoint fits; one finding tells so. */
  #isBroken = false;
  #missing = new Set<number>();

  constructor(options: TreeAuditOptions) {
    this.#options = options;
  }

  async take(walked: WalkedEntry): Promise<void> {
    const { findings } = this.#options;
    const { index, entry } = walked;
    if (this.#checkpoint === undefined || index >= this.#checkpoint.size) await this.#nextCheckpoint(index);
    const size = this.#checkpoint?.size;
    if (entry !== undefined && entry.treeSize !== size) {
      if (size === undefined || this.#missing.has(entry.treeSize) || (await this.#isMissing(entry.treeSize, size))) {
        if (!this.#missing.has(entry.treeSize))
          findings.add({
            kind: "removed",
            what: "checkpoint",
            text: `the checkpoint of ${entry.treeSize} entries, which entry ${index} was committed with, is not there`,
          });
        this.#missing.add(entry.treeSize);
      } else
        findings.add({
          ...{ kind: "changed", what: "entry", id: entry.id, index },
          text: `entry ${index} (${entry.id}) says that it was committed with ${entry.treeSize} entries; by the checkpoints it was with ${size}`,
        });
    }
    this.#commit.push(walked);
    if (index + 1 === size || this.#options.wanted.has(index + 1)) await this.#close(index + 1 === size);
  }

  /** Everything was taken. Gives the root of what there is. */
  async end(): Promise<Uint8Array> {
    if (this.#commit.length > 0) await this.#close(false);
    await this.#compareNodes();
    await this.#checkNotes();
    return this.#tree.root();
  }

  async #nextCheckpoint(index: number): Promise<void> {
    const { checkpoints } = this.#options;
    do {
      const next = await checkpoints.next();
      this.#checkpoint = next.done === true ? undefined : next.value;
    } while (this.#checkpoint !== undefined && this.#checkpoint.size <= index);
  }

  /** Whether a checkpoint between this entry and the next one that there is was removed: else the entry's own word is wrong. */
  #isMissing(treeSize: number, size: number): Promise<boolean> {
    const from = this.#commit[0]?.index ?? this.#tree.size;
    return Promise.resolve(treeSize > from && treeSize < size);
  }

  /** Makes the tree up to here; `isSigned`: there is a checkpoint of this size. */
  async #close(isSigned: boolean): Promise<void> {
    const { findings, wanted } = this.#options;
    const commit = this.#commit.splice(0);
    const hashes = commit.map(({ entry }) => entry && leafHash(entry.leaf));
    const stored = await this.#storedAt(commit.map(({ index }) => ({ level: 0, index })));
    const before = this.#tree.copy();
    let completed = this.#append(hashes.map((hash, at) => hash ?? stored[at] ?? EMPTY));
    const checkpoint = isSigned ? this.#checkpoint : undefined;
    if (checkpoint !== undefined) this.#notes.push(checkpoint);
    let fits = checkpoint === undefined || hasRoot(checkpoint.note, this.#tree.root());
    let isLeafAltered = false;
    if (!fits && !this.#isBroken && hashes.some((hash, at) => !isSame(hash, stored[at]))) {
      const asStored = before.copy();
      const other = stored.flatMap((hash, at) => asStored.append(hash ?? hashes[at] ?? EMPTY));
      if (checkpoint !== undefined && hasRoot(checkpoint.note, asStored.root())) {
        isLeafAltered = fits = true;
        this.#tree = asStored;
        completed = other;
      }
    }
    commit.forEach(({ index, entry }, at) => {
      if (entry === undefined) return findings.add({ kind: "removed", what: "entry", index, text: `entry ${index} is not there, or can't be read` });
      if (isLeafAltered && !isSame(hashes[at], stored[at]))
        findings.add({
          kind: "changed",
          what: "entry",
          id: entry.id,
          index,
          text: `the leaf of entry ${index} (${entry.id}) is not the one that was committed`,
        });
    });
    if (checkpoint !== undefined && !fits) this.#tellRoot(checkpoint);
    if (wanted.has(this.#tree.size)) this.roots.set(this.#tree.size, this.#tree.root());
    if (this.#notes.length >= NOTES) await this.#checkNotes();
    this.#nodes.push(...completed);
    if (this.#nodes.length >= NODES) await this.#compareNodes();
  }

  #append(hashes: readonly Uint8Array[]): TreeHash[] {
    return hashes.flatMap((hash) => this.#tree.append(hash));
  }

  /** Once: where one does not fit, none that follows can. */
  #tellRoot({ size }: StoredCheckpoint): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#options.findings.add({
      ...{ kind: "changed", what: "checkpoint" },
      text: `the root of the checkpoint of ${size} entries is not that of the entries: it, or one of those before it, was changed, removed or added, and perhaps no later checkpoint fits`,
    });
  }

  async #checkNotes(): Promise<void> {
    const notes = this.#notes.splice(0);
    const faults = await this.#options.examineNotes(notes);
    notes.forEach(({ size }, at) => {
      const fault = faults[at];
      if (fault !== undefined)
        this.#options.findings.add({ kind: "changed", what: "checkpoint", text: `the checkpoint of ${size} entries ${fault}` });
    });
  }

  async #compareNodes(): Promise<void> {
    const nodes = this.#nodes.splice(0);
    const stored = await this.#storedAt(nodes);
    nodes.forEach(({ level, index, hash }, at) => {
      const found = stored[at];
      if (found !== undefined && equalBytes(found, hash)) return;
      const [kind, words] =
        found === undefined ? (["removed", "is not there"] as const) : (["changed", "is not the hash of what it covers"] as const);
      this.#options.findings.add({ kind, what: "node", text: `node ${level}/${index} of the tree ${words}` });
    });
  }

  /** The stored hashes; undefined where there is none. Each level is read as one run. */
  async #storedAt(places: readonly { readonly level: number; readonly index: number }[]): Promise<(Uint8Array | undefined)[]> {
    const runs = new Map<number, { first: number; last: number }>();
    for (const { level, index } of places) {
      const run = runs.get(level);
      runs.set(level, { first: Math.min(run?.first ?? index, index), last: Math.max(run?.last ?? index, index) });
    }
    const found = new Map<string, Uint8Array>();
    for (const [level, { first, last }] of runs)
      for (const node of await this.#options.inventory.nodes({ level, index: first - 1 }, last - first + 1))
        if (node.level === level) found.set(`${level}/${node.index}`, node.hash);
    return places.map(({ level, index }) => found.get(`${level}/${index}`));
  }
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && equalBytes(one, other);
}
