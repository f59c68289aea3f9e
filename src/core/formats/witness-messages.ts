/** What is said to a witness and by it (c2sp.org/tlog-witness): written and read here for both sides. */
import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { toHex, utf8 } from "../crypto/bytes.ts";
import { sha256 } from "../crypto/digest.ts";

/** A checkpoint that a witness is asked to cosign. */
export interface AddCheckpoint {
  /** The size of the tree that it cosigned last; 0: of none. */
  readonly oldSize: number;
  /** RFC 6962 consistency proof from there. */
  readonly proof: readonly Uint8Array[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** The media type of the size that a witness answers with 409. */
export const SIZE_TYPE = "text/x.tlog.size";
const MOST_HASHES = 63;
const HASH = 32;

/** The body of `add-checkpoint`. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join("")}\n${checkpoint}`;
}

/** Reads it; AppError `malformed`. */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  const end = text.indexOf("\n\n");
  const [first = "", ...hashes] = end < 0 ? [] : text.slice(0, end).split("\n");
  const [, digits] = /^old (0|[1-9][0-9]{0,15})$/.exec(first) ?? [];
  const oldSize = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(oldSize))
    throw new AppError("malformed", "not a request for a cosignature: it begins with old and a size");
  if (hashes.length > MOST_HASHES) throw new AppError("malformed", `a consistency proof of more than ${MOST_HASHES} hashes`);
  return { oldSize, proof: hashes.map(readHash), checkpoint: text.slice(end + 2) };
}

/** A consistency proof by itself: a hash in base64 each line. */
export function formatHashes(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => `${toBase64(hash)}\n`).join("");
}

/** The size in an answer of 409; undefined when it is none. */
export function parseSize(text: string): number | undefined {
  const [, digits] = /^(0|[1-9][0-9]{0,15})\n$/.exec(text) ?? [];
  return digits !== undefined && Number.isSafeInteger(Number(digits)) ? Number(digits) : undefined;
}

/** Below the monitoring prefix, where a witness shows the newest checkpoint of a log that it cosigned. */
export function monitoredPath(origin: string): string {
  return `${toHex(sha256(utf8(origin)))}/checkpoint`;
}

function readHash(line: string): Uint8Array {
  const hash = fromBase64(line);
  if (hash?.length !== HASH) throw new AppError("malformed", "a line of the consistency proof is no hash in base64");
  return hash;
}
