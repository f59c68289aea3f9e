/** A time-stamp over the newest checkpoint, as an entry of the log: by it everything that is in the log was there. */
import { checkTimeStamp, type TimeStamp } from "../../core/cms/check-time-stamp.ts";
import type { TimeStamper } from "../../core/cms/make-signature.ts";
import { subjectNameOf, type Certificate } from "../../core/crypto/certificate.ts";
import { checkPath } from "../../core/crypto/certificate-path.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { FOR_TIME_STAMPS } from "../../core/crypto/path-rules.ts";
import { AppError } from "../../core/errors.ts";
import { treeOfStamped } from "../../core/evidence/stamped-tree.ts";
import { EVIDENCE_KIND, formatEvidenceLeaf, formatEvidenceRecord } from "../../core/formats/log-evidence.ts";
import type { DepositGate } from "../gate.ts";
import type { Ledger } from "../log/ledger.ts";
import { evidenceClaim, type EvidenceBook, type KnownEvidence } from "./evidence-book.ts";

export interface LogStamping {
  readonly ledger: Pick<Ledger, "append" | "checkpoint">;
  readonly gate: Pick<DepositGate, "admitUnsealed">;
  readonly book: EvidenceBook;
  /** Gives tokens that lead to one of these. */
  readonly stamp: TimeStamper;
  readonly authorities: readonly Certificate[];
  newId(): string;
}

/** Characters of an authority's name that a leaf tells: a log's tile bundles tell a leaf's length in two bytes. */
const LONGEST_NAME = 200;

/**
 * Asks for a token over the newest checkpoint, and enters it. Undefined where no token is to be had now (whoever stamps tells why), and of a log without entries. Of several who do this at once one is first, and the
 * others give what that one entered. AppErrors of the log.
 */
export async function stampLog(using: LogStamping): Promise<KnownEvidence | undefined> {
  const { ledger, gate, book, stamp, authorities, newId } = using;
  // Before the checkpoint: so its tree has the entry of the time-stamp before, which is renewed by that.
  const number = (await book.all()).length;
  const stamped = await ledger.checkpoint();
  const { size, hash, root } = treeOfStamped(stamped);
  if (size === 0) return undefined;
  const bytes = new TextEncoder().encode(stamped);
  const token = await stamp(bytes);
  if (token === undefined) return undefined;
  const { at, path } = await trustedStamp(token, bytes, authorities);
  const id = newId();
  const record = formatEvidenceRecord(id, { stamped, token, certificates: path.toReversed().map(({ raw }) => raw) });
  const receivedAt = (await gate.admitUnsealed(new Date())).toISOString();
  const leaf = formatEvidenceLeaf({
    ...{ id, at: receivedAt, number, size, hash, root, stampedAt: at.toISOString() },
    authority: nameOf(path.at(-1)),
    until: new Date(Math.min(...path.map(({ validTo }) => validTo.getTime()))).toISOString(),
    tokenDigest: digestOf(token),
    recordDigest: record.digest,
  });
  const claims = [{ key: evidenceClaim(number), value: new Uint8Array() }];
  await ledger.append([{ id, kind: EVIDENCE_KIND, receivedAt, leaf, claims, evidence: new TextEncoder().encode(record.text) }]);
  return (await book.all())[number];
}

/** A token's time, the way from the anchor to its authority, and by what it is hashed. AppError `unavailable`. */
export async function trustedStamp(
  token: Uint8Array,
  bytes: Uint8Array,
  anchors: readonly Certificate[],
): Promise<Pick<TimeStamp, "at" | "hashes"> & { readonly path: readonly Certificate[] }> {
  const checked = await checkTimeStamp(token, bytes);
  if (checked.kind !== "valid") throw new AppError("unavailable", `the time-stamp cannot be used: ${checked.reason}`);
  const { at, chain, hashes } = checked.stamp;
  const { path } = await checkPath({ chain, anchors, moment: at, use: FOR_TIME_STAMPS });
  if (path === undefined) throw new AppError("unavailable", "the time-stamp cannot be used: its certificate is none that TSA_TRUST_FILE vouches for");
  return { at, path, hashes };
}

/** A name as a leaf tells it. */
export function nameOf(certificate: Certificate | undefined): string {
  return certificate === undefined ? "" : subjectNameOf(certificate).slice(0, LONGEST_NAME).toWellFormed();
}
