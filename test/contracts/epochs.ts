/**
 * Epochs of the master key on any engine: keys are wrapped anew while documents come and are erased. One is interrupted by the other at every call that it makes, and broken off there; after each all
 * is looked at from outside.
 */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { beginMasterKey, endMasterKey } from "../../src/adapters/keys/master-keys.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { newDocumentKey } from "../../src/core/envelope.ts";
import { eraseDocument, type CustodyContext } from "../../src/pipeline/custody.ts";
import { EpochWatch } from "../../src/pipeline/epochs/epoch-watch.ts";
import { epochUnit } from "../../src/pipeline/epochs/epochs.ts";
import { FencedKeys } from "../../src/pipeline/epochs/fenced-keys.ts";
import { keysByWrapper, rewrapKeys } from "../../src/pipeline/epochs/rewrap.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import type { WrappedKeys } from "../../src/pipeline/store/document-keys.ts";
import type { RecordInventory } from "../../src/pipeline/store/record-inventory.ts";
import type { RecordStore } from "../../src/pipeline/store/record-store.ts";
import { audit } from "./audit.ts";
import { MemoryErasures } from "./memory-erasures.ts";
import type { OpenedRecord, RecordPlace } from "./record-store.ts";
import { sealed } from "./sealed.ts";

export interface EpochPlace extends RecordPlace {
  open(): Promise<OpenedRecord & { openInventory(): RecordInventory }>;
}

/** Something that is asked at each call, by its number from 1. */
type AtCall = (number: number) => Promise<void>;

/** A process with the record open: it deposits, erases and wraps anew. */
interface Process {
  readonly keys: Keys;
  readonly watch: EpochWatch;
  /** Calls to record and keys that it has made. */
  calls(): number;
  close(): Promise<void>;
  deposit(): Promise<{ readonly id: string; readonly key: Uint8Array }>;
  erase(id: string): Promise<void>;
  rewrap(epoch: number): Promise<unknown>;
  begin(epoch: number): Promise<void>;
}

class Broken extends Error {}

