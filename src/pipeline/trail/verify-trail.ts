/** Holds an audit trail against itself: every leaf, node and checkpoint of every log, every batch against its leaf and under its day's key, and each log against the mark that was kept apart from it. */
import type { AuditKeys } from "../../core/crypto/keys.ts";
import { digestOf, equalBytes } from "../../core/crypto/digest.ts";
import { GrowingTree } from "../../core/crypto/growing-tree.ts";
import { leafHash, nodesForRoot } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { checkpointUnder } from "../../core/formats/new-origin.ts";
import { leafOfBatch, openEvents } from "./open-batch.ts";
import type { TrailKeys } from "./trail-keys.ts";
import type { KeptBatch, TrailStore } from "./trail-store.ts";

export interface VerifiedLog {
  readonly log: string;
  readonly origin: string;
  /** Batches, which are its leaves. */
  readonly size: number;
  readonly root: Uint8Array;
  readonly events: number;
  /** Batches of days whose keys were destroyed. */
  readonly ended: number;
  /** Whether there was a mark to hold it against: without one nobody can say whether the newest batches were removed. */
  readonly isMarked: boolean;
}

export interface VerifiedTrail {
  readonly logs: readonly VerifiedLog[];
  /** What was changed or removed, a sentence each. */
  readonly findings: readonly string[];
}

export interface VerifyNeeds {
  readonly store: Pick<TrailStore, "logs" | "batches" | "nodes" | "checkpoint">;
  readonly keys: AuditKeys;
  readonly dayKeys: Pick<TrailKeys, "toRead">;
  /** The newest checkpoint of a log that was marked apart from it; undefined when none was. */
  readonly mark: (log: string) => Promise<string | undefined>;
  /** How many of the first batches of a log need not be looked at: they were before. Counts are of those behind. */
  readonly from?: ReadonlyMap<string, number>;
  /** The logs that were marked. */
  readonly marked: readonly string[];
  onProgress(done: number): void;
}

const PAGE = 500;
/** More findings of one trail tell nothing more. */
const MOST = 1_000;

export async function verifyTrail(needs: VerifyNeeds): Promise<VerifiedTrail> {
  const findings: string[] = [];
  const tell = (text: string): void => void (findings.length < MOST && findings.push(text));
  const logs: VerifiedLog[] = [];
  for (const log of new Set([...(await needs.store.logs()), ...needs.marked])) logs.push(await verifyLog(log, needs, tell));
  return { logs, findings };
}

async function verifyLog(log: string, needs: VerifyNeeds, tell: (text: string) => void): Promise<VerifiedLog> {
  const { store, keys } = needs;
  const { origin, vkey } = keys.signerOf(log);
  const mark = await readMark(log, needs, vkey, tell);
  const tree = await treeAt(log, needs);
  let [events, ended] = [0, 0];
  for (;;) {
    const page = await store.batches(log, tree.size, PAGE);
    for (const batch of page) {
      if (batch.index !== tree.size) {
        tell(`${log}: the batch ${tree.size} was removed`);
        return { log, origin, size: tree.size, root: tree.root(), events, ended, isMarked: mark !== undefined };
      }
      const nodes = tree.append(leafHash(batch.leaf));
      await compareNodes(log, nodes, store, tell);
      if (!isCheckpointOf(batch.note, vkey, tree))
        tell(`${log}: the checkpoint of batch ${batch.index} is not that of the leaves before it, or not ours`);
      if (mark?.size === tree.size && !equalBytes(mark.root, tree.root()))
        tell(`${log}: its first ${mark.size} batches are not those that the mark was taken of`);
      const opened = await openBatch(batch, needs, tell);
      events += batch.events;
      if (opened === "ended") ended += 1;
    }
    needs.onProgress(tree.size);
    if (page.length < PAGE) break;
  }
  if (mark && mark.size > tree.size)
    tell(`${log}: it has ${tree.size} batches and had ${mark.size}: the newest were removed, or an older copy was put in its place`);
  return { log, origin, size: tree.size, root: tree.root(), events, ended, isMarked: mark !== undefined };
}

/** The tree of what was looked at before; of nothing, where there was nothing. */
async function treeAt(log: string, { store, from }: VerifyNeeds): Promise<GrowingTree> {
  const places = nodesForRoot(from?.get(log) ?? 0);
  const hashes = await store.nodes(log, places);
  return GrowingTree.of(
    from?.get(log) ?? 0,
    places.map((place, at) => ({ ...place, hash: hashes[at] ?? new Uint8Array() })),
  );
}

async function readMark(
  log: string,
  { mark }: VerifyNeeds,
  vkey: string,
  tell: (text: string) => void,
): Promise<{ readonly size: number; readonly root: Uint8Array } | undefined> {
  try {
    const note = await mark(log);
    return note === undefined ? undefined : checkpointUnder(note, vkey);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell(`${log}: its mark cannot be read: ${error.message}`);
    return undefined;
  }
}

async function compareNodes(
  log: string,
  nodes: ReturnType<GrowingTree["append"]>,
  store: VerifyNeeds["store"],
  tell: (text: string) => void,
): Promise<void> {
  try {
    const kept = await store.nodes(log, nodes);
    nodes.forEach(({ level, index, hash }, at) => {
      if (!equalBytes(kept[at] ?? new Uint8Array(), hash)) tell(`${log}: the node ${level}/${index} was changed`);
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    tell(error.message);
  }
}

function isCheckpointOf(note: string, vkey: string, tree: GrowingTree): boolean {
  try {
    const { size, root } = checkpointUnder(note, vkey);
    return size === tree.size && equalBytes(root, tree.root());
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** What the row says beside the leaf must be what the leaf says, and the events what was encrypted. */
async function openBatch(batch: KeptBatch, { dayKeys }: VerifyNeeds, tell: (text: string) => void): Promise<"opened" | "ended" | "damaged"> {
  const place = `${batch.log}: batch ${batch.index}`;
  try {
    const leaf = leafOfBatch(batch);
    if (leaf.sealedDigest !== digestOf(batch.sealed)) tell(`${place}: its events are not those of its leaf`);
    if (leaf.day !== batch.day || leaf.events !== batch.events) tell(`${place}: what stands beside its leaf was changed`);
    const events = await openEvents(batch, dayKeys);
    if (!events) return "ended";
    if (events.length !== leaf.events) tell(`${place}: it has ${events.length} events, and its leaf says ${leaf.events}`);
    const times = events.map(({ at }) => at).sort();
    if (times[0] !== batch.from || times.at(-1) !== batch.to) tell(`${place}: the times that it is found by were changed`);
    return "opened";
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unavailable") throw error;
    tell(`${place}: ${error.message}`);
    return "damaged";
  }
}
