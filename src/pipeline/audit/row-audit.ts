/** Rows that no entry of the log accounts for, and entries whose rows are gone: what is kept, counted from the other side. */
import { isComplete } from "../store/commit-shape.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { StoredCheckpoint } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

/** What the walk along the log expects of each place: how many claims (255: not known), and whether a key belongs there. */
export class Expected {
  readonly claims: Uint8Array;
  readonly keys: Uint8Array;

  constructor(size: number) {
    this.claims = new Uint8Array(size).fill(UNKNOWN);
    this.keys = new Uint8Array(size).fill(UNKNOWN);
  }
}

export const UNKNOWN = 255;
const PAGE = 5_000;

/** All checkpoints in order of their sizes. */
export async function* checkpointsOf(inventory: Pick<RecordInventory, "checkpoints">): AsyncGenerator<StoredCheckpoint, undefined> {
  for (let after = 0; ;) {
    const page = await inventory.checkpoints(after, PAGE);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return undefined;
    after = last.size;
  }
}

/**
 * Looks at every row.
 *
 * @param size what was audited
 * @param sizes the sizes of checkpoints that entries were committed with
 * @param newSize tells how far the log has come meanwhile; what lies between belongs to commits that were made since
 */
export async function auditRows(
  inventory: RecordInventory,
  {
    size,
    sizes,
    expected,
    newSize,
    findings,
  }: {
    readonly size: number;
    readonly sizes: ReadonlySet<number>;
    readonly expected: Expected;
    newSize(): Promise<number>;
    readonly findings: Findings;
  },
): Promise<void> {
  await auditClaims(inventory, { size, expected, newSize, findings });
  await auditKeys(inventory, { size, expected, newSize, findings });
  for (let after: { level: number; index: number } | undefined; ;) {
    const page = await inventory.nodes(after, PAGE);
    const now = await newSize();
    for (const { level, index } of page)
      if (!isComplete({ level, index }, now))
        findings.add({ kind: "added", what: "node", text: `node ${level}/${index} lies outside of the tree of ${now} entries` });
    after = page.at(-1);
    if (after === undefined || page.length < PAGE) break;
  }
  for await (const checkpoint of checkpointsOf(inventory))
    if (checkpoint.size <= size ? !sizes.has(checkpoint.size) : checkpoint.size > (await newSize()))
      findings.add({
        kind: "added",
        what: "checkpoint",
        text: `there is a checkpoint of ${checkpoint.size} entries, which no entry was committed with`,
      });
  const [beyond] = await inventory.places(await newSize(), 1);
  if (beyond !== undefined && beyond >= (await newSize()))
    findings.add({
      kind: "added",
      what: "entry",
      index: beyond,
      text: `entry ${beyond} and perhaps others lie behind the newest checkpoint: it was removed, or they were added`,
    });
}

type RowsOptions = Omit<Parameters<typeof auditRows>[1], "sizes">;

async function auditClaims(inventory: RecordInventory, { size, expected, newSize, findings }: RowsOptions): Promise<void> {
  const counts = new Uint8Array(size);
  const surplus = new Map<number, string[]>();
  for (let after: string | undefined; ;) {
    const page = await inventory.claims(after, PAGE);
    const now = await newSize();
    for (const { key, index } of page) {
      if (index === undefined || index < 0 || index >= now)
        findings.add({ kind: "added", what: "claim", text: `the claim ${key} belongs to no entry` });
      if (index === undefined || index < 0 || index >= size) continue;
      const count = Math.min(254, (counts[index] ?? 0) + 1);
      counts[index] = count;
      if (expected.claims[index] !== UNKNOWN && count > (expected.claims[index] ?? 0)) surplus.set(index, [...(surplus.get(index) ?? []), key]);
    }
    after = page.at(-1)?.key;
    if (after === undefined || page.length < PAGE) break;
  }
  for (const [index, keys] of surplus)
    findings.add({ kind: "added", what: "claim", index, text: `entry ${index} bears more claims than it should; among them ${keys.join(", ")}` });
  counts.forEach((count, index) => {
    const least = expected.claims[index] ?? UNKNOWN;
    if (least !== UNKNOWN && count < least)
      findings.add({
        kind: "removed",
        what: "claim",
        index,
        text: `a claim of entry ${index} is not there: what it names could be taken by another`,
      });
  });
}

async function auditKeys(inventory: RecordInventory, { size, expected, newSize, findings }: RowsOptions): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await inventory.keys(after, PAGE);
    const now = await newSize();
    for (const { name, index } of page) {
      const isStrange = index === undefined || index < 0 || index >= now || (index < size && expected.keys[index] === 0);
      if (isStrange)
        findings.add({ kind: "added", what: "key", ...(index !== undefined && { index }), text: `there is a key (${name}) where none belongs` });
    }
    after = page.at(-1)?.name;
    if (after === undefined || page.length < PAGE) break;
  }
}
