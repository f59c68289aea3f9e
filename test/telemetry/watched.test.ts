import { afterEach, expect, test } from "@jest/globals";
import type { Step, Watch } from "../../src/core/watch.ts";
import type { DepositContext } from "../../src/pipeline/deposit.ts";
import { watchedDeposit, watchedIndex, watchedRecord } from "../../src/telemetry/watched.ts";
import { MemoryIndex } from "../contracts/memory-index.ts";
import { openHouse, type House } from "../http/house.ts";

const steps: string[] = [];
const commits: (readonly [number, number])[] = [];
const watch: Watch = {
  step: async <Result>({ kind, name }: Step, work: () => Promise<Result>, resultOf?: (result: Result) => string): Promise<Result> => {
    const result = await work();
    steps.push(`${kind} ${name} ${resultOf?.(result) ?? "done"}`);
    return result;
  },
  committed: (entries, size) => void commits.push([entries, size]),
};

let house: House | undefined;
afterEach(async () => {
  await house?.close();
  house = undefined;
});

test("a record that is looked on at is the record: whatever is asked of it is answered as before, its private parts too", async () => {
  house = await openHouse();
  const store = watchedRecord(house.store, watch);
  expect([await store.checkpoint(), store.fault(), await store.entry("none")]).toEqual([await house.store.checkpoint(), undefined, undefined]);
  expect(steps).toEqual(["record checkpoint done", "record entry done"]);
  expect(store.commit.name).toBe("commit");
  expect(commits).toEqual([]);
});

test("an index too, and what fails in it fails as before", async () => {
  steps.length = 0;
  const index = watchedIndex(new MemoryIndex(), watch);
  expect(await index.position()).toEqual({ size: 0, mark: "" });
  expect(await index.related(["x"], { kind: "every", of: [] })).toMatchObject([{ size: 0, document: undefined }]);
  expect(steps).toEqual(["index related done"]);
  await index.close();
  await expect(index.related(["x"], { kind: "every", of: [] })).rejects.toMatchObject({ code: "unavailable" });
});

test("a deposit's stages are given all that they are given, a commit its condition too", async () => {
  const given: (readonly [string, readonly unknown[]])[] = [];
  const told =
    (name: string) =>
    (...all: readonly unknown[]): Promise<string> => {
      given.push([name, all]);
      return Promise.resolve(name);
    };
  const context = {
    gate: { admit: told("gate") },
    work: { do: told("work"), close: told("close") },
    ledger: { append: told("ledger") },
    documentKeys: { wrap: told("wrap"), read: told("read") },
    takeIn: told("takeIn"),
  };
  const watched = watchedDeposit(context as unknown as DepositContext, watch) as unknown as typeof context;
  const calls = [watched.gate.admit, watched.work.do, watched.ledger.append, watched.documentKeys.wrap, watched.takeIn];
  steps.length = 0;
  for (const call of calls) await call("one", "two", "three");
  expect(given).toEqual(["gate", "work", "ledger", "wrap", "takeIn"].map((name) => [name, ["one", "two", "three"]]));
  await watched.work.do("admit", "two", "three");
  expect(given.at(-1)).toEqual(["work", ["admit", "two", "three"]]);
  expect(steps).toEqual(["gate", "commit", "keys", "index", "admission"].map((name) => `stage ${name} done`));
});
