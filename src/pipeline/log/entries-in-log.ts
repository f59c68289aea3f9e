/** Entries held against the tree before what they are about is given to anybody. */
import type { Checkpoint } from "../../core/crypto/checkpoint.ts";
import { toBase64 } from "../../core/crypto/base64.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { sha256 } from "../../core/crypto/digest.ts";
import { knownLog, type KnownLog } from "../../core/crypto/log-keys.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { Recent } from "../../core/recent.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { holdCounting } from "./counting-checkpoint.ts";
import { faultOf, type OpensCheckpoint, type OwnLogs } from "./in-log.ts";
import type { LogKeyWatch } from "./log-keys.ts";
import { openCheckpoint } from "./tree-head.ts";

/** Entries that are remembered: a few megabytes. */
const REMEMBERED = 20_000;
/** Checkpoints that are: entries of one commit are often read after each other. */
const CHECKPOINTS = 256;
/** Logs with their keys. */
const LOGS = 8;

export interface EntriesInLogOptions {
  readonly logs: OwnLogs;
  /** Asked before a fault is told: another process may sign by a key that was not seen here yet. */
  readonly logKeys?: Pick<LogKeyWatch, "look"> | undefined;
  readonly store: Pick<RecordStore, "nodes" | "claimed" | "checkpoint">;
  /** Told of the place of an entry that did not stand in the tree when somebody read it. */
  onFault?(index: number): void;
}

/**
 * Holds entries against the tree before what they are about is given to anybody. The same leaf at the same place, under the same checkpoint, is in the tree for ever: it is remembered, so that a document that is
 * read often costs two digests.
 */
export class EntriesInLog {
  readonly #options: EntriesInLogOptions;
  readonly #proved = new Set<string>();
  readonly #checkpoints = new Recent<Checkpoint>(CHECKPOINTS);
  readonly #logs = new Recent<KnownLog>(LOGS);

  constructor(options: EntriesInLogOptions) {
    this.#options = options;
  }

  /** @param note the checkpoint of the entry's own commit. AppError `damaged` as of `holdCounting` */
  async hold(entry: Pick<LogEntry, "leaf" | "index" | "treeSize">, note: string): Promise<void> {
    const { logs, logKeys, store, onFault } = this.#options;
    // A checkpoint by a key that was ended since proves nothing any more.
    const ended = logs.log.keys?.filter((key) => key.ended !== undefined).length ?? 0;
    const name = toBase64(sha256(leafHash(entry.leaf), utf8(`${entry.index}\n${ended}\n${note}`)));
    if (this.#proved.has(name)) return;
    const hold = (): Promise<void> => holdCounting(entry, { treeSize: entry.treeSize, checkpoint: note }, logs, store, this.#open);
    const fault = await faultOf(hold, logKeys && (() => logKeys.look()));
    if (fault !== undefined) {
      onFault?.(entry.index);
      throw new AppError("damaged", fault);
    }
    this.#proved.add(name);
    for (const oldest of this.#proved) {
      if (this.#proved.size <= REMEMBERED) break;
      this.#proved.delete(oldest);
    }
  }

  /** What a checkpoint says depends on which keys count by then: with others it is opened anew. */
  readonly #open: OpensCheckpoint = (note, log) => {
    const { origin, vkey, keys } = log;
    const state = JSON.stringify([origin, vkey, keys?.map(({ after, ...key }) => ({ ...key, after: String(after) }))]);
    return this.#checkpoints.of(`${state}\n${note}`, () =>
      openCheckpoint(
        note,
        log,
        this.#logs.of(state, () => knownLog(log)),
      ),
    );
  };
}
