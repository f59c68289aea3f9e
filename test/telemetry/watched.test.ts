import { afterEach, expect, test } from "@jest/globals";
import type { Step, Watch } from "../../src/core/watch.ts";
import { watchedIndex, watchedRecord } from "../../src/telemetry/watched.ts";
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
  expect(await index.related("x", { kind: "every", of: [] })).toMatchObject({ size: 0, document: undefined });
  expect(steps).toEqual(["index related done"]);
  await index.close();
  await expect(index.related("x", { kind: "every", of: [] })).rejects.toMatchObject({ code: "unavailable" });
});
