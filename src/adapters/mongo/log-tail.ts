/**
 * The log's newest commits, as this process has read or made them: a run without a gap, up to a size that a majority was seen to have. What is in it is in the log for ever, so whatever it answers needs not be
 * asked again; what is not in it may still be below its beginning.
 */
import { bytesOf, type CommitRow } from "./rows.ts";

/** How much is remembered, in commits and in entries. */
const MOST_COMMITS = 512;
const MOST_ENTRIES = 4_096;

/** A size of the log with the commit that made it. */
export interface LogEnd {
  /** The size that the commit was made upon; undefined for a log without entries. */
  readonly upon: number | undefined;
  readonly size: number;
  /** Of its checkpoint; empty for a log without entries. */
  readonly note: string;
}

export class LogTail {
  #rows: CommitRow[] = [];
  #entries = 0;
  #from = 0;
  #end: LogEnd | undefined;
  /** The commits, by the ids of their entries. */
  readonly #ids = new Map<string, CommitRow>();
  readonly #claims = new Set<string>();
  readonly #nodes = new Map<string, Uint8Array>();

  /** Where it ends; undefined when nothing is known. */
  get end(): LogEnd | undefined {
    return this.#end;
  }

  /** Begins anew behind what a majority was seen to have; undefined: knowing nothing. */
  reset(end: LogEnd | undefined): void {
    this.#end = end;
    this.#from = end?.size ?? 0;
    this.#rows = [];
    this.#entries = 0;
    this.#ids.clear();
    this.#claims.clear();
    this.#nodes.clear();
  }

  /** Takes in commits in their order, as far as they follow without a gap. */
  extend(rows: readonly CommitRow[]): void {
    for (const row of rows) {
      if (row._id !== this.#end?.size || row.closed !== undefined || !(row.size > row._id)) continue;
      this.#rows.push(row);
      this.#end = { upon: row._id, size: row.size, note: row.note };
      this.#entries += row.entries.length;
      for (const { id } of row.entries) this.#ids.set(id, row);
      for (const { key } of row.claims) this.#claims.add(key);
      for (const { at, hash } of row.nodes) this.#nodes.set(at, bytesOf(hash, "nodes"));
    }
    while (this.#rows.length > MOST_COMMITS || (this.#entries > MOST_ENTRIES && this.#rows.length > 1)) this.#dropOldest();
  }

  /** Whether every commit upon this size and later ones is in the run. */
  reachesBackTo(size: number): boolean {
    return this.#end !== undefined && size >= this.#from;
  }

  /** Whether one of these ids or claims is borne in the run. */
  bears(ids: readonly string[], claims: readonly string[]): boolean {
    return ids.some((id) => this.#ids.has(id)) || claims.some((key) => this.#claims.has(key));
  }

  /** The commit that holds an entry; undefined when none of the run does. */
  commitOf(id: string): CommitRow | undefined {
    return this.#ids.get(id);
  }

  /** The commit that brought the log to a size; undefined when none of the run did. */
  making(size: number): CommitRow | undefined {
    return this.#rows.findLast((row) => row.size === size);
  }

  /** The hash of an inner node that a commit of the run completed. */
  node(at: string): Uint8Array | undefined {
    return this.#nodes.get(at);
  }

  /** The commits that hold these entries; undefined when not all of them are in the run. */
  holding(from: number, count: number): readonly CommitRow[] | undefined {
    if (this.#end === undefined || from < this.#from || from + count > this.#end.size) return undefined;
    return this.#rows.filter((row) => row.size > from && row._id < from + count);
  }

  #dropOldest(): void {
    const oldest = this.#rows.shift();
    if (!oldest) return;
    this.#from = oldest.size;
    this.#entries -= oldest.entries.length;
    for (const { id } of oldest.entries) this.#ids.delete(id);
    for (const { key } of oldest.claims) this.#claims.delete(key);
    for (const { at } of oldest.nodes) this.#nodes.delete(at);
  }
}
