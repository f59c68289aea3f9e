/** Entries and a log's signer for tests of whatever keeps them: made up, since a record looks into none of what it keeps. */
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { digestOf } from "../../src/core/crypto/digest.ts";
import type { TimedLogSigner } from "../../src/core/crypto/keys.ts";
import { noteSigner } from "../../src/adapters/keys/note-signer.ts";
import type { Claim, NewEntry } from "../../src/pipeline/store/record-store.ts";

export interface EntryOptions {
  readonly id?: string;
  readonly kind?: string;
  readonly documentId?: string;
  readonly receivedAt?: string;
  /** Keys of claims; one that nobody else has by default. */
  readonly claims?: readonly string[];
  /** Bytes of encrypted content. */
  readonly size?: number;
}

/** A deposit, or another entry, that nobody has seen before. */
export function sealed(options: EntryOptions = {}): NewEntry {
  const { id = randomUUID(), kind = "deposit", documentId, receivedAt = new Date().toISOString(), size = 300 } = options;
  const content = new Uint8Array(randomBytes(size));
  return {
    id,
    kind,
    ...(documentId !== undefined && { documentId }),
    receivedAt,
    leaf: new TextEncoder().encode(JSON.stringify({ kind, id, receivedAt, submittedDigest: digestOf(content) })),
    claims: (options.claims ?? [`identity:${randomBytes(32).toString("hex")}`]).map((key): Claim => ({
      key,
      value: new Uint8Array(randomBytes(64)),
    })),
    content,
    evidence: new Uint8Array(randomBytes(200)),
  };
}

export function sealedMany(count: number, options: EntryOptions = {}): NewEntry[] {
  return Array.from({ length: count }, () => sealed(options));
}

/** A log's signer with a fresh key. */
export function newSigner(origin = "documents.example/log"): TimedLogSigner {
  const { vkey, sign, signTime } = noteSigner(origin, generateKeyPairSync("ed25519").privateKey);
  return { origin, vkey, sign: (text) => Promise.resolve(sign(text)), signTime: (text, at) => Promise.resolve(signTime(text, at)) };
}
