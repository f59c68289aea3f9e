/** Follows a log from outside: whether what it shows now goes on from what it showed before, and how fresh it is. Whoever answers is not believed in anything but what the log's key signed. */
import type { Checkpoint } from "../../core/crypto/checkpoint.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import { consistencyProof } from "../../core/crypto/merkle.ts";
import { verifyConsistency } from "../../core/crypto/merkle-verify.ts";
import { faultOfSignature, logOf, openedUnder, signedEver, type LogSignature } from "../../core/crypto/log-keys.ts";
import { timeVerifier } from "../../core/crypto/note-keys.ts";
import type { NoteSignature } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { nodesOfTiles } from "../../core/formats/log-tiles.ts";
import { logsOf, type Trust } from "../../core/formats/trust.ts";
import type { RemoteAnswer } from "./audit-remote.ts";
import { leadRemote } from "./lead-remote.ts";

/**
 * `fine`: it goes on from what was seen before. `forked`: it does not, and both are signed. `rolled-back`: it shows less than it did, and has no more, or says that this is the newest. `false`: what it shows is not signed by it. `other-log`: it shows another log than before.
 * `stale`: it goes on, and nobody signed a time that is young enough; or it shows an older checkpoint of itself (that witnesses cosigned, or another instance's).
 */
export type WatchResult = "fine" | "stale" | "other-log" | "rolled-back" | "forked" | "false";

export interface Watched {
  readonly result: WatchResult;
  /** A sentence for a person. */
  readonly text: string;
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** The latest time that somebody signed under it, in milliseconds since 1970; undefined: nobody did. */
  readonly signedAt: number | undefined;
  /** Witnesses of the trust file that cosigned it, and whether they are as many as it asks for; undefined where it names none. */
  readonly witnesses: { readonly seen: readonly string[]; readonly isEnough: boolean } | undefined;
  /** What it shows, as a signed note. */
  readonly note: string;
  /** What the next is to go on from: the same, or what was seen before where that is further. */
  readonly keep: string;
  /** Whether what is shown and what was seen prove by themselves, to anybody, what the log did; else tiles that somebody altered on the way may be what is false. */
  readonly isProven?: boolean;
  /** The trust file, with the keys of the log to which it was led. */
  readonly trust: Trust;
}

export interface WatchOptions {
  /** Asks for a path of the repository. */
  get(path: string): Promise<RemoteAnswer>;
  readonly trust: Trust;
  /** What it showed before, as a signed note. */
  readonly last: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds that a signed time may be old. */
  readonly maxAge: number;
}

/** A clock of somebody else may be ahead of ours by so many milliseconds. */
const SKEW = 300_000;

/** Looks once. AppError `unavailable` when the log does not answer. */
export async function watchLog({ get, trust: given, last, now, maxAge }: WatchOptions): Promise<Watched> {
  const need = async (path: string): Promise<Uint8Array> => {
    const { status, bytes } = await get(path);
    if (status !== 200) throw new AppError("unavailable", `${path} was answered with ${status}`);
    return bytes;
  };
  const note = new TextDecoder().decode(await need("/log/checkpoint"));
  const trust = await leadRemote(note, given, get);
  const opened = openUnder(note, trust);
  if (opened?.signed !== "signed") {
    const text = opened === undefined || opened.signed === "unsigned" ? "What it shows is no checkpoint that the log of the trust file signed." : `What it shows ${faultOfSignature(opened.signed) ?? ""}.`; // prettier-ignore
    return { ...{ result: "false", text, origin: "", size: 0, root: new Uint8Array(), signedAt: undefined, witnesses: undefined, note, trust }, keep: last ?? note }; // prettier-ignore
  }
  const { checkpoint, signatures } = opened;
  const { origin, size, root } = checkpoint;
  const signedAt = latestTime(signatures, now);
  // What was seen then is what the log said then, by whichever key.
  const seen = last === undefined ? undefined : logOf(last, logsOf(trust));
  const before = seen && last !== undefined ? signedEver(last, seen) : undefined;
  const keep = last !== undefined && before !== undefined && before.origin === origin && before.size > size ? last : note;
  const shown = { origin, size, root, note, keep, trust, signedAt, witnesses: witnessesOf(signatures, trust) };
  if (last !== undefined && before === undefined) throw new AppError("invalid", "what was seen before is not signed by a log of the trust file");
  const fault = before && (await contradictionOf(before, checkpoint, (path) => need(`/log/tile/${path}`)));
  if (fault !== undefined) return { ...shown, ...fault };
  if (before !== undefined && last !== undefined && keep !== note) {
    const ours = signatures.filter(({ name }) => name === origin);
    const said = latestTime(ours, now) ?? -Infinity;
    const known = latestTime(openUnder(last, trust)?.signatures ?? [], now) ?? Infinity;
    return { ...shown, ...(await lesser(before, checkpoint, { get, isSaidNewest: said > known + SKEW })) };
  }
  const isFresh = signedAt !== undefined && signedAt >= now - maxAge;
  const went = before === undefined ? `${size} entries, seen for the first time` : `${size} entries, which go on from the ${before.size} that were seen before`; // prettier-ignore
  if (isFresh) return { ...shown, result: "fine", text: `The log ${origin} has ${went}; it was the newest at ${new Date(signedAt).toISOString()}.` };
  const when = signedAt === undefined ? "nobody signed when that was" : `the latest signed time is ${new Date(signedAt).toISOString()}`;
  return { ...shown, result: "stale", text: `The log ${origin} has ${went}, but ${when}.` };
}

