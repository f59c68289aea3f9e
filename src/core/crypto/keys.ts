import type { Certificate } from "./certificate.ts";

/** How a seal is made (RFC 7518, RFC 8037): seal-algorithms.ts. */
export type SealAlgorithm = "ES256" | "ES384" | "ES512" | "PS256" | "EdDSA";

/** Puts our seal under documents. */
export interface SealSigner {
  /** The signing certificate first, then those that lead to its root. */
  readonly chain: readonly Certificate[];
  /** The RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  /** That of its key. */
  readonly algorithm: SealAlgorithm;
  /** The signature over `input` by that algorithm, as a JWS has it: of ECDSA, r || s (RFC 7518 section 3.4). */
  sign(input: Uint8Array): Promise<Uint8Array>;
  /** Why it cannot sign now, where the key is elsewhere, in words that can be told to anybody; undefined when the last that was asked for was done. */
  fault?(): string | undefined;
  /** Looks whether it can, where the key is elsewhere. AppError `unavailable`. */
  look?(): Promise<void>;
}

/** Which log it is. */
export interface LogName {
  /** The log's name for ever, the first line of its checkpoints. */
  readonly origin: string;
  /** What a verifier of checkpoints must hold: the newest of its keys. */
  readonly vkey: string;
  /** All that sign or signed for it, oldest first. Undefined: `vkey` alone. */
  readonly keys?: readonly LogKey[] | undefined;
}

/** A key of a log, and for which of its trees it counts (`log-keys.ts`). */
export interface LogKey {
  readonly vkey: string;
  /** Trees of more entries than this bear its signature, until the next key's takes its place; 0 of the first. `Infinity`: it was made here, and the log has not begun it. */
  readonly after: number;
  /** Until when it signs beside the one that followed it. Undefined: none followed. */
  readonly until?: Date | undefined;
  /** That it was ended, because somebody else may have it. */
  readonly ended?: LogKeyEnding | undefined;
}

/** Since when nothing is believed that a key of a log alone says. */
export interface LogKeyEnding {
  readonly since: Date;
  /** One line of text. */
  readonly reason: string;
}

/** Signs the log's checkpoints. */
export interface LogSigner extends LogName {
  /** A checkpoint's text as a signed note. */
  sign(checkpointText: string): Promise<string>;
}

/** The same for a log that tells how fresh its checkpoints are. */
export interface TimedLogSigner extends LogSigner {
  /** A signature line with its line end, by which the same key says that the checkpoint was the newest at a time. @param at seconds since 1970 */
  signTime(checkpointText: string, at: number): Promise<string>;
}

/** A certificate under which seals were made, now or in the past. */
export interface SealCertificate {
  readonly certificate: Certificate;
  /** The certificate first, then those that lead to its root, as far as they are known here. */
  readonly chain?: readonly Certificate[];
  /** Whether new documents are sealed under it. */
  readonly isCurrent: boolean;
  /** Since when it is sealed under it, where the log says so. */
  readonly from?: Date | undefined;
  /** From when on nothing is sealed under it any more, because another key followed. Undefined: until the certificate ends. */
  readonly until?: Date | undefined;
  /** That it was ended, because somebody else may have the key. */
  readonly ended?: SealEnding | undefined;
}

/** Since when nothing is believed that a seal key alone says. */
export interface SealEnding {
  readonly since: Date;
  /** How many entries the log had then: what stands among them was sealed before. */
  readonly before: number;
  /** One line of text. */
  readonly reason: string;
}

/** A seal key as it is held where the keys are. */
export interface HeldSealKey {
  /** From 1. */
  readonly number: number;
  /** Its certificate, then those that lead to its root. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  /** Undefined once its private key was destroyed. */
  readonly signer: SealSigner | undefined;
}

/** What the log says of seal keys (`core/formats/seal-key.ts`), in its order. */
export interface SealKeysTold {
  readonly begun: readonly { readonly number: number; readonly from: Date; readonly chain: readonly [Certificate, ...Certificate[]] }[];
  readonly ended: readonly (SealEnding & { readonly number: number })[];
}

/** The seal keys: which of them seals when is what the log says (docs/design/keys.md). */
export interface SealKeys {
  /** Oldest first. */
  held(): readonly HeldSealKey[];
  /** Looks again which there are: another process may have made one, or destroyed one. */
  refresh(): Promise<void>;
  /** Tells what the log says. Until then the oldest that can sign does. */
  follow(told: SealKeysTold): void;
  /** By which what is received at a moment is sealed. AppError `unavailable` when that one is not here, or there is none. */
  signerAt(moment: Date): SealSigner;
}

/** A key of a log as it is held where the keys are. */
export interface HeldLogKey extends Pick<LogName, "origin" | "vkey"> {
  /** From 1. */
  readonly number: number;
  /** False once its private key was destroyed. */
  readonly canSign: boolean;
}

/** What logs say of their keys (`core/formats/log-key.ts`), in their order. */
export interface LogKeysTold {
  readonly begun: readonly {
    readonly number: number;
    readonly origin: string;
    readonly vkey: string;
    readonly previous: string;
    /** Of the entry: trees that hold it bear the key's signature. */
    readonly index: number;
    readonly until: Date;
  }[];
  readonly ended: readonly (LogKeyEnding & { readonly vkey: string })[];
}

