/**
 * The log's tree with ten million leaves in the record's own table, made by the code that every commit is made by, of leaf hashes that stand for deposits; then inclusion proofs out of it, in a process of its own that holds nothing else.
 */
import { execFileSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Database } from "../src/adapters/sqlite/database.ts";
import { openSqlite } from "../src/adapters/sqlite/open.ts";
import { sha256 } from "../src/core/crypto/digest.ts";
import { GrowingTree } from "../src/core/crypto/growing-tree.ts";
import type { Table } from "./report.ts";

/** Leaves that are entered in one transaction. */
const BATCH = 100_000;

/** Adds its figures to `figures`. */
export async function measureTree(
  { folder, leaves, tell }: { readonly folder: string; readonly leaves: number; tell(what: string): void },
  figures: Record<string, number>,
): Promise<Table> {
  const file = join(folder, "tree.db");
  const begun = performance.now();
  await growTree(file, leaves, tell);
  const seconds = (performance.now() - begun) / 1_000;
  const bytes = (await stat(file)).size;
  tell("proofs");
  const told = JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, "signatures-proofs.ts"), file, String(leaves)], { encoding: "utf8" }),
  ) as Proofs;
  Object.assign(figures, {
    proofs_perSecond: told.perSecond,
    proof_processor_Ms: told.processor,
    tree_Bytes: bytes,
    proofs_memory_MB: told.grown,
    proofs_process_memory_MB: told.memory,
  });
  return {
    title: `The log's tree of ${leaves.toLocaleString("en")} leaves, made in ${Math.round(seconds)} s`,
    columns: ["what", "measured", "asked"],
    rows: [
      ["inclusion proofs a second, at random, each checked against the root after", told.perSecond, "10,000"],
      ["the same by processor time, one thread", 1_000 / told.processor, "10,000"],
      ["processor for each proof, ms", told.processor, "-"],
      ["the tree on the disk, GB", bytes / 1e9, "2"],
      ["memory that the proofs take, MB", told.grown, "100"],
      ["memory of the whole process, Node's own included, MB", told.memory, "-"],
    ],
  };
}

/** What signatures-proofs.ts prints. */
export interface Proofs {
  readonly perSecond: number;
  /** Milliseconds for each. */
  readonly processor: number;
  /** Resident, at most; and how much more than before the store was opened. Megabytes. */
  readonly memory: number;
  readonly grown: number;
}

/** Rows as a commit writes them, and one checkpoint at the end, which no key signed: the store looks at its size alone. */
async function growTree(file: string, leaves: number, tell: (what: string) => void): Promise<void> {
  const { store } = await openSqlite(file);
  await store.close();
  const database = new Database(file, { synchronous: "NORMAL", patience: 1_000, writeBackAfter: 1_000 });
  const tree = new GrowingTree();
  const seed = Buffer.alloc(4);
  while (tree.size < leaves) {
    database.transaction(() => {
      for (let at = 0; at < BATCH && tree.size < leaves; at += 1) {
        seed.writeUInt32BE(tree.size);
        for (const { level, index, hash } of tree.append(sha256(seed)))
          database.run("INSERT INTO tree_nodes (level, node_index, hash) VALUES (?, ?, ?)", level, index, hash);
      }
    });
    if (tree.size % (10 * BATCH) === 0) tell(`tree of ${tree.size.toLocaleString("en")} leaves`);
  }
  database.run("INSERT INTO checkpoints (size, note) VALUES (?, ?)", leaves, Buffer.from(tree.root()).toString("base64"));
  database.close();
}
