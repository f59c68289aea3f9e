import type { Collection } from "mongodb";
import { AppError } from "../../core/errors.ts";
import type { KeyMove, WrappedKeys } from "../../pipeline/store/document-keys.ts";
import type { Connection } from "./connection.ts";
import { areDuplicates, isDuplicate } from "./failure.ts";
import { documentOfKey, keyName, type KeyEpochs } from "./key-names.ts";
import { bytesOf, byTheServer, type CommitRow, type KeyRow } from "./rows.ts";
import type { Staging } from "./staging.ts";

/** Epochs in which keys may still be wrapped anew: the one that begins, and the one before it. */
const OPEN_EPOCHS = 2;
const NOTHING = new Uint8Array();

/**
 * The port WrappedKeys in a collection of its own, the only one of the record from which anything is ever removed. How keys are replaced and destroyed at the same time is told in
 * docs/design/epochs.md.
 */
export class MongoWrappedKeys implements WrappedKeys {
  readonly #connection: Connection;
  readonly #keys: Collection<KeyRow>;
  readonly #commits: Collection<CommitRow>;
  readonly #staging: Staging;
  readonly #epochs: KeyEpochs;

  constructor(connection: Connection, staging: Staging, epochs: KeyEpochs) {
    this.#connection = connection;
    this.#keys = connection.db.collection("keys");
    this.#commits = connection.db.collection("commits");
    this.#staging = staging;
    this.#epochs = epochs;
  }

  async keep(documentId: string, wrappedKey: Uint8Array): Promise<void> {
    // Once the document is in the log its key is there or was destroyed, and what was destroyed must not come back.
    if (!(await this.#isCommitted(documentId))) {
      this.#staging.noteKey(documentId);
      if (await this.#insert(documentId, wrappedKey)) return;
    }
    const there = await this.read(documentId);
    if (!there || !Buffer.from(wrappedKey).equals(there)) throw new AppError("internal", "the document had another key");
  }

  async read(documentId: string): Promise<Uint8Array | undefined> {
    const found = await this.#rowsOf([documentId]);
    if (found.length > 0) return keyIn(found.at(-1));
    // It may lie under a name that we do not know yet, or have been on its way from one to the next.
    await this.#epochs.read();
    return keyIn((await this.#rowsOf([documentId])).at(-1));
  }

  async replace(epoch: number, moves: readonly KeyMove[]): Promise<number> {
    // Before we look what is there: whoever destroys a key after that takes this name too.
    await this.#epochs.lay(epoch);
    const there = new Map((await this.#rowsOf(moves.map(({ documentId }) => documentId))).map((row) => [row._id, bytesOf(row.key, "keys")]));
    const earlier = (id: string): string[] => this.#epochs.namesOf(id).filter((name) => name < keyName(id, epoch) && there.has(name));
    const open = moves.filter(({ documentId, from }) => earlier(documentId).some((name) => Buffer.from(from).equals(there.get(name) ?? NOTHING)));
    if (open.length === 0) return 0;
    await this.#insertAll(open.map(({ documentId, to }) => ({ _id: keyName(documentId, epoch), at: byTheServer(), key: to })));
    // What stands there now is ours, another's who does the same, or says that the key was destroyed. In each case the earlier ones are done with.
    await this.#removeAll(open.flatMap(({ documentId }) => earlier(documentId)));
    const moved = new Set((await this.#named(open.map(({ documentId }) => keyName(documentId, epoch)))).map(({ _id }) => documentOfKey(_id)));
    return open.filter(({ documentId }) => moved.has(documentId)).length;
  }

  async destroy(documentId: string): Promise<void> {
    const blanks = await this.#isCommitted(documentId);
    for (let known: readonly number[] = []; ;) {
      const epochs = await this.#epochs.read();
      // Whoever begins to replace keys after this finds none: an epoch that was laid down meanwhile is looked at as well.
      if (known.length > 0 && known.length === epochs.length) return;
      // Whoever read the key before finds its new name taken, for ever.
      if (blanks) for (const epoch of epochs.slice(-OPEN_EPOCHS)) await this.#blank(keyName(documentId, epoch));
      await this.#removeAll((await this.#rowsOf([documentId])).map(({ _id }) => _id));
      if (epochs.length === 0 && (await this.#epochs.read()).length === 0) return;
      known = epochs;
    }
  }

  /** Puts a row without a key under a name, in the place of any that has one. */
  async #blank(name: string): Promise<void> {
    while (!(await this.#insert(name, NOTHING))) {
      const [real] = await this.#named([name]);
      if (real === undefined) return;
      await this.#removeAll([name]);
    }
  }

  async #isCommitted(documentId: string): Promise<boolean> {
    const row = await this.#connection.ask((session) => this.#commits.findOne({ "entries.id": documentId }, { session, projection: { size: 1 } }));
    return row !== null;
  }

  /** False when there is a row of that name. */
  #insert(name: string, key: Uint8Array): Promise<boolean> {
    return this.#connection.ask(async (session) => {
      try {
        await this.#keys.insertOne({ _id: name, at: byTheServer(), key }, { session });
        return true;
      } catch (cause) {
        if (!isDuplicate(cause)) throw cause;
        return false;
      }
    });
  }

  /** Those whose name is taken are left out. */
  async #insertAll(rows: readonly KeyRow[]): Promise<void> {
    await this.#connection.ask(async (session) => {
      await this.#keys.insertMany(rows, { session, ordered: false }).catch((cause: unknown) => {
        if (!areDuplicates(cause)) throw cause;
      });
    });
  }

  async #removeAll(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await this.#connection.ask((session) =>
      this.#keys.bulkWrite(
        names.map((_id) => ({ deleteOne: { filter: { _id } } })),
        { session, ordered: false },
      ),
    );
  }

  /** The rows with a key that documents have under names that we know, those of one document from the earliest to the newest. */
  #rowsOf(documentIds: readonly string[]): Promise<KeyRow[]> {
    return this.#named(documentIds.flatMap((id) => this.#epochs.namesOf(id)));
  }

  async #named(names: readonly string[]): Promise<KeyRow[]> {
    const rows = await this.#connection.ask((session) => this.#keys.find({ _id: { $in: [...names] } }, { session, sort: { _id: 1 } }).toArray());
    return rows.filter(({ key }) => bytesOf(key, "keys").length > 0);
  }
}

function keyIn(row: KeyRow | undefined): Uint8Array | undefined {
  return row && bytesOf(row.key, "keys");
}
