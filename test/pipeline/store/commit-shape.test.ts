import { expect, test } from "@jest/globals";
import { checkCommit, isComplete } from "../../../src/pipeline/store/commit-shape.ts";
import { sealed } from "../../contracts/sealed.ts";

test("a commit continues the tree, one index after the other", () => {
  const position = (index: number) => ({ index, treeSize: 7, inclusionProof: [], checkpoint: "note" });
  const documents = [5, 6].map((index) => ({ ...sealed(), position: position(index) }));
  const commit = { documents, nodes: [], previousSize: 5, checkpoint: { size: 7, note: "note" } };
  expect(() => checkCommit(commit)).not.toThrow();
  expect(() => checkCommit({ ...commit, documents: documents.toReversed() })).toThrow(/index 5/);
  expect(() => checkCommit({ ...commit, previousSize: 4 })).toThrow(/another size/);
  expect(() => checkCommit({ ...commit, documents: [documents[0]!, { ...documents[1]!, id: documents[0]!.id }] })).toThrow(/same id/);
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
