import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../core/errors.ts";
import type { IndexedDocument, IndexPosition, IndexStep, WritableIndex } from "../../search/index-port.ts";
import type { Predicate } from "../../search/predicate.ts";
import type { ResourceStep } from "../../search/resource-index.ts";
import type { Database } from "./database.ts";
import { depthOf, positionOf } from "./index-generations.ts";
import { documentById, documentsByKey } from "./index-questions.ts";
import { deleteDocument, insertDocument } from "./index-rows.ts";
import type { MatchKeyKind, Tables } from "./index-schema.ts";
import { inParts, ResourceWriters, type ResourceWriter, type WrittenPart } from "./resource-rows.ts";
import { textAt } from "./rows.ts";

/** Runs synchronous work on the index's database, over the tables of one generation. */
export type OnTables = <Result>(work: (database: Database, tables: Tables, generation: number) => Result) => Promise<Result>;

/** About so many rows are written in one transaction, which takes some milliseconds: of many documents, so that a page that several come to is written once. */
const PART = 1_500;

/** A question that reads the index ends within a time of its own (query/lanes.ts), long before so many looks, milliseconds apart. */
const LOOK = 100;
const MOST_LOOKS = 600;

/** One generation of the index: the current one, whichever it is, or one that is filled beside it. */
export class SqliteIndexPart implements WritableIndex {
  protected readonly on: OnTables;
  readonly #tag: string;
  readonly #writers = new ResourceWriters();

  constructor(on: OnTables, tag: string) {
    this.on = on;
    this.#tag = tag;
  }

  position(): Promise<IndexPosition> {
    return this.on((database, _, generation) => positionOf(database, generation));
  }

  async advance(step: IndexStep): Promise<"advanced" | "behind"> {
    const result = await this.on((database, tables, generation) => {
      const writer = this.#writers.of(database, tables, generation);
      return writing(database, writer, () => {
        this.#checkTag(database);
        if (positionOf(database, generation).size !== step.from) return "behind";
        for (const id of step.removed) deleteDocument(database, tables, id);
        for (const document of step.documents) insertDocument(database, tables, document);
        const headers = step.documents.map(({ from, header }) => ({ position: from, resources: header }));
        for (const part of inParts(headers, Infinity)) writer.write(part);
        for (const { id, to } of step.closed) database.run(`UPDATE ${tables.documents} SET closed_at = ? WHERE id = ?`, to ?? null, id);
        database.run("UPDATE generations SET size = ?, mark = ? WHERE number = ?", step.to, step.mark, generation);
        return "advanced";
      });
    });
    if (step.removed.length > 0) await this.#cutLog();
    return result;
  }

  /** What was overwritten in the file would still stand in the log before it. Whoever reads what stands there still is waited for: a moment here, and then behind the scenes. */
  async #cutLog(): Promise<void> {
    const cut = (): Promise<boolean> => this.on((database) => database.get("PRAGMA wal_checkpoint(TRUNCATE)")?.["busy"] === 0);
    if (await cut()) return;
    void (async () => {
      for (let look = 0; look < MOST_LOOKS; look++) {
        await sleep(LOOK, undefined, { ref: false });
        if (await cut()) return;
      }
    })().catch(() => undefined);
  }

  depth(): Promise<number> {
    return this.on((database, _, generation) => depthOf(database, generation));
  }

  /** In short transactions: whoever deposits, or asks, comes in between. What a part of a step left behind when it ended halfway is what the step will write. */
  async deepen(step: ResourceStep): Promise<"advanced" | "behind"> {
    const isNext = (database: Database, generation: number): boolean =>
      depthOf(database, generation) === step.from && positionOf(database, generation).size >= step.to;
    if (!(await this.on((database, _, generation) => isNext(database, generation)))) return "behind";
    const parts = inParts(step.documents, PART);
    for (const part of parts.slice(0, -1)) {
      await this.#writing((database, tables, writer) => writeKept(database, tables, writer, part));
      await nextTurn();
    }
    return this.#writing((database, tables, writer, generation) => {
      if (!isNext(database, generation)) return "behind";
      for (const part of parts.slice(-1)) writeKept(database, tables, writer, part);
      database.run("UPDATE generations SET depth = ? WHERE number = ?", step.to, generation);
      return "advanced";
    });
  }

  /** One transaction of the version and settings that this index is of. */
  #writing<Result>(work: (database: Database, tables: Tables, writer: ResourceWriter, generation: number) => Result): Promise<Result> {
    return this.on((database, tables, generation) => {
      const writer = this.#writers.of(database, tables, generation);
      return writing(database, writer, () => {
        this.#checkTag(database);
        return work(database, tables, writer, generation);
      });
    });
  }

  named(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.#byKey("own", keys, permitted);
  }

  claiming(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.#byKey("claim", keys, permitted);
  }

  sharingComposition(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    return this.#byKey("composition", keys, permitted);
  }

  document(id: string, permitted: Predicate): Promise<IndexedDocument | undefined> {
    return this.on((database, tables) => documentById(database, tables, id, permitted));
  }

  #checkTag(database: Database): void {
    if (textAt(database.get("SELECT tag FROM made_by") ?? {}, "tag") !== this.#tag)
      throw new AppError("conflict", "the index was made by another version, or under other settings: this service must be started anew");
  }

  #byKey(kind: MatchKeyKind, keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    if (keys.length === 0) return Promise.resolve([]);
    return this.on((database, tables) => documentsByKey(database, tables, { kind, keys, permitted }));
  }
}

/** Writes what is of documents that are there: others may have been erased since they were opened. */
function writeKept(database: Database, { documents }: Tables, writer: ResourceWriter, { resources, rows }: WrittenPart): void {
  const positions = new Set([...resources, ...rows].map(({ position }) => position));
  const kept = new Set([...positions].filter((position) => database.get(`SELECT 1 FROM ${documents} WHERE position = ?`, position) !== undefined));
  const isKept = ({ position }: { readonly position: number }): boolean => kept.has(position);
  writer.write(kept.size === positions.size ? { resources, rows } : { resources: resources.filter(isKept), rows: rows.filter(isKept) });
}

/** A transaction in which a writer writes. */
function writing<Result>(database: Database, writer: ResourceWriter, work: () => Result): Result {
  try {
    return database.transaction(work);
  } catch (cause) {
    writer.forget();
    throw cause;
  }
}
