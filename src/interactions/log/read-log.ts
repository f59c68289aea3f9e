import type { Certificate } from "../../core/crypto/certificate.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import type { RevocationShelf } from "../../core/revocation/revocation-shelf.ts";
import { formatTrust, trustOf } from "../../core/formats/trust.ts";
import type { Ledger } from "../../pipeline/log/ledger.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import { tileAt, type Tile } from "./read-tile.ts";

/** What auditors' questions are answered with. Nothing in the log is about a patient: whoever reaches the service may ask. */
export interface LogNeeds {
  readonly keys: Pick<Keys, "log" | "sealCertificates">;
  /** Certificates of senders, or of authorities that vouch for them, that the operator trusts. */
  readonly signers: readonly Certificate[];
  /** What is known of revocations. */
  readonly revocations?: RevocationShelf | undefined;
  readonly needsRevocation?: boolean | undefined;
  /** Certificates that time-stamps must lead to. */
  readonly timeAuthorities?: readonly Certificate[] | undefined;
  readonly ledger: Pick<Ledger, "checkpoint">;
  readonly store: Pick<RecordStore, "checkpoint" | "nodes" | "entries">;
}

/** What auditors may ask of the log. */
export interface LogInteractions {
  /** The trust file's text (docs/formats.md). */
  trust(): string;
  /** The newest checkpoint as a signed note. */
  checkpoint(): Promise<string>;
  /** A tile by its path below `tile/`; undefined when there is none. */
  tile(path: string): Promise<Tile | undefined>;
}

export function logInteractions({ keys, signers, timeAuthorities, revocations, needsRevocation, ledger, store }: LogNeeds): LogInteractions {
  return {
    trust: () => formatTrust(trustOf(keys, signers, timeAuthorities, { revocations, needsRevocation })),
    checkpoint: () => ledger.checkpoint(),
    tile: (path) => tileAt(path, store),
  };
}
