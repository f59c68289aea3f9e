/** How far the index has come, and which generation of its rows answers: one document, so that each change is one compare-and-swap. */
import type { Collection, Filter, UpdateFilter } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import type { IndexRow, Shelf } from "./index-rows.ts";
import { removeRows } from "./remove-rows.ts";
import type { ResourceRow } from "./resource-rows.ts";

/** What the rows look like. An index of any other version is emptied. */
const ROWS_VERSION = 3;
const ID = "index";

export interface IndexState extends Shelf {
  readonly _id: string;
  readonly version: number;
  /** By which version of the indexer and under which settings it is made. */
  readonly tag: string;
  /** The number of the next generation: none is given twice. */
  readonly next: number;
  /** What is filled beside the current generation. */
  readonly beside?: Shelf;
}

const EMPTY = { size: 0, mark: "", depth: 0 } as const;

export class IndexStates {
  readonly connection: Connection;
  readonly rows: Collection<IndexRow>;
  readonly resources: Collection<ResourceRow>;
  readonly tag: string;
  readonly #states: Collection<IndexState>;
  #isClosed = false;
  /** What is about to be read. */
  #reading: Promise<IndexState> | undefined;
  /** As it was read last. */
  #last: IndexState | undefined;

  constructor(connection: Connection, tag: string) {
    this.connection = connection;
    this.tag = tag;
    this.rows = connection.db.collection("index_documents");
    this.resources = connection.db.collection("index_resources");
    this.#states = connection.db.collection("state");
  }

  /** By which version of the indexer and under which settings the index there was made; undefined when there is none, or it is of another version and is made anew when it is opened. */
  static async tagIn(connection: Connection): Promise<string | undefined> {
    const state = await IndexStates.stateIn(connection);
    return state?.version === ROWS_VERSION ? state.tag : undefined;
  }

  /** Undefined when there is no index. */
  static async stateIn(connection: Connection): Promise<IndexState | undefined> {
    const states: Collection<IndexState> = connection.db.collection("state");
    return (await connection.ask((session) => states.findOne({ _id: ID }, { session }))) ?? undefined;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** The state as it was when it was read last; it may have changed since. */
  get last(): IndexState | undefined {
    return this.#last;
  }

  refuseClosed(): void {
    if (this.#isClosed) throw new AppError("unavailable", "the index is closed");
  }

  /** Makes the state when there is none, and empties an index that was made otherwise. */
  async prepare(): Promise<void> {
    const first: IndexState = { _id: ID, version: ROWS_VERSION, tag: this.tag, generation: 1, ...EMPTY, next: 2 };
    await this.connection.ask(async (session) => {
      await this.#states.insertOne(first, { session }).catch((cause: unknown) => {
        if (!isDuplicate(cause)) throw cause;
      });
    });
    for (;;) {
      const { version, tag } = await this.read();
      if (version > ROWS_VERSION) throw new AppError("unsupported", "the index in the database was made by a newer version of Chartulary");
      if (version === ROWS_VERSION && tag === this.tag) return;
      // Whoever else opens it anew may be quicker; then it is looked at again.
      await this.replaceCurrent({ version: ROWS_VERSION, tag: this.tag });
    }
  }

  /** The state as it is now. Who asks in the same turn of the loop is answered by one look, which begins after all of them have asked: each question of a search asks. */
  read(): Promise<IndexState> {
    const reading = (this.#reading ??= Promise.resolve().then(() => {
      this.#reading = undefined;
      return this.#read();
    }));
    return reading;
  }

  async #read(): Promise<IndexState> {
    this.refuseClosed();
    const state = await this.connection.ask((session) => this.#states.findOne({ _id: ID }, { session }));
    if (!state) throw new AppError("damaged", "the index has no state in the database: the service must be started anew");
    this.#last = state;
    return state;
  }

  /** True when the state was as the condition says, and is changed. */
  async change(condition: Filter<IndexState>, change: UpdateFilter<IndexState>): Promise<boolean> {
    this.refuseClosed();
    const { matchedCount } = await this.connection.ask((session) => this.#states.updateOne({ ...condition, _id: ID }, change, { session }));
    return matchedCount > 0;
  }

  /** Says that the state which was read last was changed by us. */
  note(change: (state: IndexState) => IndexState): void {
    if (this.#last) this.#last = change(this.#last);
  }

  /** Puts an empty generation in the current one's place; false when somebody else changed it at the same moment. */
  async replaceCurrent(made: Partial<Pick<IndexState, "version" | "tag">> = {}): Promise<boolean> {
    const { generation, next } = await this.read();
    return this.change({ generation, next }, { $set: { generation: next, ...EMPTY, ...made }, $inc: { next: 1 } });
  }

  /** Begins a generation beside the current one; gives its number. */
  async begin(): Promise<number> {
    for (;;) {
      const { next } = await this.read();
      if (await this.change({ next }, { $set: { beside: { generation: next, ...EMPTY } }, $inc: { next: 1 } })) return next;
    }
  }

  /** Removes all rows that are of no living generation: patient data that nobody can find, and nobody needs. */
  async sweep(): Promise<void> {
    const { generation, beside, next } = await this.read();
    // One that somebody begins from now on has a number from `next` on: it may have rows before these are looked for.
    const dead = { generation: { $nin: [generation, ...(beside ? [beside.generation] : [])], $lt: next } };
    await this.connection.ask(async (session) => {
      await removeRows<IndexRow>(this.rows, session, dead);
      await removeRows<ResourceRow>(this.resources, session, dead);
    });
  }
}
