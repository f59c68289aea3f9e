/** The time-stamps that the log holds over itself: each stands at a number, by which it is found. */
import { utf8Text } from "../../core/crypto/bytes.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError, readStored } from "../../core/errors.ts";
import {
  EVIDENCE_KIND,
  EVIDENCE_STATUS_KIND,
  parseEvidenceLeaf,
  parseEvidenceRecord,
  parseEvidenceStatusLeaf,
  parseEvidenceStatusRecord,
  type EvidenceLeaf,
  type EvidenceRecord,
  type EvidenceStatusRecord,
} from "../../core/formats/log-evidence.ts";
import { RENEWAL_KIND, RENEWAL_RUN_KIND } from "../../core/formats/renewal.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { RenewalBook } from "./renewal-book.ts";

/** The claim of the time-stamp of a number: of two that were made at once, one is entered. */
export function evidenceClaim(number: number): string {
  return `evidence:${number}`;
}

/** How the claims of what was collected about them begin. */
export const EVIDENCE_STATUS_CLAIMS = "evidence-status:";

/** The claim of what was collected about it. */
export function evidenceStatusClaim(number: number): string {
  return `${EVIDENCE_STATUS_CLAIMS}${number}`;
}

/** Whether entries are about the log's own time. */
export function isAboutTime(kind: string): boolean {
  return [EVIDENCE_KIND, EVIDENCE_STATUS_KIND, RENEWAL_KIND, RENEWAL_RUN_KIND].includes(kind);
}

/** A time-stamp of the log. */
export interface KnownEvidence extends EvidenceLeaf {
  /** Where its own entry stands. */
  readonly index: number;
  /** That entry's bytes. */
  readonly leaf: Uint8Array;
}

type Source = Pick<RecordStore, "claimed" | "evidence">;

/** Numbers that are asked for at once. */
const RUN = 64;

/** Remembers what it has read: entries never change. */
export class EvidenceBook {
  /** The log hashed anew. */
  readonly anew: RenewalBook;
  readonly #store: Source;
  #known: readonly KnownEvidence[] = [];
  #reading: Promise<readonly KnownEvidence[]> | undefined;

  constructor(store: Source) {
    this.#store = store;
    this.anew = new RenewalBook(store);
  }

  /** All of them up to now, in order of their numbers. AppError `damaged` for one that cannot be read. */
  async all(): Promise<readonly KnownEvidence[]> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  /** The newest; undefined where there is none. */
  async newest(): Promise<KnownEvidence | undefined> {
    return (await this.all()).at(-1);
  }

  /** What is kept of one. AppError `damaged`. */
  async record(evidence: Pick<KnownEvidence, "id" | "recordDigest" | "tokenDigest">): Promise<EvidenceRecord> {
    return openEvidence(evidence, await this.#store.evidence(evidence.id));
  }

  /** What was collected about one; undefined while nothing was. AppError `damaged`. */
  async status(number: number): Promise<EvidenceStatusRecord | undefined> {
    const claim = evidenceStatusClaim(number);
    const entry = (await this.#store.claimed([claim])).get(claim)?.entry;
    return entry && openEvidenceStatus(entry, await this.#store.evidence(entry.id));
  }

  async #read(): Promise<readonly KnownEvidence[]> {
    // Most often there is no other: one is asked for by itself.
    for (let run = 1; ; run = RUN) {
      const from = this.#known.length;
      const found = await this.#store.claimed(Array.from({ length: run }, (_, at) => evidenceClaim(from + at)));
      const read: KnownEvidence[] = [];
      for (let entry; (entry = found.get(evidenceClaim(from + read.length))?.entry) !== undefined;) read.push(readKnown(from + read.length, entry));
      this.#known = [...this.#known, ...read];
      if (read.length < run) return this.#known;
    }
  }
}

function readKnown(number: number, entry: LogEntry): KnownEvidence {
  const leaf = readStored(`the leaf of entry ${entry.id}`, () => parseEvidenceLeaf(entry.leaf));
  if (leaf.number !== number)
    throw new AppError("damaged", `the entry ${entry.index} is found as the log's time-stamp ${number}, and is ${leaf.number}`);
  return { ...leaf, index: entry.index, leaf: entry.leaf };
}

/** Opens what is kept of a time-stamp, by the digests in its leaf. AppError `damaged`. */
export function openEvidence(
  { id, recordDigest, tokenDigest }: Pick<EvidenceLeaf, "id" | "recordDigest" | "tokenDigest">,
  kept: Uint8Array | undefined,
): EvidenceRecord {
  const text = textOf(id, kept, recordDigest);
  const record = readStored(`the record of entry ${id}`, () => parseEvidenceRecord(text));
  if (record.id !== id || digestOf(record.token) !== tokenDigest)
    throw new AppError("damaged", `the record of entry ${id} is another's, or its token is not the one of its leaf`);
  return record;
}

/** Opens what was collected about certificates. AppError `damaged`. */
export function openEvidenceStatus({ id: entryId, leaf }: Pick<LogEntry, "id" | "leaf">, kept: Uint8Array | undefined): EvidenceStatusRecord {
  const { id, recordDigest } = readStored(`the leaf of entry ${entryId}`, () => parseEvidenceStatusLeaf(leaf));
  const text = textOf(id, kept, recordDigest);
  const record = readStored(`the record of entry ${id}`, () => parseEvidenceStatusRecord(text));
  if (record.id !== id) throw new AppError("damaged", `the record of entry ${id} is another's`);
  return record;
}

function textOf(id: string, kept: Uint8Array | undefined, digest: string): string {
  if (kept === undefined) throw new AppError("damaged", `the record of entry ${id} is missing`);
  if (digestOf(kept) !== digest)
    throw new AppError("damaged", `the record of entry ${id} is not what was committed: its digest differs from the one in the log`);
  return utf8Text(kept);
}
