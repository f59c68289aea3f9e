import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** A log's state (c2sp.org/tlog-checkpoint): how many leaves it has and the root hash over them. */
export interface Checkpoint {
  /** The log's name for ever: a URL without its scheme. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The text of a checkpoint, ready to be signed as a note: origin, size and root (base64), a line each. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads the signed text of a checkpoint. Extension lines are refused: we write none, and what is not understood must not pass. AppError `malformed`. */
export function parseCheckpoint(text: string): Checkpoint {
  const { origin, size, root, extensions } = parseExtendedCheckpoint(text);
  if (extensions !== "") throw new AppError("malformed", "a checkpoint with extension lines");
  return { origin, size, root };
}

/** A checkpoint of any log, with the lines that it may add and whoever cosigns it says nothing about. AppError `malformed`. */
export function parseExtendedCheckpoint(text: string): Checkpoint & { readonly extensions: string } {
  const [, origin, digits, encoded, extensions] = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)$/.exec(text) ?? [];
  const root = encoded === undefined ? undefined : fromBase64(encoded);
  const size = Number(digits);
  if (origin === undefined || root === undefined || extensions === undefined || !Number.isSafeInteger(size))
    throw new AppError("malformed", "not a checkpoint: origin, size and root hash, a line each");
  return { origin, size, root, extensions };
}
