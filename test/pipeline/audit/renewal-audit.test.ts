/** What an audit says of the log hashed anew, whole and altered, also by somebody who can write whatever the log then commits to. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openTimeAuthority } from "../../../src/adapters/tsa/time-authority.ts";
import { utf8 } from "../../../src/core/crypto/bytes.ts";
import { parseCertificate } from "../../../src/core/crypto/certificate.ts";
import {
  formatRenewalLeaf,
  formatRenewalRecord,
  formatRenewalRunLeaf,
  formatRenewalRunRecord,
  longDigestOf,
  parseRenewalLeaf,
  parseRenewalRunLeaf,
  parseRenewalRunRecord,
  RENEWAL_KIND,
  RENEWAL_RUN_KIND,
  RUN,
  type RenewalLeaf,
  type RenewalRecord,
} from "../../../src/core/formats/renewal.ts";
import { Findings } from "../../../src/pipeline/audit/finding.ts";
import { RenewalAudit } from "../../../src/pipeline/audit/renewal-audit.ts";
import { hashAnew, type HashingAnew } from "../../../src/pipeline/evidence/hash-anew.ts";
import { openRenewal, rootOfItems } from "../../../src/pipeline/evidence/renewal-book.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import type { LogEntry } from "../../../src/pipeline/store/record-store.ts";
import { HAS_OPENSSL, openAuthority, type Authority } from "../../adapters/tsa/authority.ts";
import { R4 } from "../../r4.ts";
import { openStampedLog, type StampedLog } from "../evidence/stamped-log.ts";

const judged = HAS_OPENSSL ? describe : describe.skip;

judged(`the log hashed anew${HAS_OPENSSL ? "" : " (not judged: there is no OpenSSL)"}`, () => {
  let authority: Authority;
  let log: StampedLog;
  const entries = new Map<string, LogEntry>();
  const faults: string[] = [];

  beforeAll(async () => {
    authority = await openAuthority({ digest: "sha512" });
    log = await openStampedLog();
    const lost = await log.deposit();
    for (let at = 1; at < RUN + 3; at += 1) await log.deposit();
    const { keys, store, wrappedKeys, book } = log;
    const documentKeys = createDocumentKeys(keys, wrappedKeys);
    const onFault = (reason: string): void => void faults.push(reason);
    const using: HashingAnew = {
      ...{ ...log.by(authority), book: book.anew, store, definitions: R4.definitions, onFault },
      // A key that was lost, of which no erasure tells.
      documentKeys: { read: (id) => (id === lost ? Promise.resolve(undefined) : documentKeys.read(id)) },
      stamp: openTimeAuthority({ url: authority.url, anchors: [parseCertificate(authority.issuer)], onFault, hash: "sha512" }),
    };
    await hashAnew(using);
    for (const entry of await store.entries(RUN, 10)) entries.set(entry.kind, entry);
  });
  afterAll(async () => {
    await log.close();
    await authority.close();
  });

  /** What is told of an entry, where what is kept of it is this. */
  async function audited(kind: string, change: { readonly entry?: Partial<LogEntry>; readonly kept?: Uint8Array } = {}): Promise<string[]> {
    const entry = { ...(entries.get(kind) as LogEntry), ...change.entry };
    const findings = new Findings();
    const { store } = log;
    const evidence = async (id: string) => (id === entry.id ? (change.kept ?? store.evidence(id)) : store.evidence(id));
    const source = { evidence, checkpoint: store.checkpoint.bind(store), entries: store.entries.bind(store), claimed: store.claimed.bind(store) };
    const audit = new RenewalAudit({ store: source, findings });
    expect(await (kind === RENEWAL_KIND ? audit.stamp(entry) : audit.run(entry))).toEqual([`${kind}:0`]);
    return findings.kept.map(({ text }) => text.replace(/^the \S+ \S+ \(entry \d+\) /, ""));
  }

  test("is told as it is, and what was not what was committed has its leaf alone", async () => {
    expect([await audited(RENEWAL_RUN_KIND), await audited(RENEWAL_KIND)]).toEqual([[], []]);
    expect(faults).toEqual([expect.stringMatching(/^entry 0: The key of document .* is lost/)]);
    const { items } = parseRenewalRunRecord(new TextDecoder().decode(await log.store.evidence(entries.get(RENEWAL_RUN_KIND)?.id ?? "")));
    expect(Object.keys(JSON.parse(items[0] ?? "{}") as object)).toEqual(["format", "leaf"]);
    expect(Object.keys(JSON.parse(items[1] ?? "{}") as object)).toEqual(["canonical", "format", "leaf", "record", "seal", "submitted"]);
  });

  test("a run with another item, a root that is not its items', or another number", async () => {
    const entry = entries.get(RENEWAL_RUN_KIND) as LogEntry;
    const kept = (await log.store.evidence(entry.id)) ?? new Uint8Array();
    const leaf = parseRenewalRunLeaf(entry.leaf);
    const { items } = parseRenewalRunRecord(new TextDecoder().decode(kept));
    expect(await audited(RENEWAL_RUN_KIND, { kept: kept.slice(0, -1) })).toEqual([expect.stringMatching(/is not what was committed/)]);
    const others = items.with(7, items[8] ?? "");
    const record = formatRenewalRunRecord(entry.id, others);
    const forged = (root: Uint8Array) => formatRenewalRunLeaf({ ...leaf, root, recordDigest: record.digest });
    expect(await audited(RENEWAL_RUN_KIND, { entry: { leaf: forged(leaf.root) }, kept: utf8(record.text) })).toEqual([
      "has another root than that of its items",
      "says of entry 7 what its leaf is not",
    ]);
    expect(await audited(RENEWAL_RUN_KIND, { entry: { leaf: forged(await rootOfItems(others)) }, kept: utf8(record.text) })).toEqual([
      "says of entry 7 what its leaf is not",
    ]);
    expect(await audited(RENEWAL_RUN_KIND, { entry: { leaf: formatRenewalRunLeaf({ ...leaf, number: 1 }) } })).toContain(
      "is run 1, and 0 came before it",
    );
  });

  test("a time-stamp over another tree, of a checkpoint that the log does not have, or with another token", async () => {
    const entry = entries.get(RENEWAL_KIND) as LogEntry;
    const leaf = parseRenewalLeaf(entry.leaf);
    const record = openRenewal(leaf, await log.store.evidence(entry.id));
    const told = (change: Partial<RenewalRecord>, more: Partial<RenewalLeaf> = {}): Promise<string[]> => {
      const { text, digest } = formatRenewalRecord(entry.id, { ...record, ...change });
      return audited(RENEWAL_KIND, { entry: { leaf: formatRenewalLeaf({ ...leaf, recordDigest: digest, ...more }) }, kept: utf8(text) });
    };
    expect(await told({})).toEqual([]);
    expect(await told({ items: record.items.slice(1) })).toContain("has other items than those behind the last run");
    const strange = record.items.with(0, JSON.stringify({ format: "chartulary-renewal-item/1", leaf: longDigestOf("another") }));
    expect(await told({ items: strange })).toEqual([
      "has another root than that of the runs and its items",
      `says of entry ${RUN} what its leaf is not`,
    ]);
    expect(await told({}, { stampedAt: "2020-01-01T00:00:00.000Z" })).toEqual([
      expect.stringMatching(/^says 2020-01-01T00:00:00.000Z, and its token/),
    ]);
    expect(await told({}, { size: leaf.size - 1 })).toEqual(["is of another tree than its leaf says"]);
    const stamped = record.stamped.replace(/\n— .*\n$/, "\n");
    expect(await told({ stamped })).toEqual(["names a checkpoint that the log does not have", expect.stringMatching(/^has a token that is false/)]);
    expect(await told({}, { tokenDigest: `sha256:${"0".repeat(64)}` })).toEqual([expect.stringMatching(/its token is not the one of its leaf/)]);
  });
});
