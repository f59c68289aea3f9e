/** The log hashed anew by SHA-512, as far as it was: runs of items, and the time-stamps over them, each found by its number. */
import { utf8Text } from "../../core/crypto/bytes.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { rootOf, SHA512_TREE, type FetchNodes, type NodePosition } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import {
  itemHash,
  parseRenewalLeaf,
  parseRenewalRecord,
  parseRenewalRunLeaf,
  parseRenewalRunRecord,
  RUN,
  type RenewalLeaf,
  type RenewalRecord,
  type RenewalRunLeaf,
} from "../../core/formats/renewal.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";

export function renewalClaim(number: number): string {
  return `renewal:${number}`;
}

export function renewalRunClaim(number: number): string {
  return `renewal-run:${number}`;
}

export interface KnownRenewal extends RenewalLeaf {
  readonly index: number;
  /** Its own entry's bytes. */
  readonly leafBytes: Uint8Array;
}

/** Numbers that are asked for at once. */
const ASKED = 64;
/** Levels of the tree within a run. */
const LEVELS = Math.log2(RUN);

/** Remembers leaves, which never change: of each run 64 bytes and a little. */
export class RenewalBook {
  readonly #store: Pick<RecordStore, "claimed" | "evidence">;
  readonly #renewals: KnownRenewal[] = [];
  readonly #runs: RenewalRunLeaf[] = [];

  constructor(store: Pick<RecordStore, "claimed" | "evidence">) {
    this.#store = store;
  }

  /** In order of their numbers. AppError `damaged`, `malformed`. */
  async renewals(): Promise<readonly KnownRenewal[]> {
    return this.#readOn(this.#renewals, renewalClaim, ({ leaf, index }) => ({ ...parseRenewalLeaf(leaf), index, leafBytes: leaf }));
  }

  async runs(): Promise<readonly RenewalRunLeaf[]> {
    return this.#readOn(this.#runs, renewalRunClaim, ({ leaf }) => parseRenewalRunLeaf(leaf));
  }

  /** What is kept of a time-stamp. AppError `damaged`, `malformed`. */
  async record({ id, recordDigest, tokenDigest }: Pick<RenewalLeaf, "id" | "recordDigest" | "tokenDigest">): Promise<RenewalRecord> {
    return openRenewal({ id, recordDigest, tokenDigest }, await this.#store.evidence(id));
  }

  /** The items of a run. AppError `damaged`, `malformed`. */
  async items(run: RenewalRunLeaf): Promise<readonly string[]> {
    return openRenewalRun(run, await this.#store.evidence(run.id));
  }

  /** The items of the entry at an index, and nodes of the tree: of whole runs, and of the items behind the last of them. */
  async treeOf(tail: readonly string[]): Promise<{ item(index: number): Promise<string>; readonly fetch: FetchNodes }> {
    const runs = await this.runs();
    const known = new Map<number, readonly string[]>();
    const itemsOf = async (number: number): Promise<readonly string[]> => {
      const run = runs[number];
      const items = known.get(number) ?? (run === undefined ? tail : await this.items(run));
      known.set(number, items);
      return items;
    };
    const nodeAt = async ({ level, index }: NodePosition): Promise<Uint8Array> => {
      const run = level === LEVELS ? runs[index] : undefined;
      if (run !== undefined) return run.root;
      if (level > LEVELS)
        return SHA512_TREE.inner(await nodeAt({ level: level - 1, index: index * 2 }), await nodeAt({ level: level - 1, index: index * 2 + 1 }));
      const width = 2 ** level;
      const first = (index * width) % RUN;
      return subtree((await itemsOf(Math.floor((index * width) / RUN))).slice(first, first + width).map(itemHash));
    };
    return {
      item: async (index) => (await itemsOf(Math.floor(index / RUN)))[index % RUN] ?? missing(index),
      fetch: (positions) => Promise.all(positions.map(nodeAt)),
    };
  }

  async #readOn<Known>(
    known: Known[],
    claim: (number: number) => string,
    read: (entry: LogEntry) => Known & { readonly number: number },
  ): Promise<readonly Known[]> {
    for (let ask = 1; ; ask = ASKED) {
      const from = known.length;
      const found = await this.#store.claimed(Array.from({ length: ask }, (_, at) => claim(from + at)));
      const more: Known[] = [];
      for (let entry; (entry = found.get(claim(from + more.length))?.entry) !== undefined;) {
        const one = read(entry);
        if (one.number !== from + more.length)
          throw new AppError("damaged", `the entry ${entry.index} is found as ${claim(from + more.length)}, and is number ${one.number}`);
        more.push(one);
      }
      // Somebody else may have read on meanwhile.
      if (known.length === from) known.push(...more);
      if (more.length < ask) return [...known];
    }
  }
}

function missing(index: number): never {
  throw new AppError("damaged", `what was hashed anew has nothing of entry ${index}`);
}

function subtree(hashes: readonly Uint8Array[]): Uint8Array {
  const [left, right] = [hashes.slice(0, hashes.length / 2), hashes.slice(hashes.length / 2)];
  const [only] = hashes;
  if (only !== undefined && hashes.length === 1) return only;
  if (left.length === 0) throw new AppError("damaged", "what was hashed anew is shorter than it was");
  return SHA512_TREE.inner(subtree(left), subtree(right));
}

/** Opens what is kept of a time-stamp over the log hashed anew. AppError `damaged`, `malformed`. */
export function openRenewal(
  { id, recordDigest, tokenDigest }: Pick<RenewalLeaf, "id" | "recordDigest" | "tokenDigest">,
  kept: Uint8Array | undefined,
): RenewalRecord {
  const record = parseRenewalRecord(textOf(id, kept, recordDigest));
  if (record.id !== id || digestOf(record.token) !== tokenDigest)
    throw new AppError("damaged", `the record of entry ${id} is another's, or its token is not the one of its leaf`);
  return record;
}

/** Opens what is kept of a run. AppError `damaged`, `malformed`. */
export function openRenewalRun({ id, recordDigest }: Pick<RenewalRunLeaf, "id" | "recordDigest">, kept: Uint8Array | undefined): readonly string[] {
  const record = parseRenewalRunRecord(textOf(id, kept, recordDigest));
  if (record.id !== id || record.items.length !== RUN) throw new AppError("damaged", `the record of entry ${id} is another's, or no whole run`);
  return record.items;
}

function textOf(id: string, kept: Uint8Array | undefined, digest: string): string {
  if (kept === undefined) throw new AppError("damaged", `the record of entry ${id} is missing`);
  if (digestOf(kept) !== digest)
    throw new AppError("damaged", `the record of entry ${id} is not what was committed: its digest differs from the one in the log`);
  return utf8Text(kept);
}

/** The root over the items of a run. */
export async function rootOfItems(items: readonly string[]): Promise<Uint8Array> {
  const fetch: FetchNodes = (positions) =>
    Promise.resolve(positions.map(({ level, index }) => subtree(items.slice(index * 2 ** level, (index + 1) * 2 ** level).map(itemHash))));
  return rootOf(items.length, fetch, SHA512_TREE);
}
