/** Sealed documents and a log's signer for tests of whatever keeps documents: made up, since a store looks into none of what it keeps but the summary. */
import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { digestOf } from "../../src/core/crypto/digest.ts";
import type { LogSigner } from "../../src/core/crypto/keys.ts";
import { noteSigner } from "../../src/core/crypto/signed-note.ts";
import type { DocumentSummary, Sealed } from "../../src/pipeline/record.ts";

export interface SealedOptions {
  readonly id?: string;
  readonly identityKey?: string;
  /** Bytes of encrypted content. */
  readonly size?: number;
  readonly summary?: Partial<DocumentSummary>;
}

/** A document that nobody has seen before. */
export function sealed({ id = randomUUID(), identityKey = randomBytes(32).toString("hex"), size = 300, summary = {} }: SealedOptions = {}): Sealed {
  const content = new Uint8Array(randomBytes(size));
  const receivedAt = summary.receivedAt ?? new Date().toISOString();
  return {
    id,
    identityKey,
    sameness: { canonical: digestOf(content), signature: digestOf("none"), meta: digestOf("none") },
    leaf: new TextEncoder().encode(JSON.stringify({ id, receivedAt, submittedDigest: digestOf(content) })),
    encryptedContent: content,
    encryptedEvidence: new Uint8Array(randomBytes(200)),
    wrappedKey: new Uint8Array(randomBytes(65)),
    summary: {
      title: "Discharge letter",
      type: "Discharge summary",
      status: "final",
      timestamp: "2026-03-14T09:30:00+01:00",
      date: "2026-03-14",
      patientIdentifiers: [],
      authors: [],
      searchTerms: [],
      ownKeys: [],
      claims: [],
      subjectKeys: [],
      custodianKeys: [],
      compositionKeys: [],
      ...summary,
      id,
      receivedAt,
    },
  };
}

export function sealedMany(count: number, options: SealedOptions = {}): Sealed[] {
  return Array.from({ length: count }, () => sealed(options));
}

/** A log's signer with a fresh key. */
export function newSigner(origin = "documents.example/log"): LogSigner {
  const { vkey, sign } = noteSigner(origin, generateKeyPairSync("ed25519").privateKey);
  return { origin, vkey, sign };
}
