/** What commands about logs work with: the own one, and others'. */
import type { CosignatureType } from "../core/crypto/note-keys.ts";
import { AppError } from "../core/errors.ts";
import type { OutgoingTold } from "../events/outbox.ts";
import { originOf } from "../core/formats/origin.ts";
import type { NewOrigin } from "../core/formats/new-origin.ts";
import type { KnownEvidence } from "../pipeline/evidence/evidence-book.ts";
import type { Watched } from "../pipeline/audit/watch-log.ts";

/** A repository that was made, or was there. */
export interface Initialised {
  readonly origin: string;
  readonly vkey: string;
  readonly isNew: boolean;
  readonly keysFolder: string;
}

/** The name of a log in an option. AppError `invalid`. */
export function originIn(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : originOf(text);
  } catch (cause) {
    throw cause instanceof AppError ? new AppError("invalid", `--origin ${cause.message}`, { cause }) : cause;
  }
}

export interface LogTools {
  /** Makes keys and an empty database, under an origin. AppError `conflict` when there is another repository. */
  initialise(origin: string | undefined): Promise<Initialised>;
  /** Lets the log go on under another origin, of that name or a fresh one; gives its first entry and where it stands. */
  beginNewOrigin(reason: string, origin: string | undefined): Promise<NewOrigin & { readonly index: number }>;
  /** Looks once at the log of a running repository, from outside, and keeps what was seen. */
  watchLog(url: string, given: WatchGiven): Promise<Watched>;
  /** Opens the log's time-stamps, beside a service that may run. */
  openEvidence(): Promise<OpenEvidenceTools>;
  /** Opens the answers to messages that wait for their receivers, beside a service that may run. */
  openMessages(): Promise<OpenMessageTools>;
  /** Runs a signing service until it is told to stop. */
  runSigner(given: SignerGiven): Promise<void>;
  /** Runs a witness for other logs until it is told to stop. */
  runWitness(given: WitnessGiven): Promise<void>;
}

/** A time-stamp of the log. */
export type ToldEvidence = Pick<KnownEvidence, "number" | "stampedAt" | "size" | "index" | "authority" | "until">;

/** What is told while the log is hashed anew. */
export interface HashingTold {
  /** How many entries of how many are hashed. */
  onRun(done: number, size: number): void;
}

/** What the log says of its time, open. */
export interface OpenEvidenceTools {
  /** The oldest first. */
  list(): Promise<readonly ToldEvidence[]>;
  /** Has the log stamped now; `faults`: what could not be collected beside it. AppErrors `invalid`, `unavailable`. */
  renew(): Promise<{ readonly made: ToldEvidence; readonly faults: readonly string[] }>;
  /** Has the log hashed anew by SHA-512 and stamped over that; goes on where an earlier one ended. `faults`: what was not what was committed, and so not hashed. AppErrors `invalid`, `unavailable`. */
  renewByHash(told: HashingTold): Promise<{ readonly made: ToldEvidence; readonly faults: readonly string[] }>;
  /** The time-stamps over the log hashed anew, the oldest first. */
  renewals(): Promise<readonly ToldEvidence[]>;
  close(): Promise<void>;
}

export interface OpenMessageTools {
  /** The oldest first. */
  list(): Promise<readonly OutgoingTold[]>;
  /** Tries anew the one of an id, or all that were given up; gives how many. */
  resend(id: string | undefined): Promise<number>;
  /** Forgets the one of an id; false when there is none. */
  remove(id: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What a log is watched with. */
export interface WatchGiven {
  /** Where what was seen is kept. */
  readonly stateFile: string;
  /** Undefined: that of the first time counts. */
  readonly trustFile: string | undefined;
  /** Milliseconds that a signed time may be old. */
  readonly maxAge: number;
}

/** What a witness runs with. */
export interface WitnessGiven {
  readonly logsFile: string;
  readonly folder: string;
  /** Of its key; undefined: as it was made. */
  readonly name: string | undefined;
  readonly type: CosignatureType | undefined;
  readonly host: string;
  readonly port: number;
  onOpen(opened: { readonly address: string; readonly vkey: string; readonly logs: readonly string[] }): Promise<void>;
  /** Told of a request that failed. */
  onFault(error: unknown): void;
}

/** What a signing service runs with. */
export interface SignerGiven {
  /** Says which keys there are. */
  readonly file: string;
  readonly packagePath: string;
  readonly host: string;
  readonly port: number;
  readonly tokenFile: string | undefined;
  /** Absolute paths. */
  readonly tls: { readonly certificate: string; readonly key: string; readonly clientCa: string | undefined } | undefined;
  onOpen(opened: { readonly address: string; readonly keys: readonly string[] }): Promise<void>;
  /** Told of a request that failed. */
  onFault(error: unknown): void;
}
