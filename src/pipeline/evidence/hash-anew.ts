/**
 * Hashes the log anew by SHA-512 while SHA-256 still holds (RFC 4998 section 5.3): every entry with what is kept of it, run by run, and a time-stamp over the tree. Each run is an entry of the log, so that whoever is
 * killed, or ends, goes on with the next one; a run of items and one document are in memory at a time.
 */
import { digestOf } from "../../core/crypto/digest.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { rootOf, SHA512_TREE } from "../../core/crypto/merkle.ts";
import { AppError } from "../../core/errors.ts";
import { treeOfStamped } from "../../core/evidence/stamped-tree.ts";
import { canonicalDocument } from "../../core/fhir/canonical.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { EVIDENCE_KIND, parseEvidenceLeaf } from "../../core/formats/log-evidence.ts";
import {
  formatRenewalItem,
  formatRenewalLeaf,
  formatRenewalRecord,
  formatRenewalRunLeaf,
  formatRenewalRunRecord,
  formatRenewedTree,
  longDigestOf,
  parseRenewalLeaf,
  RENEWAL_KIND,
  RENEWAL_RUN_KIND,
  RUN,
  type RenewalItem,
} from "../../core/formats/renewal.ts";
import { fetchDocument } from "../fetch.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { openEvidence } from "./evidence-book.ts";
import { openRenewal, renewalClaim, renewalRunClaim, rootOfItems, type KnownRenewal, type RenewalBook } from "./renewal-book.ts";
import { nameOf, trustedStamp, type LogStamping } from "./stamp-log.ts";

export interface HashingAnew extends Omit<LogStamping, "book"> {
  readonly book: RenewalBook;
  readonly store: RecordStore;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly definitions: Definitions;
  /** Told how many of the log's entries are hashed, run by run. */
  onRun?(done: number, size: number): void;
  /** Told of what could not be hashed, since it is not what was committed: of it stands the leaf alone. */
  onFault(reason: string): void;
}

/** Undefined where no token is to be had now, and of a log without entries: the runs that are made stay. AppErrors of the log; `unavailable` for a token that rests on SHA-256 itself. */
export async function hashAnew(using: HashingAnew): Promise<KnownRenewal | undefined> {
  const { ledger, gate, book, stamp, authorities, newId, onRun } = using;
  const checkpoint = await ledger.checkpoint();
  const { origin, size } = treeOfStamped(checkpoint);
  if (size === 0) return undefined;
  const number = (await book.renewals()).length;
  const whole = Math.floor(size / RUN);
  for (let run = (await book.runs()).length; run < whole; run = Math.max(run + 1, (await book.runs()).length)) {
    await enterRun(run, using);
    onRun?.((run + 1) * RUN, size);
  }
  const items = await itemsFrom(whole * RUN, size - whole * RUN, using);
  const { fetch } = await book.treeOf(items);
  const root = await rootOf(size, fetch, SHA512_TREE);
  const stamped = formatRenewedTree({ origin, size, root, checkpoint });
  const bytes = utf8(stamped);
  const token = await stamp(bytes);
  if (token === undefined) return undefined;
  const { at, path, hashes } = await trustedStamp(token, bytes, authorities);
  if (hashes.includes("sha256")) throw new AppError("unavailable", "the authority's time-stamp rests on SHA-256 itself: ask one that signs by SHA-384 or SHA-512"); // prettier-ignore
  const id = newId();
  const record = formatRenewalRecord(id, { stamped, token, certificates: path.toReversed().map(({ raw }) => raw), items });
  const receivedAt = (await gate.admitUnsealed(new Date())).toISOString();
  const leaf = formatRenewalLeaf({
    ...{ id, at: receivedAt, number, size, root, stampedAt: at.toISOString(), authority: nameOf(path.at(-1)) },
    until: new Date(Math.min(...path.map(({ validTo }) => validTo.getTime()))).toISOString(),
    tokenDigest: digestOf(token),
    recordDigest: record.digest,
  });
  const claims = [{ key: renewalClaim(number), value: new Uint8Array() }];
  await ledger.append([{ id, kind: RENEWAL_KIND, receivedAt, leaf, claims, evidence: utf8(record.text) }]);
  return (await book.renewals())[number];
}

async function enterRun(number: number, using: HashingAnew): Promise<void> {
  const { ledger, gate, newId } = using;
  const items = await itemsFrom(number * RUN, RUN, using);
  const id = newId();
  const record = formatRenewalRunRecord(id, items);
  const at = (await gate.admitUnsealed(new Date())).toISOString();
  const leaf = formatRenewalRunLeaf({ id, at, number, root: await rootOfItems(items), recordDigest: record.digest });
  const claims = [{ key: renewalRunClaim(number), value: new Uint8Array() }];
  await ledger.append([{ id, kind: RENEWAL_RUN_KIND, receivedAt: at, leaf, claims, evidence: utf8(record.text) }]);
}

async function itemsFrom(from: number, count: number, using: HashingAnew): Promise<string[]> {
  const items: string[] = [];
  for (const entry of count === 0 ? [] : await using.store.entries(from, count)) items.push(formatRenewalItem(await itemOf(entry, using)));
  if (items.length !== count) throw new AppError("damaged", `the log has fewer entries than its checkpoint says: ${from + items.length}`);
  return items;
}

/** What an entry is by SHA-512, with what is kept of it. What is not what was committed is not hashed: its leaf stands alone, and it is told. AppError `unavailable`. */
export async function itemOf(entry: LogEntry, using: Pick<HashingAnew, "store" | "documentKeys" | "definitions" | "onFault">): Promise<RenewalItem> {
  const leaf = longDigestOf(entry.leaf);
  try {
    return { leaf, ...(await partsOf(entry, using)) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "unavailable") throw error;
    if (error.code !== "gone") using.onFault(`entry ${entry.index}: ${error.message}`);
    return { leaf };
  }
}

async function partsOf(
  entry: LogEntry,
  { store, documentKeys, definitions }: Pick<HashingAnew, "store" | "documentKeys" | "definitions">,
): Promise<Omit<RenewalItem, "leaf">> {
  const { id, kind, leaf } = entry;
  if (kind === "deposit") {
    const { bytes, resource, evidence } = await fetchDocument(id, { store, documentKeys, definitions, limits: STORED_READ_LIMITS });
    const parts = { submitted: longDigestOf(bytes), record: longDigestOf(evidence.deposit), seal: longDigestOf(evidence.seal) };
    return { ...parts, canonical: canonicalDigestOf(resource) };
  }
  const kept = await store.evidence(id);
  if (kind === EVIDENCE_KIND || kind === RENEWAL_KIND) {
    const { token, stamped } = kind === EVIDENCE_KIND ? openEvidence(parseEvidenceLeaf(leaf), kept) : openRenewal(parseRenewalLeaf(leaf), kept);
    return { token: longDigestOf(token), stamped: longDigestOf(stamped) };
  }
  return kept === undefined ? {} : { kept: longDigestOf(kept) };
}

/** Undefined where it has none: a string holds what no encoding can write. */
function canonicalDigestOf(resource: JsonObject): string | undefined {
  try {
    return longDigestOf(canonicalDocument(resource));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
