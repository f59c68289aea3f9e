/** Proofs out of a tree that signatures-tree.ts made: `node signatures-proofs.ts FILE LEAVES` prints what they cost as one line of JSON. Nothing else is in this process, so that its memory tells. */
import { openSqlite } from "../src/adapters/sqlite/open.ts";
import { sha256 } from "../src/core/crypto/digest.ts";
import { inclusionProof } from "../src/core/crypto/merkle.ts";
import { verifyInclusion } from "../src/core/crypto/merkle-verify.ts";
import type { Proofs } from "./signatures-tree.ts";

const LONGEST = 5_000;
const WARM_UP = 1_000;
const CHECKED = 200;
const MEGABYTE = 1024 * 1024;

const [file = "", size = ""] = process.argv.slice(2);
const leaves = Number(size);
const before = process.memoryUsage.rss();
let highest = before;
const { store } = await openSqlite(file, { mayCreate: false });
const nodes = (places: Parameters<typeof store.nodes>[0]): Promise<Uint8Array[]> => store.nodes(places);
const proofOf = (index: number): Promise<Uint8Array[]> => inclusionProof(index, leaves, nodes);
const anywhere = (): number => Math.floor(Math.random() * leaves);
for (let warm = 0; warm < WARM_UP; warm++) await proofOf(anywhere());
const [begun, used] = [performance.now(), process.cpuUsage()];
let count = 0;
while (performance.now() - begun < LONGEST) {
  await proofOf(anywhere());
  count += 1;
  if (count % 1_000 === 0) highest = Math.max(highest, process.memoryUsage.rss());
}
const elapsed = performance.now() - begun;
const { user, system } = process.cpuUsage(used);

const root = Buffer.from((await store.checkpoint())?.note ?? "", "base64");
const seed = Buffer.alloc(4);
for (let check = 0; check < CHECKED; check++) {
  const index = anywhere();
  seed.writeUInt32BE(index);
  if (!verifyInclusion(sha256(seed), index, leaves, await proofOf(index), root))
    throw new Error(`the proof of leaf ${index} does not lead to the root`);
}
await store.close();
const told: Proofs = {
  perSecond: (count / elapsed) * 1_000,
  processor: (user + system) / 1_000 / count,
  memory: highest / MEGABYTE,
  grown: (highest - before) / MEGABYTE,
};
process.stdout.write(`${JSON.stringify(told)}\n`);
