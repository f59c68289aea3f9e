/**
 * What the rows in `keys` are called. A document's first key lies under the document's own id; one that took its place under `{id}/{epoch}`, the epoch of the master key in which it is wrapped. Nothing
 * there is ever updated: a key that is wrapped anew is another row, and then the earlier one is removed.
 */
import type { Collection } from "mongodb";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";

/** Rows of `repository` that say that there may be keys of an epoch beside documents' first ones. */
const PREFIX = "epoch/";

interface EpochRow {
  readonly _id: string;
  readonly text: string;
}

export function keyName(documentId: string, epoch: number): string {
  return `${documentId}/${four(epoch)}`;
}

/** The document of a row. */
export function documentOfKey(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

/** The epochs that rows are named after, as they are laid down in `repository` before any such row is inserted. */
export class KeyEpochs {
  readonly #connection: Connection;
  readonly #rows: Collection<EpochRow>;
  #known: readonly number[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#rows = connection.db.collection("repository");
  }

  /** As they were read last, in order. */
  get known(): readonly number[] {
    return this.#known;
  }

  async read(): Promise<readonly number[]> {
    const rows = await this.#connection.ask((session) =>
      this.#rows.find({ _id: { $gte: PREFIX, $lt: `${PREFIX}:` } }, { session, sort: { _id: 1 } }).toArray(),
    );
    this.#known = rows.map(({ _id }) => Number(_id.slice(PREFIX.length)));
    return this.#known;
  }

  /** Lays one down; when it resolves, whoever reads them finds it. */
  async lay(epoch: number): Promise<void> {
    if (this.#known.includes(epoch)) return;
    await this.#connection.ask(async (session) => {
      await this.#rows.insertOne({ _id: `${PREFIX}${four(epoch)}`, text: "" }, { session }).catch((cause: unknown) => {
        if (!isDuplicate(cause)) throw cause;
      });
    });
    await this.read();
  }

  /** All names that a document's keys may have, the newest last. */
  namesOf(documentId: string): string[] {
    return [documentId, ...this.#known.map((epoch) => keyName(documentId, epoch))];
  }
}

/** So that names are in the order of epochs. */
function four(epoch: number): string {
  return String(epoch).padStart(4, "0");
}
