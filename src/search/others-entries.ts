import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { NewDocument, WritableIndex } from "./index-port.ts";

/** How long another process is given to lay down what belongs to its own entry, in milliseconds; then we open the document. */
const PATIENCE = 500;
/** Of an entry that is older nobody is at work any more, by our clock; whoever errs waits in vain, or opens what was laid. Milliseconds. */
const YOUNG = 5_000;
/** Bounds for the time that whose turn it is gets before we do it in his place, in milliseconds. */
const LEAST_TURN = 5;
const LONGEST_TURN = 100;

/** Entries that a step may take in now. */
export interface Ready {
  /** How far the index has come: beyond the entries when another process moved it. */
  readonly size: number;
  readonly entries: readonly LogEntry[];
  /** What other processes laid ahead, by place. */
  readonly documents: ReadonlyMap<number, NewDocument>;
}

/**
 * Entries that other processes made, on the way to our own. Whose entry is the first that the index lacks has the turn: he is about to take it in, and whatever follows. So we wait for as long as a step takes us,
 * and then do it in his place with what he laid ahead; when he laid nothing, because he died or is very slow, we open his document. It is politeness and no lock: two who make the same step write the same, and
 * one of them moves the index.
 */
export class OthersEntries {
  readonly #index: WritableIndex;
  /** How long a step of ours takes, in milliseconds. */
  #step = LEAST_TURN;
  /** For what is below we have waited in vain: whoever died left more than one. */
  #givenUpBelow = 0;

  constructor(index: WritableIndex) {
    this.#index = index;
  }

  /** Does a step, and notes how long it takes. */
  async timed<Result>(step: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    const result = await step();
    this.#step += (Math.min(performance.now() - began, LONGEST_TURN) - this.#step) / 4;
    return result;
  }

  /**
   * What of `entries`, which begin where the index stands, can be taken in: all up to the first that another process is still at work with.
   *
   * @param isOurs whether the entry at a place is at hand
   */
  async ready(entries: readonly LogEntry[], isOurs: (place: number) => boolean): Promise<Ready> {
    const [first, last] = [entries[0], entries.at(-1)];
    const from = first?.index ?? 0;
    const isOthers = (entry: LogEntry): boolean => !isOurs(entry.index) && entry.index >= this.#givenUpBelow && isAwaited(entry);
    if (!this.#index.laidAhead || !first || !last || !entries.some(isOthers)) return { size: from, entries, documents: new Map() };
    for (let [waited, pause] = [0, Math.max(LEAST_TURN, this.#step)]; ; pause *= 2) {
      const isPolite = isOthers(first);
      if (isPolite) {
        await sleep(pause);
        waited += pause;
      }
      const { size, documents: laid } = await this.#index.laidAhead(from, last.index + 1);
      const documents = new Map(laid.map((document) => [document.from, document]));
      const missing = entries.findIndex((entry) => isOthers(entry) && !documents.has(entry.index));
      if (size > from || missing < 0) return { size, entries, documents };
      if (missing > 0) return { size, entries: entries.slice(0, missing), documents };
      if (waited < PATIENCE) continue;
      this.#givenUpBelow = last.index + 1;
      return { size, entries, documents };
    }
  }
}

/** Whether it is a document's, and so young that another process may be at work with it. What else makes rows, as messages of identity feeds do, is laid ahead by nobody. */
function isAwaited({ kind, receivedAt }: LogEntry): boolean {
  return kind === "deposit" && Date.now() - Date.parse(receivedAt) < YOUNG;
}
