import type { AnyBulkWriteOperation, ClientSession, Filter, UpdateFilter } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { IndexedDocument, IndexPosition, IndexStep, NewDocument, WritableIndex } from "../../search/index-port.ts";
import type { Predicate } from "../../search/predicate.ts";
import type { ResourceStep } from "../../search/resource-index.ts";
import { areDuplicates } from "./failure.ts";
import type { Asked } from "./index-permitted.ts";
import { documentById, documentsByKey } from "./index-questions.ts";
import { emptyRow, partIds, rowId, rowsOf, type IndexRow, type MatchKeyKind, type Shelf } from "./index-rows.ts";
import type { IndexState, IndexStates } from "./index-state.ts";
import { removeRows } from "./remove-rows.ts";
import { LaidAhead } from "./laid-ahead.ts";
import { putResources, removeLoose, writeResources } from "./resource-step.ts";

/** Which of the state's shelves a part stands for. */
export interface ShelfChoice {
  /** AppError `conflict` when it is gone. */
  of(state: IndexState): Shelf;
  /** That the shelf is still this one. */
  is(shelf: Shelf): Filter<IndexState>;
  moves(to: Pick<Shelf, "size" | "mark">): UpdateFilter<IndexState>;
  /** The state when the shelf has moved. */
  moved(state: IndexState, to: Pick<Shelf, "size" | "mark">): IndexState;
  /** That the shelf's resources are as far as this one's. */
  stands(shelf: Shelf): Filter<IndexState>;
  deepens(depth: number): UpdateFilter<IndexState>;
}

/**
 * One generation of the index: the current one, whichever it is, or one that is filled beside it.
 *
 * A step is written in this order: closed documents, new ones, removed ones, and then the position, by compare-and-swap. What is written before the position moved is not
 * there for readers (`presentIn`, `to`), and whoever does the same step again, or a longer or shorter one over the same entries, writes the same.
 */
export class MongoIndexPart implements WritableIndex {
  protected readonly states: IndexStates;
  readonly #choice: ShelfChoice;
  readonly #ahead: LaidAhead;

  constructor(states: IndexStates, choice: ShelfChoice) {
    this.states = states;
    this.#choice = choice;
    this.#ahead = new LaidAhead(states);
  }

  async position(): Promise<IndexPosition> {
    const { size, mark } = await this.shelf();
    return { size, mark };
  }