/** A checkpoint of a trusted log, with the signatures that count or tell a time; undefined when it is none. */
function openUnder(
  note: string,
  trust: Trust,
): { readonly checkpoint: Checkpoint; readonly signatures: readonly NoteSignature[]; readonly signed: LogSignature } | undefined {
  const log = logOf(note, logsOf(trust));
  if (log === undefined) return undefined;
  try {
    const times = log.verifiers.flatMap((verifier) => timeVerifier(verifier) ?? []);
    const opened = openedUnder(note, log, [...times, ...(trust.witnesses?.witnesses ?? []).map(({ verifier }) => verifier)]);
    return opened.signatures.some(({ result }) => result === "invalid") ? undefined : opened;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function contradictionOf(
  before: Checkpoint,
  now: Checkpoint,
  tile: (path: string) => Promise<Uint8Array>,
): Promise<Pick<Watched, "result" | "text" | "isProven"> | undefined> {
  if (before.origin !== now.origin)
    return { result: "other-log", text: `It shows the log ${now.origin}; before, it showed ${before.origin}. Get its trust file, and hold what its log says of the change against what was seen.` }; // prettier-ignore
  if (now.size < before.size) return undefined;
  const proof = await consistencyProof(before.size, now.size, nodesOfTiles(now.size, tile));
  // A proof from the empty tree says nothing, and its root is always the same.
  if (verifyConsistency(before.size, before.root, now.size, now.root, proof)) return undefined;
  // Of one size two roots contradict each other by themselves; else tiles might be what is false.
  const isProven = before.size === now.size && !equalBytes(before.root, now.root);
  return {
    ...{ result: "forked", isProven },
    text: `The log's first ${before.size} entries are not those that were seen before: ${isProven ? "it signed two trees of one size" : "no tree that it shows begins with them"}.`,
  };
}

/**
 * A checkpoint of fewer entries than were seen: an older one of the same log proves nothing, and is shown where witnesses cosigned no newer one or another instance answers. The log was set back when it has no longer what was
 * seen, or says by its own key that the older one is the newest, later than somebody signed a time under the other.
 */
async function lesser(
  before: Checkpoint,
  now: Checkpoint,
  { get, isSaidNewest }: Pick<WatchOptions, "get"> & { readonly isSaidNewest: boolean },
): Promise<Pick<Watched, "result" | "text" | "isProven">> {
  const back = `The log has ${now.size} entries and had ${before.size}: it was set back to an earlier state.`;
  if (now.size === 0 || isSaidNewest) return { result: "rolled-back", text: back, isProven: isSaidNewest };
  const statuses = new Set<number>();
  const tile = async (path: string): Promise<Uint8Array> => {
    const { status, bytes } = await get(`/log/tile/${path}`);
    statuses.add(status);
    if (status !== 200) throw new AppError("unavailable", `/log/tile/${path} was answered with ${status}`);
    return bytes;
  };
  try {
    const proof = await consistencyProof(now.size, before.size, nodesOfTiles(before.size, tile));
    if (!verifyConsistency(now.size, now.root, before.size, before.root, proof))
      return {
        result: "forked",
        text: `The log's first ${now.size} entries are not those that were seen before: no tree that it shows goes on from them.`,
      };
  } catch (error) {
    if (!statuses.has(404) && !statuses.has(410)) throw error;
    return { result: "rolled-back", text: back };
  }
  return { result: "stale", text: `The log shows an older checkpoint, of ${now.size} entries; it had ${before.size}, and still has them.` };
}

/** A time that lies in the future is nobody's word for how fresh it is. */
function latestTime(signatures: readonly NoteSignature[], now: number): number | undefined {
  const times = signatures.flatMap(({ result, at = 0 }) => (result === "valid" && at > 0 && at * 1_000 <= now + SKEW ? [at * 1_000] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

function witnessesOf(signatures: readonly NoteSignature[], { witnesses: policy }: Trust): Watched["witnesses"] {
  if (policy === undefined) return undefined;
  const isSeen = ({ name, keyId }: { readonly name: string; readonly keyId: string }): boolean =>
    signatures.some((signature) => signature.name === name && signature.keyId === keyId && signature.result === "valid");
  const seen = policy.witnesses.filter(({ verifier }) => isSeen(verifier)).map(({ name }) => name);
  return { seen, isEnough: policy.isQuorum(new Set(seen)) };
}
