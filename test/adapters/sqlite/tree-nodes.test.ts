import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../../src/adapters/sqlite/database.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { TreeNodes } from "../../../src/adapters/sqlite/tree-nodes.ts";
import { sha256 } from "../../../src/core/crypto/digest.ts";
import { GrowingTree } from "../../../src/core/crypto/growing-tree.ts";
import { inclusionProof } from "../../../src/core/crypto/merkle.ts";
import { verifyInclusion } from "../../../src/core/crypto/merkle-verify.ts";

/** Two stretches of the lowest level that is kept are full, and a third is not. */
const LEAVES = 2 * 256 * 32 + 1_000;
const leafOf = (index: number): Uint8Array => sha256(Uint8Array.of(index & 255, index >> 8));

let folder: string;
let database: Database;
const tree = new GrowingTree();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chartulary-tree-nodes-"));
  const file = join(folder, "record.db");
  await (await openSqlite(file)).store.close();
  database = new Database(file, { synchronous: "NORMAL", patience: 1_000 });
  database.transaction(() => {
    while (tree.size < LEAVES)
      for (const { level, index, hash } of tree.append(leafOf(tree.size)))
        database.run("INSERT INTO tree_nodes (level, node_index, hash) VALUES (?, ?, ?)", level, index, hash);
  });
});

afterAll(async () => {
  database.close();
  await rm(folder, { recursive: true });
});

test("gives what stands in the table, however often and in whatever order it is asked", () => {
  const nodes = new TreeNodes(database);
  const places = [0, 1, 4, 5, 6, 9, 14].flatMap((level) =>
    [0, 255, 256, 300, 511, 540, 16_384].map((index) => ({ level, index })).filter(({ index }) => (index + 1) * 2 ** level <= LEAVES),
  );
  const read = places.map(
    ({ level, index }) => database.get("SELECT hash FROM tree_nodes WHERE level = ? AND node_index = ?", level, index)?.["hash"],
  );
  expect(nodes.at(places, LEAVES)).toEqual(read);
  expect(nodes.at(places.toReversed(), LEAVES)).toEqual(read.toReversed());
});

test("proofs lead to the root", async () => {
  const nodes = new TreeNodes(database);
  for (const index of [0, 1, 8_191, 8_192, 16_383, 16_384, LEAVES - 1]) {
    const proof = await inclusionProof(index, LEAVES, (positions) => Promise.resolve(nodes.at(positions, LEAVES)));
    expect(verifyInclusion(leafOf(index), index, LEAVES, proof, tree.root())).toBe(true);
  }
});

test("a hash that it gives can be altered without altering what it keeps", () => {
  const nodes = new TreeNodes(database);
  const place = [{ level: 5, index: 3 }];
  const [first] = nodes.at(place, LEAVES);
  first?.fill(0);
  expect(nodes.at(place, LEAVES)[0]).not.toEqual(first);
});

test.each([
  ["a node that is not complete", { level: 5, index: 544 }],
  ["one beside the tree", { level: 0, index: LEAVES }],
  ["a place that there is not", { level: -1, index: 0 }],
])("%s is damage", (_, place) => {
  expect(() => new TreeNodes(database).at([{ level: 0, index: 0 }, place, { level: 6, index: 1 }], LEAVES)).toThrow(
    expect.objectContaining({ code: "damaged", message: expect.stringContaining(`${place.level}/${place.index}`) }),
  );
});

test("of a stretch that lacks a row the others are given, and that one is damage", () => {
  const other = new Database(":memory:", { synchronous: "NORMAL", patience: 1_000 });
  other.execute("CREATE TABLE tree_nodes (level INTEGER, node_index INTEGER, hash BLOB, PRIMARY KEY (level, node_index))");
  for (let index = 0; index < 256; index++)
    if (index !== 7) other.run("INSERT INTO tree_nodes (level, node_index, hash) VALUES (?, ?, ?)", 5, index, leafOf(index));
  const nodes = new TreeNodes(other);
  expect(nodes.at([{ level: 5, index: 8 }], 8_192)).toEqual([leafOf(8)]);
  expect(() => nodes.at([{ level: 5, index: 7 }], 8_192)).toThrow(expect.objectContaining({ code: "damaged" }));
  other.close();
});
