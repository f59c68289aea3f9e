/** One stored document held against its leaf: a function from data to data, for any thread. */
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { openDocument, type DocumentBundle } from "../../core/fhir/document-bundle.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { commitmentTo } from "../../core/formats/identifier.ts";
import { openKeptDocument, type OpenedDocument } from "../../core/formats/kept-document.ts";
import { parseLeaf, type Leaf } from "../../core/formats/leaf.ts";
import { outerCommitment } from "../../core/formats/outer.ts";
import { mediaTypeOf, readKept } from "../opening.ts";
import type { Description, DocumentFacts, Identity } from "../document-forms.ts";
import { recognise, type Recognised } from "../sign/seal.ts";

/** What is kept of a document. */
export interface DocumentToAudit {
  readonly id: string;
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly content: Uint8Array | undefined;
  readonly evidence: Uint8Array | undefined;
  readonly documentKey: Uint8Array;
}

/** What came of it: sentences about what is not as it was committed, and what the document says of itself where it could be opened. */
export interface AuditedDocument {
  readonly id: string;
  readonly index: number;
  readonly faults: readonly string[];
  readonly identity?: Identity;
  readonly description?: Description;
}

export interface DocumentAuditTools {
  readonly definitions: Definitions;
  /** What is wrong with a seal over a canonical form, in words (`audit-seal.ts`). */
  faultOfSeal(seal: string, canonicalForm: Uint8Array): Promise<string | undefined>;
  /** What the index takes from a document; without it, nothing is told of that. */
  readonly describe?: (document: DocumentBundle, facts: DocumentFacts) => Description;
}

/** Never throws for what is kept: every fault is a sentence. */
export async function auditDocument(kept: DocumentToAudit, { definitions, faultOfSeal, describe }: DocumentAuditTools): Promise<AuditedDocument> {
  const { id, index } = kept;
  const missing = (["content", "evidence"] as const).filter((part) => kept[part] === undefined).map((part) => `its ${part} is missing`);
  if (kept.content === undefined || kept.evidence === undefined) return { id, index, faults: missing };
  try {
    const leaf = parseLeaf(kept.leaf);
    const opened = openKeptDocument(id, { encryptedContent: kept.content, encryptedEvidence: kept.evidence }, kept.documentKey);
    const { bytes, evidence, deposit } = opened;
    const faults = faultsOfBytes(leaf, opened);
    if (digestOf(bytes) !== leaf.submittedDigest) return { id, index, faults };
    const mediaType = mediaTypeOf(deposit);
    const resource = readKept({ bytes, mediaType, leaf: { id } }, STORED_READ_LIMITS, definitions);
    const recognised = recognise(resource);
    faults.push(...faultsOfForm(leaf, opened, recognised));
    const seal = await faultOfSeal(evidence.seal, new TextEncoder().encode(recognised.canonicalForm));
    if (seal !== undefined) faults.push(`its seal: ${seal}`);
    const description = describe?.(openDocument(resource, deposit.decisions), {
      ...{ id, receivedAt: leaf.receivedAt, mediaType },
      submitted: deposit.submitted,
    });
    return { id, index, faults, identity: recognised.identity, ...(description !== undefined && { description }) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { id, index, faults: [error.message] };
  }
}

function faultsOfBytes(leaf: Leaf, { bytes, evidence, deposit }: OpenedDocument): string[] {
  const faults: string[] = [];
  if (digestOf(bytes) !== leaf.submittedDigest) faults.push("its bytes are not those that were submitted");
  if (digestOf(evidence.deposit) !== leaf.depositDigest) faults.push("its deposit record is not the one that was committed");
  if (deposit.id !== leaf.id || deposit.receivedAt !== leaf.receivedAt) faults.push("its deposit record is about another deposit");
  if (commitmentTo(evidence.identifier, evidence.salt) !== leaf.identifierCommitment)
    faults.push("its identifier is not the one that was committed to");
  return faults;
}

function faultsOfForm(leaf: Leaf, { evidence }: OpenedDocument, { identity }: Recognised): string[] {
  const faults: string[] = [];
  const { identifier, sameness } = identity;
  if (sameness.canonical !== leaf.canonicalDigest) faults.push("its canonical form is not the one that was committed");
  if (outerCommitment(sameness, evidence.salt) !== leaf.outerCommitment) faults.push("its signature or meta is not what was committed to");
  if (identifier.system !== evidence.identifier.system || identifier.value !== evidence.identifier.value)
    faults.push("its evidence names another identifier than the document");
  return faults;
}
