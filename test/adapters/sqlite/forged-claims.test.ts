/** Claims about keys that somebody put into the database without an entry: whoever operates it is told which it is, in place of a race that nobody wins. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EpochWatch } from "../../../src/pipeline/epochs/epoch-watch.ts";
import { beginClaim } from "../../../src/pipeline/epochs/epochs.ts";
import { FencedKeys } from "../../../src/pipeline/epochs/fenced-keys.ts";
import { allFences } from "../../../src/pipeline/log/ledger-options.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { LogKeyWatch, logKeyClaim, logKeyEntries } from "../../../src/pipeline/log/log-keys.ts";
import { SealFence } from "../../../src/pipeline/seal-keys/seal-fence.ts";
import { sealKeyClaim, sealKeyEndClaim, sealKeyEntries } from "../../../src/pipeline/seal-keys/seal-key-log.ts";
import { SealKeyWatch } from "../../../src/pipeline/seal-keys/seal-key-watch.ts";
import { sealed } from "../../contracts/sealed.ts";
import { documentJson } from "../../journeys/documents.ts";
import { depositingInto } from "../../pipeline/audit/depositing.ts";
import { openedIn, type OpenedRepository } from "../../pipeline/audit/repository.ts";
import { withFile } from "./with-file.ts";

let folder: string;
let opened: OpenedRepository;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "forged-claims-"));
  opened = await openedIn(join(folder, "data"), true);
  await depositingInto(opened, await Ledger.open(opened.store, opened.keys.log)).put(documentJson());
});
afterEach(async () => {
  await opened.store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a claim into the database. @param of the entry that it is said to be of */
const forge = (claim: string, of: number): void =>
  withFile(join(folder, "data", "chartulary.db"), (database) => {
    database.exec("PRAGMA foreign_keys = OFF");
    database.prepare("INSERT INTO claims VALUES (?, ?, x'')").run(claim, of);
  });
const lost = (claim: string): string => `the claim ${claim} is of entry 7, which the log does not have`;
const retire = (): Promise<void> => Promise.reject(new Error("a private key was to be destroyed"));

interface Watched {
  readonly ledger: Ledger;
  readonly watches: readonly { readonly fault: string | undefined; look(): Promise<void> }[];
  /** Enters something of which the key was wrapped, and which was sealed. */
  deposit(): Promise<unknown>;
}

/** A process that watches all of its keys. */
const watched = async (): Promise<Watched> => {
  const { store, keys, wrappedKeys } = opened;
  const logKeys = await LogKeyWatch.open({ store, keys });
  const sealKeys = await SealKeyWatch.open({ store, sealKeys: keys.sealKeys, logs: keys, logKeys, retire });
  const epochs = await EpochWatch.open({ store, master: keys.master, shred: retire });
  const fenced = new FencedKeys(keys, wrappedKeys, epochs);
  const seals = new SealFence(keys.sealKeys, sealKeys);
  const ledger = await Ledger.open(store, keys.log, { fence: allFences([fenced, seals, logKeys]) });
  const deposit = async (): Promise<unknown> => {
    const entry = sealed();
    await fenced.wrap(entry.id, new Uint8Array(32));
    seals.sealed(entry.id, keys.seal);
    return ledger.append([entry]);
  };
  return { ledger, watches: [logKeys, sealKeys, epochs], deposit };
};

test.each([
  [logKeyClaim(0), "the log's keys", 0],
  [sealKeyClaim(0), "seal keys", 1],
  [beginClaim(2), "master keys", 2],
])("%s without an entry is told by whoever watches %s, and is entered upon by nobody", async (claim, about, which) => {
  const { watches, deposit } = await watched();
  forge(claim, 7);
  for (const watch of watches) await watch.look();
  const fault = `what the database says of ${about} was not committed: ${lost(claim)}`;
  expect(watches.map((watch) => watch.fault)).toEqual([0, 1, 2].map((at) => (at === which ? fault : undefined)));
  // The claim of a seal key bars nothing: the gate takes nothing where its watch tells a fault.
  if (which !== 1) await expect(deposit()).rejects.toMatchObject({ code: "unavailable", message: `The repository takes no documents: ${fault}` });
});

test.each([
  ["no entry", 7],
  ["another entry", 0],
])("the claim that a seal key was ended, which leads to %s, is named in place of a race that nobody wins", async (_what, of) => {
  const { deposit } = await watched();
  forge(sealKeyEndClaim(1), of);
  await expect(deposit()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/^The repository takes no documents: the database has a claim \(one of .*seal-key-ended:1.*\) that no entry/),
  });
});

test("entries about keys before one that leads nowhere are found", async () => {
  const { store } = opened;
  forge(logKeyClaim(3), 7);
  forge(sealKeyClaim(5), 7);
  expect([await logKeyEntries(store), await sealKeyEntries(store)]).toEqual([[], []]);
});
