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
  const [, origin, digits, encoded] = /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text) ?? [];
  const root = encoded === undefined ? undefined : fromBase64(encoded);
  const size = Number(digits);
  if (origin === undefined || root === undefined || !Number.isSafeInteger(size))
    throw new AppError("malformed", "not a checkpoint: origin, size and root hash, a line each");
  return { origin, size, root };
}
