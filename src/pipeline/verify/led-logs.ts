/** From a trust file that was kept to keys of the log that came since: each is vouched for by the one before it, in an entry that both signed, and ended by one that came after it. */
import type { LogKey } from "../../core/crypto/keys.ts";
import { logOf, openedUnder, type KnownLog } from "../../core/crypto/log-keys.ts";
import { leafHash } from "../../core/crypto/merkle.ts";
import { verifyInclusion } from "../../core/crypto/merkle-verify.ts";
import { parseVkey } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { logKeyKindOf, parseLogKeyLeaf, type LogKeyBegun, type LogKeyEnded } from "../../core/formats/log-key.ts";
import type { ProvenEntry } from "../../core/formats/receipt.ts";
import { logsOf, type Trust } from "../../core/formats/trust.ts";

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
    const next = said.kind === "log-key-begun" ? withBegun(log, said, entry) : withEnded(log, said, entry);
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
function withBegun(log: KnownLog, said: LogKeyBegun, entry: ProvenEntry): KnownLog | string {
  const keys = keysOf(log);
  // What a trust file says of a key counts.
  if (log.keys?.some(({ vkey }) => vkey === said.vkey) === true) return log;
  const before = keys.find(({ vkey }) => vkey === said.previous);
  if (before === undefined) return "the trust file leads to no key that came before it";
  if (before.ended !== undefined) return `the key before it was ended as of ${before.ended.since.toISOString()} (${before.ended.reason})`;
  if (keys.some(({ vkey, after }) => after > before.after && vkey !== said.vkey)) return "another key followed the one before it";
  const begun = { vkey: said.vkey, after: entry.index };
  const until = new Date(said.until);
  const others = keys.filter(({ vkey }) => vkey !== said.vkey).map((key) => (key === before ? { ...key, until } : key));
  const next = withKeys(log, [...others, begun]);
  // The tree that holds it bears the signatures of both.
  return isInLog(entry, log) && isInLog(entry, next) ? next : `the log did not sign that it holds the entry ${entry.index} of the receipt`;
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
