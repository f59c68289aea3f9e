/** Looks at the log while the service runs: at its end when it starts, and at a few entries now and then, so that what is altered in the database does not wait for the next audit. A part of the composition root. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Keys } from "../core/crypto/keys.ts";
import { erasureOf } from "../pipeline/erasures.ts";
import { checkEntries, indexesToCheck } from "../pipeline/log/in-log.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { LogKeyWatch } from "../pipeline/log/log-keys.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Looks } from "./looks.ts";

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
  /** Asked before a fault is told: another process may sign by a key that was not seen here yet. */
  readonly logKeys?: Pick<LogKeyWatch, "look"> | undefined;
  readonly ledger: Pick<Ledger, "stop" | "halt">;
  readonly looks: Pick<Looks, "found">;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

export interface SpotChecks {
  /** Looks at an entry at once, about which somebody else has a doubt. */
  suspect(index: number): void;
  close(): Promise<void>;
}

/** Looks at the end of the log, and goes on looking. What the log did not sign stops deposits; a key that was lost is told. */
export async function openSpotChecks({ store, wrappedKeys, keys, logKeys, ledger, interval = INTERVAL, looks }: SpotCheckNeeds): Promise<SpotChecks> {
  const stopped = new AbortController();
  const suspects = new Set<number>();
  const options = {
    ...{ store, log: keys.log, pastLogs: keys.pastLogs },
    isKeyInOrder: async (id: string) => (await wrappedKeys.read(id)) !== undefined || (await erasureOf(id, store)) !== undefined,
  };
  const lookAt = async (indexesIn: (size: number) => readonly number[]): Promise<void> => {
    const newest = await store.checkpoint();
    if (newest === undefined) return;
    const indexes = indexesIn(newest.size);
    let checked = await checkEntries(indexes, newest.note, options);
    if (logKeys !== undefined && checked.some(({ fault }) => fault?.kind === "log")) {
      await logKeys.look();
      checked = await checkEntries(indexes, newest.note, options);
    }
    for (const { index, fault } of checked) {
      const isOfKey = fault?.kind === "key";
      // The first stops it, and is told; of all others an audit tells.
      if (fault && !isOfKey && ledger.halt !== undefined) return;
      if (fault && !isOfKey) ledger.stop(fault.text);
      if (isOfKey) looks.found("document", index, [fault.text]);
      looks.found("log", index, fault && !isOfKey ? [fault.text] : []);
    }
  };
  // A log that is stopped is told about already, and may be one that a new origin follows.
  if (ledger.halt === undefined) await lookAt((size) => indexesToCheck(size, TAIL, AT_START));
  const looking = (async () => {
    for (;;) {
      await sleep(interval, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      // Whatever fails otherwise is the store's, and told by whoever needs it.
      if (ledger.halt === undefined) await lookAt((size) => indexesToCheck(size, 0, EACH)).catch(() => undefined);
    }
  })();
  return {
    suspect: (index) => {
      if (suspects.has(index) || ledger.halt !== undefined) return;
      suspects.add(index);
      void lookAt((size) => (index < size ? [index] : []))
        .catch(() => undefined)
        .then(() => suspects.delete(index));
    },
    close: async () => {
      stopped.abort();
      await looking;
    },
  };
}