export function describeEpochs(name: string, newPlace: () => Promise<EpochPlace>): void {
  describe(`epochs of the master key on ${name}`, () => {
    let place: EpochPlace;
    let folder: string;
    let opened: RecordStore[];
    let service: Process;
    /** What was acknowledged, with its key; undefined once it was erased. */
    let documents: Map<string, Uint8Array | undefined>;
    let epoch: number;

    /** @param atCall asked before each call to record and keys that is made once all is open */
    const start = async (atCall?: AtCall): Promise<Process> => {
      const room = await place.open();
      opened.push(room.store);
      let [count, isOpen] = [0, false];
      const step = async (): Promise<void> => {
        if (isOpen) await atCall?.(++count);
      };
      const store = stepping(room.store, step, new Set(["fault", "isFree", "discard", "close"]));
      const shelf: WrappedKeys = stepping(room.keys, step, new Set());
      const keys = await openKeyFolder(folder, { mayCreate: opened.length === 1 });
      const watch = await EpochWatch.open({ store: room.store, master: keys.master, shred: (number) => endMasterKey(folder, number) });
      const documentKeys = new FencedKeys(keys, shelf, watch);
      const ledger = await Ledger.open(store, keys.log, { fence: documentKeys });
      const gate = { admit: (at: Date) => Promise.resolve(at) };
      const custody: CustodyContext = { store, documentKeys, ledger, gate, erasures: new MemoryErasures(), newId: () => randomUUID() };
      isOpen = true;
      return {
        ...{ keys, watch },
        calls: () => count,
        close: () => room.store.close(),
        deposit: async () => {
          const [document, key] = [sealed(), newDocumentKey()];
          await documentKeys.wrap(document.id, key);
          const entered = await ledger.append([document]);
          if (entered.kind !== "stored") throw new Error(entered.kind);
          return { id: document.id, key };
        },
        erase: async (documentId) => void (await eraseDocument({ documentId, by: "A", text: "", reason: "other" }, custody)),
        rewrap: async (number) => {
          const inventory = room.openInventory();
          try {
            const source = { keys, store, wrappedKeys: shelf, documentKeys, inventory };
            return await rewrapKeys(number, source, { onProgress: () => undefined, onFault: (text) => { throw new Error(text); } }); // prettier-ignore
          } finally {
            await inventory.close();
          }
        },
        begin: async (number) => {
          await beginMasterKey(folder, number);
          await keys.master.refresh();
          await ledger.append(await epochUnit({ kind: "master-key-begun", epoch: number }, { master: keys.master, id: randomUUID(), at: new Date().toISOString() })); // prettier-ignore
        },
      };
    };
    const deposit = async (): Promise<string> => {
      const { id, key } = await service.deposit();
      documents.set(id, key);
      return id;
    };
    const erase = async (id: string, by: Process = service): Promise<void> => {
      await by.erase(id);
      documents.set(id, undefined);
    };
    /** Begins the next epoch; the one before the last is ended, as it is proved that nothing is wrapped in it. */
    const beginNext = async (): Promise<void> => {
      await service.begin(++epoch);
      if (epoch > 2) await endMasterKey(folder, epoch - 2);
    };
    /** Does something as a process that begins now. */
    const anew = async (work: (process: Process) => Promise<unknown>, atCall?: AtCall): Promise<number> => {
      const process = await start(atCall);
      try {
        await work(process);
        return process.calls();
      } finally {
        await process.close();
      }
    };
    /** Everything that was acknowledged opens, for whoever begins now; what was erased is nowhere. */
    const lookAtAll = (): Promise<unknown> =>
      anew(async ({ keys }) => {
        const room = await place.open();
        for (const [id, key] of documents) {
          const wrapped = await room.keys.read(id);
          expect([id, wrapped && (await keys.unwrap(wrapped, id))]).toEqual([id, key]);
          if (key === undefined) expect([id, await place.keysOf(id)]).toEqual([id, 0]);
        }
        await audit(room.store, keys.log);
        await room.store.close();
      });
    /** Every key is of the newest epoch, and each document has one. */
    const expectAllNewest = (): Promise<unknown> =>
      anew(async ({ keys }) => {
        const room = await place.open();
        const inventory = room.openInventory();
        const keyId = keys.master.epochs().find((one) => one.epoch === epoch)?.keyId ?? "";
        const live = [...documents.values()].filter((key) => key !== undefined).length;
        const erased = documents.size - live;
        // The record of an erasure has a key of its own.
        expect(await keysByWrapper(inventory)).toEqual(new Map([[keyId, live + erased]]));
        await inventory.close();
        await room.store.close();
      });
    const closeAll = async (): Promise<void> => {
      await Promise.all(opened.map((store) => store.close()));
      opened = [];
    };

    const begin = async (): Promise<void> => {
      place = await newPlace();
      folder = join(mkdtempSync(join(tmpdir(), "chartulary-epochs-")), "keys");
      opened = [];
      documents = new Map();
      epoch = 1;
      service = await start();
      for (let count = 0; count < 3; count++) await deposit();
    };
    const end = async (): Promise<void> => {
      await closeAll();
      await place.remove();
      rmSync(join(folder, ".."), { recursive: true, force: true });
    };

    beforeEach(begin);
    afterEach(end);

    test("every key is wrapped anew, by one or by two at once; a service that runs learns of it by itself", async () => {
      const [first = ""] = documents.keys();
      await erase(first);
      await anew((process) => process.begin(++epoch));
      // It has not looked: its key is of the epoch that is over, which its commit finds out.
      expect(service.keys.master.current).toBe(1);
      await deposit();
      expect(service.keys.master.current).toBe(2);
      const two = [await start(), await start()];
      await Promise.all([...two.map((one) => one.rewrap(2)), deposit(), deposit()]);
      await expectAllNewest();
      await lookAtAll();
    });

    test("after an epoch was begun no key of an earlier one is committed, though it was wrapped before", async () => {
      for (let at = 1, calls = at; at <= calls; at++) {
        // Between any two calls of a deposit, by somebody who does not know of it.
        calls = await anew(
          async (late) => {
            const { id, key } = await late.deposit();
            documents.set(id, key);
          },
          async (number) => {
            if (number === at) await beginNext();
          },
        );
        await service.rewrap(epoch);
        await expectAllNewest();
      }
      expect(epoch).toBeGreaterThan(4);
      await lookAtAll();
    });

    test("a document that is erased at any call of who wraps anew stays erased", async () => {
      for (let at = 1, calls = at; at <= calls; at++) {
        const oldest = [...documents].find(([, key]) => key)?.[0] ?? "";
        const victims = [oldest, await deposit()];
        await beginNext();
        calls = await anew(
          (other) => other.rewrap(epoch),
          async (number) => {
            if (number === at) for (const id of victims) await erase(id);
          },
        );
        if (at <= calls) for (const id of victims) expect([at, await place.keysOf(id)]).toEqual([at, 0]);
        await service.rewrap(epoch);
        await expectAllNewest();
        await deposit();
        await lookAtAll();
        expect(calls).toBeGreaterThan(3);
        // Each erased document is one more call.
        await end();
        await begin();
      }
    });

    test("and so does one that is wrapped anew at any call of who erases it", async () => {
      for (let at = 1, calls = at; at <= calls; at++) {
        const victim = await deposit();
        // Whoever erases does not know of the epoch yet.
        const other = await start(async (number) => {
          if (number === at) await service.rewrap(epoch);
        });
        await beginNext();
        await erase(victim, other);
        calls = other.calls();
        await other.close();
        expect([at, await place.keysOf(victim)]).toEqual([at, 0]);
        await service.rewrap(epoch);
        expect([at, await place.keysOf(victim)]).toEqual([at, 0]);
      }
      await expectAllNewest();
      expect(epoch).toBeGreaterThan(6);
      await lookAtAll();
    });

    test("broken off at any call it is gone on with, and nothing is lost on the way", async () => {
      for (let at = 1, isBroken = true; isBroken; at++) {
        await deposit();
        await beginNext();
        isBroken = false;
        await anew(
          (other) => other.rewrap(epoch),
          (number) => (number === at ? Promise.reject(new Broken()) : Promise.resolve()),
        ).catch((error: unknown) => {
          if (!(error instanceof Broken)) throw error;
          isBroken = true;
        });
        // What is there now opens, whoever looks.
        await lookAtAll();
        const [victim = ""] = [...documents].flatMap(([id, key]) => (key && at % 2 === 0 ? [id] : []));
        if (victim !== "") await erase(victim);
        await service.rewrap(epoch);
        await expectAllNewest();
      }
      expect(epoch).toBeGreaterThan(4);
      await lookAtAll();
    });
  });
}

/** A port that asks before each of its methods. */
function stepping<Port extends object>(port: Port, step: () => Promise<void>, quiet: ReadonlySet<string>): Port {
  return new Proxy(port, {
    get: (target, property): unknown => {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const call = (...given: unknown[]): unknown => Reflect.apply(value, port, given);
      if (quiet.has(String(property))) return call;
      return async (...given: unknown[]) => {
        await step();
        return call(...given);
      };
    },
  });
}
