/** Keys of the log on any engine: whoever has not read that one began commits nothing after it, and after its time the one before signs no more. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { makeLogKey, retireLogKey } from "../../src/adapters/keys/log-key-files.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { openNote, parseVkey } from "../../src/core/crypto/signed-note.ts";
import { logKeyText, type LogKeyBegun } from "../../src/core/formats/log-key.ts";
import { EntriesInLog } from "../../src/pipeline/log/entries-in-log.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { LogKeyWatch, logKeyBegunUnit, logKeyEndedUnit, logKeyEntries } from "../../src/pipeline/log/log-keys.ts";
import { verifiedSize } from "../../src/pipeline/log/tree-head.ts";
import type { RecordStore } from "../../src/pipeline/store/record-store.ts";
import type { RecordPlace } from "./record-store.ts";
import { sealed } from "./sealed.ts";

interface Process {
  readonly store: RecordStore;
  readonly keys: Keys;
  readonly watch: LogKeyWatch;
  readonly ledger: Ledger;
}

export function describeLogKeys(name: string, newPlace: () => Promise<RecordPlace>): void {
  describe(`keys of the log on ${name}`, () => {
    let place: RecordPlace;
    let folder: string;
    let opened: Process[];
    /** What was told of entries that were not committed. */
    let told: string[];

    const start = async (): Promise<Process> => {
      const { store } = await place.open();
      const keys = await openKeyFolder(folder, { mayCreate: opened.length === 0 });
      const retire = (number: number): Promise<void> => retireLogKey(folder, number);
      const watch = await LogKeyWatch.open({ store, keys, retire, onFault: (text) => told.push(text) });
      const process = { store, keys, watch, ledger: await Ledger.open(store, keys.log, { fence: watch, pastLogs: keys.pastLogs }) };
      opened.push(process);
      return process;
    };
    const deposit = async ({ ledger }: Process): Promise<string> => (await ledger.append([sealed({ receivedAt: new Date().toISOString() })])).kind;
    /** Begins a key as the command does. @param about how many entries about the log's keys it knows */
    const begin = async ({ keys, ledger, watch }: Process, number: number, until: Date, about = watch.entries.length): Promise<string> => {
      const key = keys.logKeys.held().find((held) => held.number === number)!;
      const { origin, vkey: previous } = keys.log;
      const at = new Date().toISOString();
      const begun: LogKeyBegun = {
        ...{ kind: "log-key-begun", id: randomUUID(), at, number, until: until.toISOString(), origin, vkey: key.vkey, previous },
      };
      keys.logKeys.begin(key.vkey);
      try {
        const signatures = await keys.logKeys.signedBy(logKeyText(begun), [previous, key.vkey]);
        return (await ledger.append(logKeyBegunUnit(begun, signatures, about))).kind;
      } finally {
        await watch.look();
        keys.logKeys.begin(undefined);
      }
    };
    /** Which keys signed the newest checkpoint, by their places among the first process's. */
    const signers = async ({ store, keys }: Process): Promise<number[]> => {
      const note = (await store.checkpoint())?.note ?? "";
      const vkeys = opened[0]!.keys.logKeys.held().map(({ vkey }) => vkey);
      const { signatures } = openNote(note, vkeys.map(parseVkey));
      // The log is whole by what it says of its own keys.
      await verifiedSize(store, keys.log, keys.pastLogs);
      return signatures.map(({ keyId, result }) => (result === "valid" ? vkeys.findIndex((vkey) => vkey.includes(`+${keyId}+`)) + 1 : 0)).sort();
    };
    /** Sets the clock of this process, and nothing else that tells time. */
    const setClock = (now: Date): void =>
      void jest.useFakeTimers({ now, doNotFake: ["nextTick", "hrtime", "performance", "queueMicrotask", "setImmediate", "clearImmediate", "setInterval", "clearInterval", "setTimeout", "clearTimeout"] }); // prettier-ignore
    const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

    beforeEach(async () => {
      place = await newPlace();
      folder = join(mkdtempSync(join(tmpdir(), "log-keys-")), "keys");
      opened = [];
      told = [];
    });
    afterEach(async () => {
      jest.useRealTimers();
      for (const { store } of opened) await store.close();
      await place.remove();
      rmSync(join(folder, ".."), { recursive: true });
    });

    test("from its entry on a key signs in every process, whoever had not read it; the one before beside it until its time, and then no more", async () => {
      const [one, other] = [await start(), await start()];
      expect([await deposit(one), await deposit(other), await signers(one)]).toEqual(["stored", "stored", [1]]);
      expect(await makeLogKey(folder, one.keys.log.origin)).toBe(2);
      await one.watch.look();
      expect([await deposit(one), await signers(one)]).toEqual(["stored", [1]]);
      const until = inSeconds(3_600);
      expect([await begin(one, 2, until), await signers(one)]).toEqual(["stored", [1, 2]]);
      // The other process did not look.
      expect([await deposit(other), await signers(other), await signers(one)]).toEqual(["stored", [1, 2], [1, 2]]);
      const [begun] = await logKeyEntries(one.store);
      expect(other.keys.log.keys?.map(({ after }) => after)).toEqual([0, begun?.entry.index]);
      setClock(until);
      expect([await deposit(one), await signers(one), await deposit(other), await signers(other)]).toEqual(["stored", [2], "stored", [2]]);
      const anew = await start();
      expect([await deposit(anew), await signers(anew), anew.ledger.halt]).toEqual(["stored", [2], undefined]);
      expect(told).toEqual([]);
    });

    test("of two that begin one at once one is first; the key that was ended signs no more, and is destroyed", async () => {
      const [one, other] = [await start(), await start()];
      await deposit(one);
      await makeLogKey(folder, one.keys.log.origin);
      await Promise.all([one.watch.look(), other.watch.look()]);
      const kinds = await Promise.all([begin(one, 2, inSeconds(3_600), 0), begin(other, 2, inSeconds(7_200), 0)]);
      expect([[...kinds].sort(), (await logKeyEntries(one.store)).length]).toEqual([["stored", "taken"], 1]);
      await Promise.all([one.watch.look(), other.watch.look()]);
      expect([await deposit(other), await signers(other)]).toEqual(["stored", [1, 2]]);
      const [first] = one.keys.logKeys.held();
      const facts = { origin: one.keys.log.origin, vkey: first!.vkey, since: new Date().toISOString(), reason: "stolen" };
      const ended = { kind: "log-key-ended", id: randomUUID(), at: new Date().toISOString(), ...facts } as const;
      expect((await one.ledger.append(logKeyEndedUnit(ended, 1))).kind).toBe("stored");
      expect([await deposit(other), await signers(other)]).toEqual(["stored", [2]]);
      expect(readFileSync(join(folder, "log.key"), "utf8")).toBe(`${first!.vkey}\n`);
    });

    test("who did not look and meets a tree that the new key alone signed looks before anything is called damaged", async () => {
      const [one, other, reader] = [await start(), await start(), await start()];
      await deposit(one);
      await makeLogKey(folder, one.keys.log.origin);
      await one.watch.look();
      expect([await begin(one, 2, new Date()), await deposit(one), await signers(one)]).toEqual(["stored", "stored", [2]]);
      const { size, note } = (await one.store.checkpoint())!;
      const [entry] = await one.store.entries(size - 1, 1);
      const inLog = new EntriesInLog({
        logs: reader.keys,
        logKeys: reader.watch,
        store: reader.store,
        onFault: (index) => told.push(`entry ${index}`),
      });
      await inLog.hold(entry!, note);
      expect([await deposit(other), await signers(other), other.ledger.halt, told]).toEqual(["stored", [2], undefined, []]);
    });

    test("who lacks the new key's file takes nothing and says which it is, and goes on once that is there", async () => {
      const one = await start();
      await deposit(one);
      await makeLogKey(folder, one.keys.log.origin);
      await one.watch.look();
      expect(await begin(one, 2, inSeconds(3_600))).toBe("stored");
      const file = join(folder, "log-0002.key");
      const text = readFileSync(file, "utf8");
      rmSync(file);
      await one.watch.look();
      expect(one.keys.logKeys.missing).toContain("copy log-0002.key there");
      await expect(deposit(one)).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("log-0002.key") });
      const { writeFile } = await import("node:fs/promises");
      await writeFile(file, text, { mode: 0o600 });
      await one.watch.look();
      expect([await deposit(one), await signers(one)]).toEqual(["stored", [1, 2]]);
    });
  });
}
