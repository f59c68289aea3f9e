/**
 * By which of its keys a log must have signed a checkpoint. A key begins with an entry of the log: every tree that holds it bears the new key's signature, and for a stated time the old one's beside it, for those who know that one alone. So
 * whoever knows both is not content with the old one: the size of a tree says by which key it is signed, and no clock. docs/design/keys.md, "The log's own key".
 */
import { AppError } from "../errors.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import type { LogKey, LogName } from "./keys.ts";
import { openNote, parseVkey, type NoteSignature, type NoteVerifier } from "./signed-note.ts";

/** A log by its name, and whose signatures under its checkpoints count. */
export interface KnownLog {
  readonly origin: string;
  readonly verifiers: readonly NoteVerifier[];
  /** For which trees each counts, oldest first. Undefined: any of them for all. */
  readonly keys?: readonly LogKey[] | undefined;
}

/** `signed`: by the key of that time. `ended`: by one alone that somebody else may have had. `followed`: by one alone that another had followed in that tree. `unsigned`: by none that is known, or falsely. */
export type LogSignature = "signed" | "ended" | "followed" | "unsigned";

/** A checkpoint with what was found out about its signatures. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly signatures: readonly NoteSignature[];
  readonly signed: LogSignature;
}

/** A log with all its keys. */
export function knownLog({ origin, vkey, keys }: LogName): KnownLog {
  return { origin, verifiers: (keys ?? [{ vkey }]).map((key) => parseVkey(key.vkey)), keys };
}

/** The same for whoever does not know yet which key counts for which tree, and makes the tree itself again: any of them does. */
export function knownByAnyKey(log: LogName): KnownLog {
  return { ...knownLog(log), keys: undefined };
}

/** Takes a checkpoint of a log apart. AppError `malformed` when it is none. @param others whose signatures are checked too, and decide nothing here */
export function openedUnder(note: string, log: KnownLog, others: readonly NoteVerifier[] = []): OpenedCheckpoint {
  const { text, signatures } = openNote(note, [...log.verifiers, ...others]);
  const checkpoint = parseCheckpoint(text);
  return { checkpoint, signatures, signed: checkpoint.origin === log.origin ? signatureOf(signatures, checkpoint.size, log) : "unsigned" };
}

/** The same, of whichever key: undefined when none of the log's signed it. What it says was said by the log, and no more. */
export function signedEver(note: string, log: KnownLog): Checkpoint | undefined {
  try {
    const { checkpoint, signatures } = openedUnder(note, log);
    return checkpoint.origin === log.origin && signatures.some(({ result }) => result === "valid") ? checkpoint : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** The smallest size, the given one or a larger, of which a checkpoint can count yet: where the key of that size was ended, the first of a later one that was not. */
export function countingSize(size: number, keys: readonly LogKey[] = []): number {
  const begun = begunBy(size, keys);
  if (keys.some(({ after, ended }) => after === begun && ended === undefined)) return size;
  const later = keys.flatMap(({ after, ended }) => (after > begun && Number.isFinite(after) && ended === undefined ? after : []));
  return later.length === 0 ? size : Math.min(...later) + 1;
}

/** Of several logs the one whose checkpoint a note says to be. */
export function logOf<Log extends { readonly origin: string }>(note: string, logs: readonly Log[]): Log | undefined {
  return logs.find(({ origin }) => note.startsWith(`${origin}\n`));
}

/** Why a checkpoint is not believed, in words that go on from "the checkpoint"; undefined when it is. */
export function faultOfSignature(signed: LogSignature): string | undefined {
  return FAULTS[signed];
}

const FAULTS: Readonly<Record<LogSignature, string | undefined>> = {
  signed: undefined,
  ended: "is signed by a key alone that was ended, because somebody else may have it",
  followed: "is signed by a key alone that another one had followed by then",
  unsigned: "does not bear the log's signature",
};

function signatureOf(signatures: readonly NoteSignature[], size: number, { verifiers, keys }: KnownLog): LogSignature {
  const results = new Map<string, NoteSignature["result"][]>();
  for (const { vkey, name, keyId } of verifiers)
    results.set(
      vkey,
      signatures.filter((signature) => signature.name === name && signature.keyId === keyId).map(({ result }) => result),
    );
  // A known key whose signature is false makes the whole note false (c2sp.org/signed-note).
  if ([...results.values()].flat().some((result) => result !== "valid")) return "unsigned";
  const isBy = ({ vkey }: Pick<LogKey, "vkey">): boolean => (results.get(vkey)?.length ?? 0) > 0;
  if (!verifiers.some(isBy)) return "unsigned";
  if (keys === undefined) return "signed";
  const begun = begunBy(size, keys);
  const counting = keys.filter((key) => key.after >= begun && isBy(key));
  if (counting.some(({ ended }) => ended === undefined)) return "signed";
  return counting.length > 0 ? "ended" : "followed";
}

/** After how many entries the key of a tree of a size began. */
function begunBy(size: number, keys: readonly LogKey[]): number {
  return Math.max(0, ...keys.flatMap(({ after }) => (after < size ? after : [])));
}
