/** Seal keys on any engine: what an ended one sealed is never committed, of two entries about seal keys one is first, and each process learns from the log which key seals. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { makeSealKey, retireSealKey } from "../../src/adapters/keys/seal-keys.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { certificateDigest } from "../../src/core/formats/seal-key.ts";
import { signedBeginning } from "../../src/core/signatures/seal-key-link.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { SealFence } from "../../src/pipeline/seal-keys/seal-fence.ts";
import { beginningUnit, endingUnit, entriesBefore, sealKeyEntries } from "../../src/pipeline/seal-keys/seal-key-log.ts";
import { SealKeyWatch } from "../../src/pipeline/seal-keys/seal-key-watch.ts";
import type { RecordStore } from "../../src/pipeline/store/record-store.ts";
import type { RecordPlace } from "./record-store.ts";
import { sealed } from "./sealed.ts";

interface Process {
  readonly store: RecordStore;
  readonly keys: Keys;
  readonly watch: SealKeyWatch;
  readonly fence: SealFence;
  readonly ledger: Ledger;
}

export function describeSealKeys(name: string, newPlace: () => Promise<RecordPlace>): void {
  describe(`seal keys on ${name}`, () => {
    let place: RecordPlace;
    let folder: string;
    let opened: Process[];
    /** What was told of entries that were not committed. */
    let told: string[];
    /** The clock of all processes. */
    let now: Date;

    const start = async (): Promise<Process> => {
      const { store } = await place.open();
      const keys = await openKeyFolder(folder, { mayCreate: opened.length === 0 });
      const retire = (number: number): Promise<void> => retireSealKey(folder, number);
      const watch = await SealKeyWatch.open({
        store,
        sealKeys: keys.sealKeys,
        logs: keys,
        retire,
        now: () => now,
        onFault: (text) => told.push(text),
      });
      const fence = new SealFence(keys.sealKeys, watch);
      const process = { store, keys, watch, fence, ledger: await Ledger.open(store, keys.log, { fence }) };
      opened.push(process);
      return process;
    };
    /** Deposits something that was sealed at a moment. */
    const deposit = async ({ keys, fence, ledger }: Process, at: Date): Promise<string> => {
      const document = sealed({ receivedAt: now.toISOString() });
      fence.sealed(document.id, keys.sealKeys.signerAt(at));
      return (await ledger.append([document])).kind;
    };
    const begin = async ({ keys, ledger, watch }: Process, number: number, from: Date, about = watch.entries.length): Promise<string> => {
      const [previous, key] = [number - 1, number].map((one) => keys.sealKeys.held().find((held) => held.number === one)!);
      const id = randomUUID();
      const at = now.toISOString();
      const begun = {
        kind: "seal-key-begun",
        id,
        at,
        number,
        from: from.toISOString(),
        chain: key!.chain,
        previous: certificateDigest(previous!.chain[0]),
      } as const;
      const leaf = await signedBeginning(begun, { itself: key!.signer!, previous: previous!.signer });
      return (await ledger.append(beginningUnit({ id, at, leaf, place: about }))).kind;
    };
    const end = async ({ keys, ledger, store, watch }: Process, number: number, since: Date): Promise<string> => {
      const certificate = certificateDigest(keys.sealKeys.held().find((held) => held.number === number)!.chain[0]);
      const facts = { number, certificate, since: since.toISOString(), before: await entriesBefore(since, store), reason: "stolen" };
      return (await ledger.append(endingUnit({ kind: "seal-key-ended", id: randomUUID(), at: now.toISOString(), ...facts }, watch.entries.length)))
        .kind;
    };
    const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);
    const numberAt = ({ keys }: Process, at: Date): number | undefined =>
      keys.sealKeys.held().find(({ signer }) => signer === keys.sealKeys.signerAt(at))?.number;

    beforeEach(async () => {
      place = await newPlace();
      folder = join(mkdtempSync(join(tmpdir(), "seal-keys-")), "keys");
      opened = [];
      told = [];
      now = new Date();
    });
    afterEach(async () => {
      for (const { store } of opened) await store.close();
      await place.remove();
      rmSync(join(folder, ".."), { recursive: true });
    });

    test("a key that was made seals nothing before the log says so, and then from its time on, in every process; the one before is destroyed after that", async () => {
      const [one, other] = [await start(), await start()];
      await makeSealKey(folder, 2, now);
      await Promise.all([one.watch.look(), other.watch.look()]);
      expect([numberAt(one, now), numberAt(one, later(1_000))]).toEqual([1, 1]);
      const from = later(30);
      expect(await begin(one, 2, from)).toBe("stored");
      for (const process of [one, other]) {
        await process.watch.look();
        expect([numberAt(process, later(29)), numberAt(process, from), numberAt(process, later(31))]).toEqual([1, 2, 2]);
      }
      // What was received before its time is committed whenever it comes.
      const before = later(29);
      now = later(40);
      expect(await deposit(other, before)).toBe("stored");
      await one.watch.look();
      expect(one.keys.sealKeys.held().map(({ signer }) => signer !== undefined)).toEqual([true, true]);
      now = later(10);
      await one.watch.look();
      expect(one.keys.sealKeys.held().map(({ signer }) => signer !== undefined)).toEqual([false, true]);
      const anew = await start();
      expect(numberAt(anew, now)).toBe(2);
      expect(anew.keys.sealCertificates.map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
    });

    test("of two entries of one place one is first", async () => {
      const [one, other] = [await start(), await start()];
      await makeSealKey(folder, 2, now);
      await Promise.all([one.watch.look(), other.watch.look()]);
      const kinds = await Promise.all([begin(one, 2, later(30)), begin(other, 2, later(40))]);
      expect([...kinds].sort()).toEqual(["stored", "taken"]);
      expect(await sealKeyEntries(one.store)).toHaveLength(1);
    });

    test("what an ended key sealed is never committed, whoever did not know; the next one takes its place at once", async () => {
      const [one, other] = [await start(), await start()];
      expect(await deposit(one, now)).toBe("stored");
      const since = later(1);
      now = later(2);
      expect(await deposit(one, now)).toBe("stored");
      expect(await end(one, 1, since)).toBe("stored");
      // The other process has not read it.
      await expect(deposit(other, now)).rejects.toMatchObject({ code: "unavailable" });
      expect(() => other.keys.sealKeys.signerAt(now)).toThrow(/every seal key has ended/);
      expect(other.watch.entries[0]?.said).toMatchObject({ before: 1 });
      await makeSealKey(folder, 2, now);
      await Promise.all([one.watch.look(), other.watch.look()]);
      expect(await begin(one, 2, later(30))).toBe("stored");
      await other.watch.look();
      expect(numberAt(other, now)).toBe(2);
      expect(await deposit(other, now)).toBe("stored");
      expect(other.keys.sealKeys.held().map(({ signer }) => signer !== undefined)).toEqual([false, true]);
    });
  });
}
