/** Who watches a repository, and whether they notice what was done to it: for the tamper table, on any engine. */
import { randomBytes } from "node:crypto";
import { cosigner } from "../../../src/adapters/keys/note-signer.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { parseAnyVkey } from "../../../src/core/crypto/note-keys.ts";
import { AppError, ERROR_KINDS } from "../../../src/core/errors.ts";
import { trustOf } from "../../../src/core/formats/trust.ts";
import { logInteractions } from "../../../src/interactions/log/read-log.ts";
import { auditRemote, type RemoteAnswer } from "../../../src/pipeline/audit/audit-remote.ts";
import { watchLog } from "../../../src/pipeline/audit/watch-log.ts";
import { erasureOf, honourErasures } from "../../../src/pipeline/erasures.ts";
import { originalOf, proofOf } from "../../../src/pipeline/fetch.ts";
import { EntriesInLog } from "../../../src/pipeline/log/entries-in-log.ts";
import { checkEntries, indexesToCheck } from "../../../src/pipeline/log/in-log.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { receiptOf } from "../../../src/pipeline/present.ts";
import { createDocumentKeys, type WrappedKeys } from "../../../src/pipeline/store/document-keys.ts";
import type { RecordStore } from "../../../src/pipeline/store/record-store.ts";
import { Witnessing } from "../../../src/pipeline/witness/witnessing.ts";
import { MemoryCosigned } from "../../contracts/memory-cosigned.ts";
import { MemoryWatermark } from "../../contracts/memory-watermark.ts";
import { WATCHERS, type Deed, type Watcher } from "./tamper-table.ts";

export interface Opened {
  readonly keys: Keys;
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
}

/** Whether something fails, or gives something to tell. */
async function isNoticed(work: () => Promise<unknown>): Promise<boolean> {
  try {
    return Boolean(await work());
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

/** The service when it starts: the mark, the newest checkpoint, and all of a log that is no longer than what is looked at. */
async function start({ keys, store, wrappedKeys }: Opened, mark: Deed["mark"], seen: string): Promise<unknown> {
  const watermark = new MemoryWatermark();
  watermark.note = { changed: "nothing\n", removed: undefined, "rolled back": (await store.checkpoint(2))?.note, "": seen }[mark ?? ""];
  const ledger = await Ledger.open(store, keys.log, { watermark });
  const newest = await store.checkpoint();
  const isKeyInOrder = async (id: string): Promise<boolean> =>
    (await wrappedKeys.read(id)) !== undefined || (await erasureOf(id, store)) !== undefined;
  if (ledger.halt !== undefined || newest === undefined) return ledger.halt;
  const options = { store, log: keys.log, pastLogs: [], isKeyInOrder };
  return (await checkEntries(indexesToCheck(newest.size, 32, 0), newest.note, options)).find(({ fault }) => fault !== undefined);
}

/** Whoever reads the second document. What is not as it was written is never told as a fault of who asks. */
async function read({ keys, store, wrappedKeys }: Opened, id: string): Promise<unknown> {
  const inLog = new EntriesInLog({ logs: keys, store });
  const using = { store, documentKeys: honourErasures(createDocumentKeys(keys, wrappedKeys), store), inLog };
  try {
    await originalOf(await proofOf(id, using), using);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "malformed") throw new Error("not told as damage", { cause: error });
    throw error;
  }
  return undefined;
}

/** What is asked from outside. */
function asked({ keys, store, wrappedKeys }: Opened): (path: string) => Promise<RemoteAnswer> {
  const using = { store, documentKeys: honourErasures(createDocumentKeys(keys, wrappedKeys), store) };
  const note = async (): Promise<string> => (await store.checkpoint())?.note ?? "";
  const log = logInteractions({ keys, signers: [], ledger: { checkpoint: note }, store });
  const answer = async (path: string): Promise<string | Uint8Array | undefined> => {
    if (path === "/log/checkpoint") return log.checkpoint();
    const [, id] = /^\/documents\/([^/]+)\/receipt$/.exec(path) ?? [];
    return id === undefined ? (await log.tile(path.replace("/log/tile/", "")))?.bytes : receiptOf(await proofOf(id, using), using);
  };
  return async (path) => {
    try {
      const said = await answer(path);
      return { status: said === undefined ? 404 : 200, bytes: Buffer.from(said ?? "") };
    } catch (error) {
      return { status: error instanceof AppError ? ERROR_KINDS[error.code].status : 500, bytes: new Uint8Array() };
    }
  };
}

/** A witness that cosigned what was there before. */
async function witness({ keys, store }: Opened, seen: string): Promise<unknown> {
  const verifier = parseAnyVkey(cosigner("w.example", "cosignature/v1", randomBytes(32)).vkey);
  let found: string | undefined;
  const witnessing = new Witnessing({
    ...{ store, cosigned: new MemoryCosigned(), log: keys.log, pastLogs: [], interval: 60_000, refresh: 60_000 },
    witnesses: [{ name: "w", verifier, add: () => Promise.resolve({ kind: "refused", status: 422 }), shown: () => Promise.resolve(seen) }],
    turn: { take: () => Promise.resolve(false), giveBack: () => Promise.resolve() },
    timeLine: () => Promise.resolve(""),
    onContradiction: (reason) => (found = reason),
    onFault: () => undefined,
    onUnproving: () => undefined,
  });
  await witnessing.start(5_000);
  await witnessing.close();
  return found;
}

export interface Watching {
  readonly mark?: Deed["mark"];
  /** The newest checkpoint, as whoever watches has seen it. */
  readonly seen: string;
  /** The document whose page is asked for. */
  readonly id: string;
  /** What looks at each document tell. */
  looks(): Promise<readonly string[]>;
  /** Findings of the audit on the machine. */
  audit(against: readonly string[]): Promise<readonly unknown[]>;
}

/** Those who notice that a repository is not what it was. */
export async function noticedBy(opened: Opened, { mark, seen, id, looks, audit }: Watching): Promise<readonly Watcher[]> {
  const trust = trustOf(opened.keys);
  const get = asked(opened);
  // The audit on the machine holds the log against the mark that is there.
  const marked = { changed: undefined, removed: [], "rolled back": [], "": [seen] }[mark ?? ""];
  const watchers: Readonly<Record<Watcher, () => Promise<unknown>>> = {
    start: () => start(opened, mark, seen),
    looks: async () => (await looks()).length > 0,
    read: () => read(opened, id),
    audit: async () => marked === undefined || (await audit(marked)).length > 0,
    outside: async () => (await auditRemote({ get, trust, against: mark === undefined ? [seen] : [], onProgress: () => undefined })).findings.count,
    watch: async () => (await watchLog({ get, trust, last: seen, now: Date.now(), maxAge: 60_000 })).result !== "fine",
    witness: () => witness(opened, seen),
  };
  const noticed: Watcher[] = [];
  for (const name of WATCHERS) if (await isNoticed(watchers[name])) noticed.push(name);
  return noticed;
}
