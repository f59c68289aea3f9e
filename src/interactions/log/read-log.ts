import { parseCheckpoint } from "../../core/crypto/checkpoint.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { consistencyProof } from "../../core/crypto/merkle.ts";
import type { SignerTrust } from "../../core/signatures/signer-trust.ts";
import type { TlogPolicy } from "../../core/formats/tlog-policy.ts";
import { formatTrust, trustOf } from "../../core/formats/trust.ts";
import { formatHashes } from "../../core/formats/witness-messages.ts";
import type { Ledger } from "../../pipeline/log/ledger.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import { joined, type RevocationShelf } from "../../core/revocation/revocation-shelf.ts";
import type { Witnessed } from "../../pipeline/witness/witnessed.ts";
import { tileAt, type Tile } from "./read-tile.ts";

/** What auditors' questions are answered with. Nothing in the log is about a patient: whoever reaches the service may ask. */
export interface LogNeeds extends Pick<SignerTrust, "signers" | "timeAuthorities" | "revocations" | "needsRevocation"> {
  readonly keys: Pick<Keys, "log" | "sealCertificates">;
  /** Lists and answers that the operator gives while the service runs, which auditors have use of too. */
  readonly heldRevocations?: (() => Promise<RevocationShelf>) | undefined;
  /** Who watches the log, */
  readonly witnesses?: TlogPolicy | undefined;
  /** and what they have cosigned. */
  readonly witnessed?: Pick<Witnessed, "newest"> | undefined;
  /** A checkpoint that witnesses cosigned is served in place of one that they did not for so many milliseconds. */
  readonly witnessedFor?: number | undefined;
  readonly ledger: Pick<Ledger, "checkpoint">;
  readonly store: Pick<RecordStore, "nodes" | "entries">;
}

/** What auditors may ask of the log. */
export interface LogInteractions {
  /** The trust file's text (docs/formats.md). */
  trust(): Promise<string>;
  /** The newest checkpoint as a signed note, with our word for the time and witnesses' cosignatures. */
  checkpoint(): Promise<string>;
  /** A tile by its path below `tile/`; undefined when there is none. */
  tile(path: string): Promise<Tile | undefined>;
  /** That one tree of the log begins another (RFC 6962 section 2.1.2), a hash a line; undefined when the log never had such trees. */
  consistency(oldSize: number, size: number): Promise<string | undefined>;
}

/** Our word for the time is good for so many milliseconds: within them one is made for all who ask. */
const TIME = 60_000;

export function logInteractions({
  keys,
  signers,
  timeAuthorities,
  revocations,
  heldRevocations,
  needsRevocation,
  witnesses,
  witnessed,
  witnessedFor = 0,
  ledger,
  store,
}: LogNeeds): LogInteractions {
  /** Entries of the largest checkpoint that was shown here: whoever saw it is shown none of fewer, which would look as if the log was set back. */
  let largest = 0;
  let timed: { readonly note: string; readonly at: number; readonly line: Promise<string> } | undefined;
  const withTime = async (note: string): Promise<string> => {
    const at = Date.now();
    if (timed?.note !== note || at - timed.at > TIME) timed = { note, at, line: timeLine(keys, note, at) };
    return note + (await timed.line);
  };
  const shown = (note: string): string => {
    largest = Math.max(largest, sizeIn(note));
    return note;
  };
  const sizeOfLog = async (): Promise<number> => sizeIn(await ledger.checkpoint());
  return {
    trust: async () => {
      const told = joined([...(revocations ? [revocations] : []), newestOf((await heldRevocations?.()) ?? NOTHING)]);
      return formatTrust(trustOf(keys, signers, timeAuthorities, { revocations: told, needsRevocation, witnesses }));
    },
    checkpoint: async () => {
      const [newest, seen] = await Promise.all([ledger.checkpoint(), witnessed?.newest()]);
      const isTheNewest = seen !== undefined && sizeIn(seen.note) === sizeIn(newest);
      // Another one is served for as long as the next round may take; when witnesses are away, the newest without them.
      if (seen !== undefined && Date.now() - seen.at <= witnessedFor && sizeIn(seen.note) >= largest) return shown(seen.note);
      return withTime(shown(isTheNewest ? seen.note : newest));
    },
    tile: async (path) => tileAt(path, await sizeOfLog(), store),
    consistency: async (oldSize, size) => {
      if (oldSize > size || size > (await sizeOfLog())) return undefined;
      return formatHashes(await consistencyProof(oldSize, size, (places) => store.nodes(places)));
    },
  };
}

/** Our word for the time under a checkpoint that is the newest now: a line of its note. */
export function timeLine({ log }: Pick<Keys, "log">, note: string, at: number): Promise<string> {
  return log.signTime(textOf(note), Math.floor(at / 1_000));
}

function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf("\n\n") + 1);
}

function sizeIn(note: string): number {
  return parseCheckpoint(textOf(note)).size;
}

const NOTHING: RevocationShelf = { lists: [], answers: [] };

/** Bytes of lists and answers out of the operator's folder that the trust file names: everybody may fetch it. */
export const LARGEST_HELD = 200_000;

/** The newest lists, then the newest answers, of those that there is room for. */
function newestOf({ lists, answers }: RevocationShelf): RevocationShelf {
  let room = LARGEST_HELD;
  const fits = ({ raw }: { readonly raw: Uint8Array }): boolean => {
    if (raw.length > room) return false;
    room -= raw.length;
    return true;
  };
  return {
    lists: lists.toSorted((one, other) => other.issuedAt.getTime() - one.issuedAt.getTime()).filter(fits),
    answers: answers.toSorted((one, other) => other.producedAt.getTime() - one.producedAt.getTime()).filter(fits),
  };
}
