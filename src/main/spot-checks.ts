/** Looks at the log while the service runs: at its end when it starts, and at a few entries now and then, so that what is altered in the database does not wait for the next audit. A part of the composition root. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { erasureOf } from "../pipeline/erasures.ts";
import { checkEntries, indexesToCheck, type SpotFault } from "../pipeline/log/in-log.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";

/** Entries at the end of the log, and elsewhere, that are looked at when a service starts. */
const TAIL = 32;
const AT_START = 32;
/** Milliseconds between two looks, and entries of one. */
const INTERVAL = 30_000;
const EACH = 8;

export interface SpotCheckNeeds {
  readonly store: RecordStore;
  readonly wrappedKeys: Pick<WrappedKeys, "read">;
  readonly keys: Pick<Keys, "log" | "pastLogs">;
  readonly ledger: Pick<Ledger, "stop" | "halt">;
  /** Milliseconds between two looks. */
  readonly interval?: number;
  onFault(error: unknown, what: string): void;
}

/** Looks at the end of the log, and goes on looking. What the log did not sign stops deposits; a key that was lost is told. */
export async function openSpotChecks({
  store,
  wrappedKeys,
  keys,
  ledger,
  interval = INTERVAL,
  onFault,
}: SpotCheckNeeds): Promise<{ close(): Promise<void> }> {
  const stopped = new AbortController();
  const told = new Set<string>();
  const options = {
    ...{ store, log: keys.log, pastLogs: keys.pastLogs },
    isKeyInOrder: async (id: string) => (await wrappedKeys.read(id)) !== undefined || (await erasureOf(id, store)) !== undefined,
  };
  const tell = ({ kind, text }: SpotFault): void => {
    if (told.has(text)) return;
    told.add(text);
    if (kind === "log") ledger.stop(text);
    onFault(new AppError("damaged", text), kind === "log" ? "the log is not what was signed" : "a document cannot be opened");
  };
  const look = async (tail: number, elsewhere: number): Promise<void> => {
    const newest = await store.checkpoint();
    const fault = newest && (await checkEntries(indexesToCheck(newest.size, tail, elsewhere), newest.note, options));
    if (fault) tell(fault);
  };
  // A log that is stopped is told about already, and may be one that a new origin follows.
  if (ledger.halt === undefined) await look(TAIL, AT_START);
  const looking = (async () => {
    for (;;) {
      await sleep(interval, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      // Whatever fails otherwise is the store's, and told by whoever needs it.
      if (ledger.halt === undefined) await look(0, EACH).catch(() => undefined);
    }
  })();
  return {
    close: async () => {
      stopped.abort();
      await looking;
    },
  };
}
