/**
 * The one way on for a log that is not what it was: under another origin and key. Nobody can take the old log for going on, because nothing more is signed under its name; and
 * nobody can take the new one for never having had a predecessor, because its first entry names the checkpoints that it follows.
 */
import { randomUUID } from "node:crypto";
import type { LogName, LogSigner } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { checkpointUnder, formatNewOrigin, type NewOrigin } from "../../core/formats/new-origin.ts";
import type { RecordStore } from "../store/record-store.ts";
import { nextCommit } from "./next-commit.ts";
import { verifiedSize } from "./tree-head.ts";
import type { Watermark } from "./watermark.ts";

type OriginStore = Pick<RecordStore, "checkpoint" | "nodes" | "stage" | "commit" | "closure">;

export interface NewOriginOptions {
  readonly store: OriginStore;
  readonly watermark: Watermark;
  /** The log that ends. */
  readonly previous: LogName;
  /** The log that begins. */
  readonly signer: LogSigner;
  readonly reason: string;
  readonly now: Date;
}

/** How often it is tried against a service that commits at the same time. */
const ATTEMPTS = 20;
/** How long one commit waits for another process, in milliseconds. */
const PATIENCE = 10_000;

/**
 * Whether a log has begun: its name stands on the store's newest checkpoint, or on the mark. A key that was made and never used is one that an interrupted run left.
 */
export async function hasBegun({ origin }: LogName, store: Pick<RecordStore, "checkpoint">, watermark: Watermark): Promise<boolean> {
  const notes = [(await store.checkpoint())?.note, await readMark(watermark)];
  return notes.some((note) => note?.startsWith(`${origin}\n`));
}

/**
 * Commits the first entry of the new log upon whatever the store holds of the old one, and marks it.
 *
 * @throws AppError `damaged` when what the store holds is no whole tree of the old log.
 */
export async function beginNewOrigin(options: NewOriginOptions): Promise<NewOrigin & { readonly index: number }> {
  const { store, watermark, previous, signer } = options;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const index = await verifiedSize(store, previous);
    const kept = (await store.checkpoint())?.note ?? null;
    const entry = entryOf(options, kept, await readMark(watermark));
    const staged = { id: randomUUID(), kind: "new-origin", receivedAt: entry.at, leaf: formatNewOrigin(entry), claims: [] };
    await store.stage(staged);
    const commit = await nextCommit([staged], index, signer, (places) => store.nodes(places));
    const result = await store.commit(commit, performance.now() + PATIENCE);
    if (result.kind === "closed") {
      const to = (await store.closure())?.to ?? "elsewhere";
      throw new AppError("conflict", `the log was closed here for ever, and goes on in ${to}: begin the new origin there`);
    }
    if (result.kind !== "committed") continue;
    const { note } = commit.checkpoint;
    await watermark.begin(note);
    return { ...entry, index };
  }
  throw new AppError("unavailable", "other writers were quicker too often: stop the service first");
}

function entryOf({ previous, signer, reason, now }: NewOriginOptions, kept: string | null, mark: string | undefined): NewOrigin {
  const named = mark !== undefined && mark !== kept && isOf(previous, mark) ? mark : null;
  return { at: now.toISOString(), reason, origin: signer.origin, vkey: signer.vkey, previous: { vkey: previous.vkey, kept, mark: named } };
}

/** A mark that the log did not sign says nothing about it. */
function isOf({ vkey }: LogName, mark: string): boolean {
  try {
    return checkpointUnder(mark, vkey).size > 0;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** The mark; undefined when there is none, or it is in no form that we know: then it can't be named, and a new one takes its place. */
async function readMark(watermark: Watermark): Promise<string | undefined> {
  try {
    return await watermark.read();
  } catch (error) {
    if (error instanceof AppError && error.code === "damaged") return undefined;
    throw error;
  }
}
