import { expect, test } from "@jest/globals";
import { faultsOf } from "./command-lint.ts";

const majority = { writeConcern: { w: "majority", j: true }, txnNumber: 1n };

test.each<[string, string, Record<string, unknown>]>([
  ["a write that waits for nobody", "insert", { insert: "commits", txnNumber: 1n, writeConcern: { w: 1 } }],
  ["a write that waits for no disk", "insert", { insert: "commits", txnNumber: 1n, writeConcern: { w: "majority" } }],
  ["a write that cannot be tried again", "insert", { insert: "commits", writeConcern: { w: "majority", j: true } }],
  ["an update in the record", "update", { update: "commits", updates: [{ q: { _id: 1 } }], ...majority }],
  ["a removal in the record", "delete", { delete: "staged", deletes: [{ q: { _id: "a" } }], ...majority }],
  ["an update by something else than _id", "update", { update: "state", updates: [{ q: { name: 1 } }], ...majority }],
  ["a removal of many in the keys", "delete", { delete: "keys", deletes: [{ q: { _id: { $gt: "" } }, limit: 0 }], ...majority }],
  ["a read of what may be taken back", "find", { find: "commits", filter: {}, readConcern: { level: "local" } }],
  ["a linearizable read of many", "find", { find: "commits", filter: {}, maxTimeMS: 1, readConcern: { level: "linearizable" } }],
  ["a linearizable read without a limit", "find", { find: "commits", filter: { _id: 1 }, readConcern: { level: "linearizable" } }],
  ["a read from a secondary", "find", { find: "commits", readConcern: { level: "majority" }, $readPreference: { mode: "nearest" } }],
  ["a transaction", "insert", { insert: "commits", startTransaction: true, ...majority }],
  ["what nobody asked for", "drop", { drop: "commits" }],
])("%s is found", (_, name, command) => expect(faultsOf(name, command)).not.toEqual([]));

test("what the adapter does is not", () => {
  expect(faultsOf("insert", { insert: "commits", ...majority })).toEqual([]);
  expect(faultsOf("find", { find: "commits", filter: { _id: 1 }, maxTimeMS: 5, readConcern: { level: "linearizable" } })).toEqual([]);
  expect(faultsOf("update", { update: "state", updates: [{ q: { _id: "index", size: 3 } }], ...majority })).toEqual([]);
});
