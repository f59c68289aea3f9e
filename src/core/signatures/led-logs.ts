/** From a trust file that was kept to keys of the log that came since: each is vouched for by the one before it, in an entry that both signed, and ended by one that came after it. */
import type { LogKey } from "../crypto/keys.ts";
import { logOf, openedUnder, type KnownLog } from "../crypto/log-keys.ts";
import { leafHash } from "../crypto/merkle.ts";
import { verifyInclusion } from "../crypto/merkle-verify.ts";
import { parseVkey } from "../crypto/signed-note.ts";
import { AppError } from "../errors.ts";
import { logKeyKindOf, parseLogKeyLeaf, type LogKeyBegun, type LogKeyEnded } from "../formats/log-key.ts";
import type { ProvenEntry } from "../formats/receipt.ts";
import { logsOf, type Trust } from "../formats/trust.ts";

/** Logs with what a trust file leads to. */
export interface LedLogs {
  readonly logs: readonly KnownLog[];
  /** By verifier key: the entries that led to it, in words. */
  readonly led: ReadonlyMap<string, string>;
  /** By verifier key: why an entry that is about it does not lead to it. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Never throws. @param entries in the order of the log */
export function leadLogs(trust: Trust, entries: readonly ProvenEntry[]): LedLogs {
  const led = new Map<string, string>();
  const faults = new Map<string, string>();
  const ways: string[] = [];
  let logs = logsOf(trust);
  for (const entry of entries) {
    const said = read(entry.leaf);
    const log = said && logOf(entry.checkpoint, logs);
    if (said === undefined || log?.origin !== said.origin) continue;
    const next = said.kind === "log-key-begun" ? withBegun(log, said, entry, entries) : withEnded(log, said, entry);
    if (typeof next === "string") {
      if (said.kind === "log-key-begun") faults.set(said.vkey, next);
      continue;
    }
    logs = logs.map((one) => (one === log ? next : one));
    if (said.kind !== "log-key-begun" || isOf(log, said.vkey)) continue;
    ways.push(`entry ${entry.index} of the log, of ${said.at}`);
    led.set(said.vkey, ways.join(", then by "));
  }
  return { logs, led, faults };
}

/** Whether a log signed a checkpoint whose tree holds an entry. */
export function isInLog({ leaf, index, treeSize, inclusionProof, checkpoint: note }: ProvenEntry, log: KnownLog): boolean {
  try {
    const { checkpoint, signed } = openedUnder(note, log);
    const { size, root } = checkpoint;
    return signed === "signed" && size === treeSize && verifyInclusion(leafHash(leaf), index, size, inclusionProof, root);
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** The log with the key that an entry begins, or why not. */
function withBegun(log: KnownLog, said: LogKeyBegun, entry: ProvenEntry, entries: readonly ProvenEntry[]): KnownLog | string {
  const keys = keysOf(log);
  // What a trust file says of a key counts.
  if (log.keys?.some(({ vkey }) => vkey === said.vkey) === true) return log;
  const before = keys.find(({ vkey }) => vkey === said.previous);
  // Every size above counts for the new key: of an empty tree nobody needs to know who signed it.
  if (entry.index === 0) return "no entry came before it";
  if (before === undefined) return "the trust file leads to no key that came before it";
  if (before.ended !== undefined) return `the key before it was ended as of ${before.ended.since.toISOString()} (${before.ended.reason})`;
  if (keys.some(({ vkey, after }) => after > before.after && vkey !== said.vkey)) return "another key followed the one before it";
  const begun = { vkey: said.vkey, after: entry.index };
  const until = new Date(said.until);
  const others = keys.filter(({ vkey }) => vkey !== said.vkey).map((key) => (key === before ? { ...key, until } : key));
  const next = withKeys(log, [...others, begun]);
  // The one before signed what begins it; the tree that holds it is signed by the key itself, or by one that follows it in the same way.
  const isHeld = isInLog(entry, withKeys(log, [...(next.keys ?? []), ...followersOf(begun.vkey, entry.index, entries)]));
  return isHeld ? next : `the log did not sign that it holds the entry ${entry.index} of the receipt`;
}

/** The keys for which a key vouches, and those for which they do, in their order. */
function followersOf(vkey: string, index: number, entries: readonly ProvenEntry[]): LogKey[] {
  const keys: LogKey[] = [];
  for (const entry of entries) {
    const said = entry.index > index ? read(entry.leaf) : undefined;
    if (said?.kind === "log-key-begun" && said.previous === (keys.at(-1)?.vkey ?? vkey)) keys.push({ vkey: said.vkey, after: entry.index });
  }
  return keys;
}

/** The log with a key that has ended; a key is ended under the signature of one that came after it, since whoever has a stolen one would end the others. */
function withEnded(log: KnownLog, { vkey, since, reason }: LogKeyEnded, entry: ProvenEntry): KnownLog | string {
  const keys = keysOf(log);
  const key = keys.find((one) => one.vkey === vkey);
  if (key === undefined || key.ended !== undefined) return log;
  const later = keys.filter(({ after, ended }) => after > key.after && ended === undefined);
  if (later.length === 0 || !isInLog(entry, withKeys(log, later))) return "no key that came after it signed that";
  return withKeys(log, keys.map((one) => (one === key ? { ...one, ended: { since: new Date(since), reason } } : one))); // prettier-ignore
}

function keysOf({ keys, verifiers }: KnownLog): readonly LogKey[] {
  return keys ?? verifiers.map(({ vkey }) => ({ vkey, after: 0 }));
}

function withKeys({ origin }: KnownLog, keys: readonly LogKey[]): KnownLog {
  return { origin, keys, verifiers: keys.map(({ vkey }) => parseVkey(vkey)) };
}

function isOf({ verifiers }: KnownLog, vkey: string): boolean {
  return verifiers.some((verifier) => verifier.vkey === vkey);
}

/** Undefined for entries about other keys, and what cannot be read. */
function read(leaf: Uint8Array): LogKeyBegun | LogKeyEnded | undefined {
  try {
    return logKeyKindOf(leaf) && parseLogKeyLeaf(leaf);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
