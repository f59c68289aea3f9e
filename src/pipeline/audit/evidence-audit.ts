import { parseEvidenceLeaf, parseEvidenceStatusLeaf, type EvidenceLeaf } from "../../core/formats/log-evidence.ts";
import { evidenceClaim, evidenceStatusClaim, openEvidence, openEvidenceStatus } from "../evidence/evidence-book.ts";
import { treeOfStamped } from "../../core/evidence/stamped-tree.ts";
import { equalBytes } from "../../core/crypto/digest.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";
import { holdToken, lookingAt, type Tell } from "./stamp-audit.ts";

interface EvidenceAuditSource {
  readonly store: Pick<RecordStore, "evidence" | "checkpoint">;
  readonly findings: Findings;
}

/** Time-stamps of the log: each stands at its number, is of a tree that this log had, and is a token over it. Whether its authority is trusted is for whoever verifies. */
export class EvidenceAudit {
  readonly #source: EvidenceAuditSource;
  #count = 0;

  constructor(source: EvidenceAuditSource) {
    this.#source = source;
  }

  /** Looks at a time-stamp, and gives the claims that its entry must bear, in order of the log. What is wrong is told. */
  async stamp(entry: LogEntry): Promise<string[]> {
    const number = this.#count++;
    await lookingAt(entry, this.#source.findings, async (tell) => {
      const leaf = parseEvidenceLeaf(entry.leaf);
      if (leaf.number !== number) tell(`is number ${leaf.number}, and ${number} came before it`);
      await this.#look(leaf, entry, tell);
    });
    return [evidenceClaim(number)];
  }

  /** The same of what was collected about one. */
  async status(entry: LogEntry): Promise<string[]> {
    let claims: string[] = [];
    await lookingAt(entry, this.#source.findings, async (tell) => {
      const { evidence } = parseEvidenceStatusLeaf(entry.leaf);
      claims = [evidenceStatusClaim(evidence)];
      if (evidence >= this.#count) tell(`is about the time-stamp ${evidence}, which did not come before it`);
      openEvidenceStatus(entry, await this.#source.store.evidence(entry.id));
    });
    return claims;
  }

  async #look(leaf: EvidenceLeaf, { index }: LogEntry, tell: Tell): Promise<void> {
    const { store } = this.#source;
    const { stamped, token } = openEvidence(leaf, await store.evidence(leaf.id));
    const tree = treeOfStamped(stamped);
    if (tree.size !== leaf.size || tree.hash !== leaf.hash || !equalBytes(tree.root, leaf.root) || tree.size > index)
      tell("is of another tree than its leaf says");
    // Checkpoints themselves are held against the leaves elsewhere.
    if (tree.hash === "sha256" && (await store.checkpoint(tree.size))?.note !== stamped) tell("is over a checkpoint that the log does not have");
    await holdToken({ token, stamped }, leaf.stampedAt, tell);
  }
}
