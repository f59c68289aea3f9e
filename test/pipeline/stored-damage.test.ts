/** What is stored and cannot be read is damaged, whatever it is: nobody who asks for it could mend that, and it is no fault of the program. */
import { expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { digestOf } from "../../src/core/crypto/digest.ts";
import { closeEnvelope, newDocumentKey } from "../../src/core/envelope.ts";
import { formatBatchLeaf } from "../../src/core/formats/audit-trail.ts";
import { EVIDENCE_KIND, EVIDENCE_STATUS_KIND } from "../../src/core/formats/log-evidence.ts";
import { SETTING_KIND } from "../../src/core/formats/setting.ts";
import { EvidenceBook, evidenceClaim, evidenceStatusClaim, openEvidence } from "../../src/pipeline/evidence/evidence-book.ts";
import { Settings, settingClaim } from "../../src/pipeline/settings.ts";
import type { Claimed, LogEntry } from "../../src/pipeline/store/record-store.ts";
import { fedEvents } from "../../src/pipeline/trail/feed-log.ts";
import { boundToBatch, openEvents } from "../../src/pipeline/trail/open-batch.ts";
import type { KeptBatch } from "../../src/pipeline/trail/trail-store.ts";

const AT = "2026-03-14T09:30:00.000Z";
const LEAVES = [
  ["noise", Uint8Array.of(1, 200, 3)],
  ["JSON of another form", new TextEncoder().encode('{"x":1}')],
] as const;
const DAMAGED = { code: "damaged", message: expect.stringContaining("cannot be read") };

/** A record whose only entry bears a claim. */
const recordOf = (
  claim: string,
  kind: string,
  leaf: Uint8Array,
): { claimed(keys: readonly string[]): Promise<Map<string, Claimed>>; evidence(): Promise<Uint8Array> } => {
  const entry: LogEntry = { index: 0, treeSize: 1, id: randomUUID(), kind, receivedAt: AT, leaf, contentBytes: 0 };
  return {
    claimed: (keys) => Promise.resolve(new Map(keys.includes(claim) ? [[claim, { entry, value: new Uint8Array() }]] : [])),
    evidence: () => Promise.resolve(new TextEncoder().encode("{}")),
  };
};

test.each(LEAVES)("the leaf of a setting: %s", async (_what, leaf) => {
  const store = { ...recordOf(settingClaim(0), SETTING_KIND, leaf) };
  const documentKeys = { read: () => Promise.resolve(newDocumentKey()), wrap: () => Promise.resolve(), destroy: () => Promise.resolve() };
  const keys = { secretFor: () => Promise.resolve(new Uint8Array(32)) };
  await expect(Settings.open({ store, documentKeys, keys, newId: () => randomUUID() })).rejects.toMatchObject(DAMAGED);
});

test.each(LEAVES)("the leaf of a time-stamp of the log, and of what was collected about one: %s", async (_what, leaf) => {
  await expect(new EvidenceBook(recordOf(evidenceClaim(0), EVIDENCE_KIND, leaf)).all()).rejects.toMatchObject(DAMAGED);
  await expect(new EvidenceBook(recordOf(evidenceStatusClaim(0), EVIDENCE_STATUS_KIND, leaf)).status(0)).rejects.toMatchObject(DAMAGED);
});

test("the record of a time-stamp, of another form than its leaf's digest promises", () => {
  const kept = new TextEncoder().encode("{}");
  const leaf = { id: randomUUID(), recordDigest: digestOf(kept), tokenDigest: digestOf(kept) };
  expect(() => openEvidence(leaf, kept)).toThrow(expect.objectContaining(DAMAGED));
});

test.each([...LEAVES, ["events that are no JSON", undefined]] as const)("a batch of the audit trail: %s", async (_what, given) => {
  const [id, key, log] = [randomUUID(), newDocumentKey(), "one"];
  const sealed = closeEnvelope(new TextEncoder().encode("{"), key, "audit", boundToBatch(log, id));
  const leaf = given ?? formatBatchLeaf({ id, at: AT, day: "2026-03-14", events: 1, sealedDigest: digestOf(sealed) });
  const batch: KeptBatch = { log, index: 0, day: "2026-03-14", events: 1, from: AT, to: AT, leaf, sealed };
  const keys = { toRead: () => Promise.resolve(key) };
  await expect(openEvents(batch, keys)).rejects.toMatchObject({ code: "damaged" });
  expect(await fedEvents(batch, keys)).toBe("damaged");
});