  async advance(step: IndexStep): Promise<"advanced" | "behind"> {
    // Whoever makes a step has asked for the position just before; whether it still holds is decided when it moves.
    const last = this.#lastShelf();
    const shelf = last?.size === step.from ? last : await this.shelf();
    if (shelf.size !== step.from) return "behind";
    const laid = await this.#ahead.among(step.documents, shelf.generation);
    // What another process laid is in another generation than the one that answers by now: it must be opened.
    if (laid === "elsewhere") return "behind";
    const loose = step.documents.filter(({ from }) => !laid.has(from));
    const headers = loose.map(({ from: position, header }) => ({ position, resources: header }));
    // None of it is there for readers, whichever comes first.
    await Promise.all([this.#write(step, laid, shelf.generation), putResources(this.states, headers, shelf.generation)]);
    const to = { size: step.to, mark: step.mark };
    if (await this.states.change({ tag: this.states.tag, ...this.#choice.is(shelf) }, this.#choice.moves(to))) {
      // Nobody can have removed one of them before it moved.
      if (this.#isLast(shelf)) this.states.note((state) => this.#choice.moved(state, to));
      this.#ahead.forgetBelow(step.to);
      return "advanced";
    }
    // Somebody else moved it on, or put another generation in its place: then what was written here belongs to none.
    await removeLoose(
      this.states,
      loose.map(({ from }) => from),
      shelf.generation,
    );
    const now = await this.shelf();
    if (now.generation !== shelf.generation) await this.states.sweep();
    return "behind";
  }

  async layAhead(documents: readonly NewDocument[]): Promise<void> {
    const { generation } = this.#lastShelf() ?? (await this.shelf());
    await this.#ahead.lay(documents, generation);
    // It was put aside while this was written: what lies in it is swept by whoever did so, or by us.
    if ((this.#lastShelf()?.generation ?? generation) !== generation) await this.states.sweep();
  }

  async laidAhead(from: number, to: number): Promise<{ readonly size: number; readonly documents: readonly NewDocument[] }> {
    const { generation } = this.#lastShelf() ?? (await this.shelf());
    const [documents, now] = await Promise.all([this.#ahead.read({ from, to }, generation), this.shelf()]);
    return { size: now.size, documents: now.generation === generation ? documents : [] };
  }

  async depth(): Promise<number> {
    return (await this.shelf()).depth;
  }

  async deepen({ from, to, documents }: ResourceStep): Promise<"advanced" | "behind"> {
    const shelf = await this.shelf();
    if (shelf.depth !== from || shelf.size < to) return "behind";
    await writeResources(this.states, documents, shelf.generation);
    if (await this.states.change({ tag: this.states.tag, ...this.#choice.stands(shelf) }, this.#choice.deepens(to))) return "advanced";
    await this.states.sweep();
    return "behind";
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
    return this.question(permitted, (asked) => documentById(asked, id));
  }

  /**
   * A question to one generation, at the size that the state had when it was read last, and beside it the state: what it says is the answer when nothing moved meanwhile,
   * which saves a wait in most cases. Else it is asked again; then it is enough that the generation stood.
   */
  protected async question<Result>(permitted: Predicate, work: (asked: Asked) => Promise<Result>): Promise<Result> {
    this.states.refuseClosed();
    const last = this.#lastShelf();
    for (let [shelf, isFresh] = [last ?? (await this.shelf()), last === undefined]; ; isFresh = true) {
      const here = shelf;
      const asking = this.states.connection.ask((session) => work({ rows: this.states.rows, session, shelf: here, permitted }));
      const [result, now] = await Promise.all([asking, this.shelf()]);
      if (now.generation === here.generation && (isFresh || (now.size === here.size && now.depth === here.depth))) return result;
      shelf = now;
    }
  }

  protected async shelf(): Promise<Shelf> {
    const state = await this.states.read();
    if (state.tag !== this.states.tag)
      throw new AppError("conflict", "the index was made by another version, or under other settings: this service must be started anew");
    return this.#choice.of(state);
  }

  #lastShelf(): Shelf | undefined {
    const { last, tag } = this.states;
    try {
      return last?.tag === tag ? this.#choice.of(last) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether the state says the same still, as it was read last. */
  #isLast({ generation, size }: Shelf): boolean {
    const last = this.#lastShelf();
    return last?.generation === generation && last.size === size;
  }

  #byKey(kind: MatchKeyKind, keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]> {
    if (keys.length === 0) return Promise.resolve([]);
    return this.question(permitted, (asked) => documentsByKey(asked, kind, keys));
  }

  async #write({ documents, closed, removed, to: asOf }: IndexStep, laid: ReadonlySet<number>, generation: number): Promise<void> {
    await this.states.connection.ask(async (session) => {
      const { rows } = this.states;
      const ids = [...closed.map(({ id }) => id), ...removed];
      const there = ids.length === 0 ? [] : await rows.find({ generation, id: { $in: ids } }, { session, projection: PLACE }).toArray();
      const placeOf = new Map(there.map((row) => [row.id, row]));
      const closings = closed.flatMap(({ id, to }): AnyBulkWriteOperation<IndexRow>[] => {
        const place = placeOf.get(id);
        if (!place) return [];
        const update = to === undefined ? { $set: { asOf }, $unset: { to: "" as const } } : { $set: { asOf, to } };
        return [{ updateOne: { filter: writable(place._id, asOf), update } }];
      });
      const ends = documents.flatMap(({ from, to }): AnyBulkWriteOperation<IndexRow>[] =>
        laid.has(from) && to !== undefined
          ? [{ updateOne: { filter: writable(rowId(generation, from), asOf), update: { $set: { asOf, to } } } }]
          : [],
      );
      const additions = documents
        .filter(({ from }) => !laid.has(from))
        .flatMap((document) => rowsOf(document, generation, asOf))
        .map((row): AnyBulkWriteOperation<IndexRow> => ({ replaceOne: { filter: writable(row._id, asOf), replacement: row, upsert: true } }));
      const removals = removed.flatMap((id): AnyBulkWriteOperation<IndexRow>[] => {
        const place = placeOf.get(id);
        if (!place) return [];
        return [...partIds(place._id, place.parts ?? 0), place._id].map((_id) => ({
          replaceOne: { filter: writable(_id, asOf), replacement: emptyRow({ ...place, _id }, asOf) },
        }));
      });
      // One after the other: a document that supersedes is removed after those that it superseded are open again, so that a step that broke off can be done again.
      for (const writes of [[...closings, ...ends, ...additions], removals]) await this.#bulk(writes, session);
      const gone = removed.flatMap((id) => placeOf.get(id)?.from ?? []);
      if (gone.length > 0) await removeRows(this.states.resources, session, { generation, position: { $in: gone } });
    });
  }

  async #bulk(writes: AnyBulkWriteOperation<IndexRow>[], session: ClientSession): Promise<void> {
    if (writes.length === 0) return;
    // A row that a later step has written is not replaced: its condition fails, and what would be inserted is there. The same is said when two insert at once; then the second look decides.
    for (let look = 0; look < 2; look++)
      try {
        await this.states.rows.bulkWrite(writes, { session, ordered: false });
        return;
      } catch (cause) {
        if (!areDuplicates(cause)) throw cause;
      }
  }
}

const PLACE = { id: 1, generation: 1, from: 1, parts: 1 } as const;

function writable(id: string, asOf: number): Filter<IndexRow> {
  return { _id: id, asOf: { $lte: asOf } };
}