/** The keys of the repository's log: which of them sign is what the log says (docs/design/keys.md). */
export interface LogKeys {
  /** Those of the present log and of logs that ended, by number. */
  held(): readonly HeldLogKey[];
  /** Looks again which there are: another process may have made one, or destroyed one. */
  refresh(): Promise<void>;
  /** Tells what the log says. Until then the oldest signs alone. */
  follow(told: LogKeysTold): void;
  /** From now on a key signs too that the log has not begun: for the commit that begins it. Undefined: none. */
  begin(vkey: string | undefined): void;
  /** The signature lines of certain keys under a text. AppError `unavailable` when one is not here. */
  signedBy(text: string, vkeys: readonly string[]): Promise<string>;
  /** Why the log's checkpoints cannot be signed, in words for whoever operates it; undefined when they can. */
  readonly missing: string | undefined;
}

/** What the audit trail needs of the repository's keys: all derived from the identity key, each for its own use (docs/formats.md, *Audit trail*). */
export interface AuditKeys {
  /** Signs the checkpoints of an instance's audit log; `instance`: letters, digits and hyphens. */
  signerOf(instance: string): LogSigner;
  /** By which something is looked up in the trail without standing in it in the clear: 16 lower-case hex digits of a keyed hash. */
  tokenOf(text: string): string;
  /** Encrypts what waits on this machine until the trail can be written. */
  closeSpooled(bytes: Uint8Array, id: string): Uint8Array;
  /** AppError `damaged`. */
  openSpooled(bytes: Uint8Array, id: string): Uint8Array;
}

/** Wraps the texts of keys' files, and unwraps them: HashiCorp Vault, say. */
export interface KeyWrapper {
  /** By which key new ones are wrapped, in one line that `unwrap` knows later; undefined: they are written in clear. */
  readonly by: string | undefined;
  /** One line of printable ASCII. AppError `unavailable`. */
  wrap(text: string): Promise<string>;
  /** @param by what stood beside it. AppErrors `unavailable`, and `damaged` when it is no text. */
  unwrap(wrapped: string, by: string): Promise<string>;
}

/** The master key of one epoch, as it is known where the keys are kept. */
export interface MasterEpoch {
  /** From 1. */
  readonly epoch: number;
  /** Eight lower-case hex digits, which tell nothing of the key. */
  readonly keyId: string;
  /** Whether the key itself was destroyed here: nothing that it wrapped can be opened. */
  readonly isEnded: boolean;
}

/** The master keys, one for each epoch (docs/design/epochs.md). */
export interface MasterKeys {
  /** Oldest first; one at least has not ended. */
  epochs(): readonly MasterEpoch[];
  /** The epoch whose key wraps documents' keys now. */
  readonly current: number;
  /** From now on keys are wrapped by that of another epoch. AppError `unavailable` when it is not there. */
  use(epoch: number): void;
  /** Why the key of an epoch, which is where keys are kept, cannot be used, in words for whoever operates it; undefined when it can, or is not there. */
  faultOf(epoch: number): string | undefined;
  /** Looks again which there are: another process may have begun an epoch, or ended one. */
  refresh(): Promise<void>;
  /** Wraps by the key of an epoch, whichever is current. AppError `unavailable` when it is not there. */
  wrapUnder(epoch: number, documentKey: Uint8Array, id: string): Promise<Uint8Array>;
}

/**
 * The repository's keys. No key leaves the adapter: others ask for the deed. A key that is lost cannot be made again: without the master key no document is
 * readable, without the identity key repeats are no longer recognised, without the log key the log ends.
 */
export interface Keys {
  /** The one that seals now. AppError `unavailable` where there is none. */
  readonly seal: SealSigner;
  readonly sealKeys: SealKeys;
  /** Current and past, newest first, as far as they are known at this moment. */
  readonly sealCertificates: readonly SealCertificate[];
  readonly log: TimedLogSigner;
  readonly logKeys: LogKeys;
  /** The logs that ended before this one began (`chartulary log new-origin`), newest first: names alone, nobody signs for them any more. */
  readonly pastLogs: readonly LogName[];
  readonly master: MasterKeys;
  readonly audit: AuditKeys;
  /** Wraps a document's key (32 bytes) with the master key of the current epoch, bound to the document's id (docs/formats.md, Wrapped key). */
  wrap(documentKey: Uint8Array, id: string): Promise<Uint8Array>;
  /** The document's key. AppError `damaged` when it was altered, belongs to another id, or was wrapped by a master key that is not there, or was ended. */
  unwrap(wrappedKey: Uint8Array, id: string): Promise<Uint8Array>;
  /** The keyed hash of an identifier: equal for equal identifiers, and of no use to anyone without the key. 64 lower-case hex digits. */
  identityKeyOf(system: string | undefined, value: string): Promise<string>;
  /** The keyed hash of an identifier of a person, under a key that is derived from the identity key: 64 lower-case hex digits (docs/formats.md, Derived Patient). */
  personKeyOf(system: string, value: string): Promise<string>;
  /** A secret for one purpose, the same wherever these keys are: derived from the identity key, so that what one of them tells is of no use for another. 64 bytes. */
  secretFor(purpose: string): Promise<Uint8Array>;
}
