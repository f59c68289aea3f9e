/** An entry of the log looked at by itself, beside its leaf: what its row says, what is kept of it, and the claims by which it is found, which nothing in the tree protects. A part of the composition root. */
import { AppError } from "../core/errors.ts";
import { LATER_SEAL_KIND } from "../core/formats/later-seal.ts";
import { parseRenewalLeaf, parseRenewalRunLeaf, RENEWAL_KIND, RENEWAL_RUN_KIND } from "../core/formats/renewal.ts";
import { openRenewal, openRenewalRun, renewalClaim, renewalRunClaim } from "../pipeline/evidence/renewal-book.ts";
import { EVIDENCE_KIND, EVIDENCE_STATUS_KIND, parseEvidenceLeaf, parseEvidenceStatusLeaf } from "../core/formats/log-evidence.ts";
import { LOG_KEY_KINDS } from "../core/formats/log-key.ts";
import { parseSealKeyLeaf, SEAL_KEY_KINDS } from "../core/formats/seal-key.ts";
import { auditColumns, auditLaterSeal, epochClaim } from "../pipeline/audit/entry-audit.ts";
import { Findings } from "../pipeline/audit/finding.ts";
import { erasureClaim } from "../pipeline/erasures.ts";
import { evidenceClaim, evidenceStatusClaim, openEvidence, openEvidenceStatus } from "../pipeline/evidence/evidence-book.ts";
import { logKeyEntries } from "../pipeline/log/log-keys.ts";
import { sealKeyEndClaim, sealKeyEntries } from "../pipeline/seal-keys/seal-key-log.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { LogEntry, RecordStore } from "../pipeline/store/record-store.ts";

export interface EntryLookNeeds {
  readonly store: Pick<RecordStore, "entry" | "evidence" | "claimed">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
}

/** What is wrong with it, in words. AppError `unavailable`. */
export async function faultsOfEntry(entry: LogEntry, using: EntryLookNeeds): Promise<string[]> {
  const { id, index, kind } = entry;
  const findings = new Findings();
  if (auditColumns(entry, findings)) {
    try {
      const claims = await claimsOf(entry, { ...using, findings });
      const found = claims.length === 0 ? new Map<string, never>() : await using.store.claimed(claims);
      for (const claim of claims) {
        const bearer = found.get(claim)?.entry.index;
        const words = bearer === undefined ? "is not there" : "belongs to another entry";
        if (bearer !== index) findings.add({ kind: "changed", what: "claim", text: `the claim ${claim} of ${id} (entry ${index}) ${words}` });
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "unavailable") throw error;
      findings.add({ kind: "changed", what: "entry", text: `the ${kind} ${id} (entry ${index}) can't be read: ${error.message}` });
    }
  }
  return findings.kept.map(({ text }) => text);
}

/** The claims that it must bear, as far as it says them itself; what is kept of it is opened. Of other kinds the audit tells. */
async function claimsOf(entry: LogEntry, using: EntryLookNeeds & { readonly findings: Findings }): Promise<string[]> {
  const { id, kind, leaf, documentId = "" } = entry;
  const { store, findings } = using;
  if (kind === LATER_SEAL_KIND) return auditLaterSeal(entry, using);
  if (kind === "erasure") return [erasureClaim(documentId)];
  if (kind === EVIDENCE_KIND) {
    const said = parseEvidenceLeaf(leaf);
    openEvidence(said, await store.evidence(id));
    return [evidenceClaim(said.number)];
  }
  if (kind === EVIDENCE_STATUS_KIND) {
    openEvidenceStatus(entry, await store.evidence(id));
    return [evidenceStatusClaim(parseEvidenceStatusLeaf(leaf).evidence)];
  }
  if (kind === RENEWAL_RUN_KIND) {
    const said = parseRenewalRunLeaf(leaf);
    openRenewalRun(said, await store.evidence(id));
    return [renewalRunClaim(said.number)];
  }
  if (kind === RENEWAL_KIND) {
    const said = parseRenewalLeaf(leaf);
    openRenewal(said, await store.evidence(id));
    return [renewalClaim(said.number)];
  }
  if ((SEAL_KEY_KINDS as readonly string[]).includes(kind)) {
    const said = parseSealKeyLeaf(leaf);
    // Without its claim nobody who starts knows of it, and no trust file says that the key was ended.
    if (!(await sealKeyEntries(store)).some((one) => one.entry.index === entry.index))
      findings.add({
        kind: "removed",
        what: "claim",
        text: `the ${kind} ${id} (entry ${entry.index}) is not found by its claim: whoever starts does not know of it`,
      });
    return said.kind === "seal-key-ended" ? [sealKeyEndClaim(said.number)] : [];
  }
  if ((LOG_KEY_KINDS as readonly string[]).includes(kind)) {
    if (!(await logKeyEntries(store)).some((one) => one.entry.index === entry.index))
      findings.add({
        kind: "removed",
        what: "claim",
        text: `the ${kind} ${id} (entry ${entry.index}) is not found by its claim: whoever starts does not know of it`,
      });
    return [];
  }
  const epoch = epochClaim(entry);
  return epoch === undefined ? [] : [epoch.claim];
}
