import type { Keys } from "../core/crypto/keys.ts";
import type { DepositGate } from "../pipeline/gate.ts";
import type { Ledger } from "../pipeline/log/ledger.ts";
import type { EpochWatch } from "../pipeline/epochs/epoch-watch.ts";
import type { SealKeyWatch } from "../pipeline/seal-keys/seal-key-watch.ts";
import type { LogKeyWatch } from "../pipeline/log/log-keys.ts";
import type { KeyFence } from "../pipeline/log/ledger-options.ts";
import type { DocumentKeys, WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Engine } from "./engine.ts";

/** What is kept, to be looked at. */
export interface KeptRecord {
  readonly keys: Keys;
  readonly store: RecordStore;
  readonly wrappedKeys: WrappedKeys;
  /** What gives the index. */
  readonly engine: Pick<
    Engine,
    | "openIndex"
    | "openSessions"
    | "openEvents"
    | "openJobs"
    | "positions"
    | "openCosigned"
    | "heldIndexTag"
    | "openInventory"
    | "openIndexInventory"
    | "figures"
    | "instances"
  >;
  /** As they are kept, whatever the log says of erasures. */
  readonly keptKeys: DocumentKeys & KeyFence;
  /** Knows in which epoch of the master key they are wrapped. */
  readonly watch: EpochWatch;
  /** Knows by which key is sealed. */
  readonly sealing: SealKeyWatch;
  /** Knows which keys sign for the log. */
  readonly logKeys: LogKeyWatch;
}

/** What is audited of it. */
export interface AuditedRecord extends Pick<KeptRecord, "keys" | "store"> {
  /** As they are kept, whatever the log says of erasures. */
  readonly keptKeys: DocumentKeys;
  readonly engine: Pick<KeptRecord["engine"], "heldIndexTag" | "openInventory" | "openIndexInventory">;
}

/** The same, to enter something in the log. */
export interface BesideRecord extends KeptRecord {
  readonly ledger: Ledger;
  readonly gate: DepositGate;
}
