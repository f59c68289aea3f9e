/** Looks at the log while the service runs: what is altered under it stops deposits, a key that is lost is told, and nothing else happens. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { openSqlite } from "../../src/adapters/sqlite/open.ts";
import type { LogName } from "../../src/core/crypto/keys.ts";
import { Looks } from "../../src/main/looks.ts";
import { openSpotChecks } from "../../src/main/spot-checks.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { until } from "../journeys/program.ts";
import { newSigner } from "../contracts/sealed.ts";
import { makeRepository, type Copy, type Repository } from "../pipeline/audit/repository.ts";

let repository: Repository;
let copy: Copy;
let told: string[];
let ledger: Ledger;
let close: () => Promise<void>;
beforeEach(async () => {
  repository = await makeRepository();
  copy = repository.copy();
  told = [];
});
afterEach(async () => {
  await close();
  copy.remove();
  repository.remove();
});

/** @param isLate the log's key is known to the looks only once the keys are looked at */
async function begin(isLate = false): Promise<void> {
  const keys = await openKeyFolder(join(copy.folder, "keys"), { mayCreate: false });
  const { store, wrappedKeys } = await openSqlite(join(copy.folder, "chartulary.db"), { mayCreate: false, mayBeOpen: true });
  ledger = await Ledger.open(store, keys.log);
  let log: LogName = isLate ? newSigner(keys.log.origin) : keys.log;
  const checks = await openSpotChecks({
    store,
    wrappedKeys,
    keys: {
      pastLogs: [],
      log: {
        ...keys.log,
        get vkey() {
          return log.vkey;
        },
      },
    },
    logKeys: { look: () => Promise.resolve(void (log = keys.log)) },
    ledger,
    interval: 10,
    looks: new Looks((error, what) => told.push(`${what}: ${(error as Error).message}`)),
  });
  close = async () => {
    await checks.close();
    await store.close();
  };
}

test("a whole log, with what was erased in it, is looked at again and again in silence", async () => {
  await begin();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([told, ledger.halt]).toEqual([[], undefined]);
});

test("before the log is stopped its keys are looked at: another process may sign by one that was not seen here yet", async () => {
  await begin(true);
  expect([told, ledger.halt]).toEqual([[], undefined]);
});

test("a leaf that is altered while it runs stops the log, once", async () => {
  await begin();
  copy.tamper("chartulary.db", "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '20', '21') AS BLOB)");
  await until(() => Promise.resolve(ledger.halt !== undefined));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(ledger.halt).toMatch(/entry \d+ of the log is not what was committed/);
  expect(told).toEqual([expect.stringMatching(/^the log is not what was signed: entry/)]);
});

test("a last entry that is missing at the start stops it; a key that was lost is told and stops nothing", async () => {
  copy.tamper("chartulary.db", "DELETE FROM wrapped_keys WHERE entry_index = 1");
  await begin();
  expect([told, ledger.halt]).toEqual([
    [expect.stringMatching(/^what is kept is not what was committed: the key of document .* is not there/)],
    undefined,
  ]);
  await close();
  copy.tamper("chartulary.db", "DELETE FROM entries WHERE entry_index = (SELECT max(entry_index) FROM entries)");
  await begin();
  expect(ledger.halt).toMatch(/entry \d+ of the log is not there/);
});
