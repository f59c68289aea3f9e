/** From a trust file that was kept to keys of the log that came since: each is vouched for by the one before it, in an entry that both signed, and ended by one that came after it. */
import type { LogKey } from "../crypto/keys.ts";
import { utf8Text } from "../crypto/bytes.ts";
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
  /** How many entries about keys of a log were not looked into: there were too many. */
  readonly omitted: number;
}

/** An entry with what it says. */
interface ReadEntry<Said = LogKeyBegun | LogKeyEnded> {
  readonly entry: ProvenEntry;
  readonly said: Said;
}

/** A log is asked for a key seldom: what brings more, beside those about keys that the trust file itself tells of, is not looked into further. Each costs a few signatures, and anybody may send them. */
export const MOST_LOG_KEY_ENTRIES = 100;

/** Never throws. @param entries in the order of the log */
export function leadLogs(trust: Trust, entries: readonly ProvenEntry[]): LedLogs {
  const led = new Map<string, string>();
  const faults = new Map<string, string>();
  const ways: string[] = [];
  let logs = logsOf(trust);
  const { read, omitted } = readOf(entries, logs);
  for (const { entry, said } of read) {
    const log = logOf(entry.checkpoint, logs);
    if (log?.origin !== said.origin) continue;
    const next = said.kind === "log-key-begun" ? withBegun(log, { entry, said }, read) : withEnded(log, said, entry);
    if (typeof next === "string") {
      if (said.kind === "log-key-begun") faults.set(said.vkey, next);
      continue;
    }
    logs = logs.map((one) => (one === log ? next : one));
    if (said.kind !== "log-key-begun" || isOf(log, said.vkey)) continue;
    ways.push(`entry ${entry.index} of the log, of ${said.at}`);
    led.set(said.vkey, ways.join(", then by "));
  }
  return { logs, led, faults, omitted };
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
function withBegun(log: KnownLog, { entry, said }: ReadEntry<LogKeyBegun>, read: readonly ReadEntry[]): KnownLog | string {
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
  const isHeld = isInLog(entry, withKeys(log, [...(next.keys ?? []), ...followersOf(begun.vkey, entry.index, read)]));
  return isHeld ? next : `the log did not sign that it holds the entry ${entry.index} of the receipt`;
}

/** The keys for which a key vouches, and those for which they do, in their order. */
function followersOf(vkey: string, index: number, read: readonly ReadEntry[]): LogKey[] {
  const keys: LogKey[] = [];
  for (const { entry, said } of read)
    if (said.kind === "log-key-begun" && entry.index > index && said.previous === (keys.at(-1)?.vkey ?? vkey))
      keys.push({ vkey: said.vkey, after: entry.index });
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

function withKeys({ origin, verifiers }: KnownLog, keys: readonly LogKey[]): KnownLog {
  return { origin, keys, verifiers: keys.map(({ vkey }) => verifiers.find((one) => one.vkey === vkey) ?? parseVkey(vkey)) };
}

function isOf({ verifiers }: KnownLog, vkey: string): boolean {
  return verifiers.some((verifier) => verifier.vkey === vkey);
}

/** What entries say of keys of logs, each read once; of two that say the same of two keys, the first. */
function readOf(entries: readonly ProvenEntry[], logs: readonly KnownLog[]): { readonly read: readonly ReadEntry[]; readonly omitted: number } {
  const told = logs.flatMap(({ keys = [] }) => keys);
  const about = entries.flatMap((entry) => {
    const { leaf } = entry;
    const kind = logKeyKindOf(leaf);
    if (kind === undefined) return [];
    const text = utf8Text(leaf);
    const isTold = told.some(({ vkey, ended }) => (kind === "log-key-begun" || ended !== undefined) && text.includes(`"vkey":"${vkey}"`));
    return isTold ? [] : [{ entry, leaf }];
  });
  const seen = new Set<string>();
  const read = about.slice(0, MOST_LOG_KEY_ENTRIES).flatMap(({ entry, leaf }): ReadEntry[] => {
    const said = readLeaf(leaf);
    if (said === undefined) return [];
    const link = said.kind === "log-key-begun" ? `${said.previous} ${said.vkey}` : undefined;
    if (link === undefined) return [{ entry, said }];
    return seen.size === seen.add(link).size ? [] : [{ entry, said }];
  });
  return { read, omitted: Math.max(0, about.length - MOST_LOG_KEY_ENTRIES) };
}

/** Undefined for what cannot be read. */
function readLeaf(leaf: Uint8Array): LogKeyBegun | LogKeyEnded | undefined {
  try {
    return parseLogKeyLeaf(leaf);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
