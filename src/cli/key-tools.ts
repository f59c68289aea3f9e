import type { Certificate } from "../core/crypto/certificate.ts";

/** A seal key that was begun. */
export interface RotatedSealKey {
  readonly number: number;
  /** An instant: what is received from then on is sealed by it. */
  readonly from: string;
  readonly certificate: Certificate;
  /** False: it was begun before, and its time has not come. */
  readonly isNew: boolean;
}

/** Which seal key is to end. */
export interface SealKeyOrder {
  readonly number: number;
  /** Since when somebody else may have it. */
  readonly since: Date;
  /** One line of text, for everybody. */
  readonly reason: string;
}

/** A seal key that has ended. */
export interface EndedSealKey {
  readonly number: number;
  /** An instant. */
  readonly since: string;
  /** How many entries the log had then. */
  readonly before: number;
  readonly reason: string;
  readonly wasEnded: boolean;
  /** Whether another one seals now; else no document is taken. */
  readonly isSealing: boolean;
}

/** A key of the log that was begun. */
export interface RotatedLogKey {
  readonly number: number;
  /** The verifier key that begins, and the one before. */
  readonly vkey: string;
  readonly previous: string;
  /** Of the entry that says so. */
  readonly index: number;
  /** An instant: the one before signs until then. */
  readonly until: string;
  /** False: it was begun before, and both sign still. */
  readonly isNew: boolean;
}

/** Which key of the log is to end. */
export type LogKeyOrder = SealKeyOrder;

/** A key of the log that has ended. */
export interface EndedLogKey {
  readonly number: number;
  readonly vkey: string;
  /** An instant. */
  readonly since: string;
  readonly reason: string;
  readonly wasEnded: boolean;
}

/** Where a new seal's private key is, when it is not to be made here: in a PKCS #12 file, or with a signing service under that name. */
export interface SealKeyChoice {
  readonly p12?: string | undefined;
  readonly signer?: string | undefined;
}

/** How a file of keys is kept. */
export interface KeptKeyFile {
  readonly name: string;
  /** Whose key wraps it, `vault transit/chartulary`; undefined: it is in clear. */
  readonly by: string | undefined;
  /** By which version of that key, where it is known. */
  readonly version: string | undefined;
}

/** Files of keys that are kept in another way now. */
export interface WrappedFiles {
  /** Whose key wraps them; undefined: they are in clear. */
  readonly by: string | undefined;
  readonly files: readonly string[];
}

/** What `keys` does with the keys of seal and log, and with the files of all. */
export interface KeyTools {
  /** How the files are kept. */
  keyFiles(): Promise<readonly KeptKeyFile[]>;
  /** Keeps them as the settings say: the same keys, wrapped, wrapped by another key or version, or in clear. */
  keepKeyFiles(): Promise<WrappedFiles>;
  /** Begins another seal key while services run. */
  rotateSealKey(told: { onStage(text: string): void }, place: SealKeyChoice): Promise<RotatedSealKey>;
  /** Ends one that is compromised. */
  endSealKey(order: SealKeyOrder): Promise<EndedSealKey>;
  /** Begins another key of the log while services run. @param until when the one before signs no more */
  rotateLogKey(told: { onStage(text: string): void }, until: Date | undefined): Promise<RotatedLogKey>;
  /** Ends one that is compromised. */
  endLogKey(order: LogKeyOrder): Promise<EndedLogKey>;
}
