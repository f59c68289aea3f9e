import { expect, test } from "@jest/globals";
import { checkClaims, checkCommit, checkEntry, isComplete } from "../../../src/pipeline/store/commit-shape.ts";
import { sealed } from "../../contracts/sealed.ts";

test("a commit continues the tree", () => {
  const hash = new Uint8Array(32);
  const commit = { ids: ["a", "b"], nodes: [{ level: 0, index: 6, hash }], previousSize: 5, checkpoint: { size: 7, note: "note" } };
  expect(() => checkCommit(commit)).not.toThrow();
  expect(() => checkCommit({ ...commit, ids: ["a", "a"] })).toThrow(/twice/);
  expect(() => checkCommit({ ...commit, ids: [] })).toThrow(/no entry/);
  expect(() => checkCommit({ ...commit, previousSize: 4 })).toThrow(/another size/);
  for (const [level, index] of [
    [0, 4],
    [0, 7],
    [2, 1],
  ] as const)
    expect(() => checkCommit({ ...commit, nodes: [{ level, index, hash }] })).toThrow(/does not complete/);
});

test("an entry is staged once, and its claims are small", () => {
  const entry = sealed();
  expect(() => checkEntry(entry, undefined)).not.toThrow();
  expect(() => checkEntry({ ...entry }, entry)).not.toThrow();
  for (const other of [sealed(), { ...entry, kind: "erasure" }, { ...entry, documentId: entry.id }])
    expect(() => checkEntry(other, entry)).toThrow(/another entry/);
  const claims = [{ key: "identity:a", value: new Uint8Array(100_000) }];
  expect(() => checkEntry({ ...entry, claims }, undefined)).toThrow(/larger/);
  expect(() => checkClaims([entry, sealed({ claims: entry.claims.map(({ key }) => key) })])).toThrow(/same claim/);
});

test("a place is final when all leaves below it are there", () => {
  const places: [number, number, boolean][] = [
    [0, 4, true],
    [0, 5, false],
    [1, 1, true],
    [1, 2, false],
    [2, 0, true],
    [2, 1, false],
    [3, 0, false],
    [0, -1, false],
    [-1, 0, false],
  ];
  for (const [level, index, expected] of places) expect([level, index, isComplete({ level, index }, 5)]).toEqual([level, index, expected]);
});
