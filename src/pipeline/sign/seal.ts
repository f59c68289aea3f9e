import { randomBytes } from "node:crypto";
import type { Asked } from "../../core/asked.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { newDocumentKey } from "../../core/crypto/envelope.ts";
import { makeSeal } from "../../core/signatures/seal.ts";
import { AppError } from "../../core/errors.ts";
import { canonicalDocument } from "../../core/fhir/canonical.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { formatDepositRecord, type Submitter } from "../../core/formats/deposit-record.ts";
import { commitmentTo, identifierOf } from "../../core/formats/identifier.ts";
import { keepDocument } from "../../core/formats/kept-document.ts";
import { formatLeaf } from "../../core/formats/leaf.ts";
import { outerCommitment, outerDigests } from "../../core/formats/outer.ts";
import type { Sameness, Sealed, SignatureCheck, Submission, Validated } from "../record.ts";
import type { DocumentKeys } from "../store/document-keys.ts";

const SALT_LENGTH = 32;

/** What is sealed together with the document. */
export interface SealContext {
  /** When it was received, and from whom. */
  readonly submission: Pick<Submission, "receivedAt" | "asked">;
  /** The results about the signature that the document came with. */
  readonly checks: readonly SignatureCheck[];
  /** The id that the document gets: a fresh UUID. */
  readonly id: string;
  readonly keys: Pick<Keys, "seal" | "identityKeyOf">;
  readonly documentKeys: Pick<DocumentKeys, "wrap">;
  /** Name and version of the program, e.g. `chartulary/0.1.0`. */
  readonly software: string;
  /** The policy under which it was accepted, and the version of the rules it applies to. */
  readonly policy: { readonly version: string; readonly rules: string };
}

/**
 * Puts our seal over a document and makes everything that will be kept of it: the leaf for the log, and content and evidence, encrypted with a key of the document's
 * own, which is kept from now on. Nothing else is stored yet.
 *
 * @throws AppError `internal` when the document has no identifier, which validation sees to.
 */
export async function sealDocument(validated: Validated, context: SealContext): Promise<Sealed> {
  const { resource, bytes } = validated;
  const { id, keys, documentKeys, submission } = context;
  const identifier = identifierOf(resource);
  if (identifier === undefined) throw new AppError("internal", "a document without an identifier came to be sealed");
  const receivedAt = submission.receivedAt.toISOString();
  const canonicalForm = canonicalDocument(resource);
  const sameness = samenessWith(canonicalForm, resource);
  const salt = new Uint8Array(randomBytes(SALT_LENGTH));
  const deposit = depositRecord(validated, context);
  const leaf = formatLeaf({
    id,
    receivedAt,
    submittedDigest: digestOf(bytes),
    canonicalDigest: sameness.canonical,
    depositDigest: digestOf(deposit),
    identifierCommitment: commitmentTo(identifier, salt),
    outerCommitment: outerCommitment(sameness, salt),
  });
  const seal = await makeSeal(new TextEncoder().encode(canonicalForm), keys.seal, submission.receivedAt);
  const key = newDocumentKey();
  const kept = keepDocument(id, bytes, { deposit, seal, salt, identifier }, key);
  const [identityKey] = await Promise.all([keys.identityKeyOf(identifier.system, identifier.value), documentKeys.wrap(id, key)]);
  return { id, receivedAt, identityKey, sameness, leaf, ...kept };
}

/** The digests that tell a repeat of a deposit from a conflict: of the content, of the signature, and of the meta that the client supplied. */
export function samenessOf(bundle: JsonObject): Sameness {
  return samenessWith(canonicalDocument(bundle), bundle);
}

function samenessWith(canonicalForm: string, bundle: JsonObject): Sameness {
  return { canonical: digestOf(canonicalForm), ...outerDigests(bundle) };
}

function depositRecord(validated: Validated, { submission, checks, id, software, policy }: SealContext): string {
  const { mediaType, issues, source } = validated;
  const outcome = operationOutcome(issues, source);
  const versions = { software, rules: policy.rules, policy: policy.version };
  return formatDepositRecord({
    id,
    receivedAt: submission.receivedAt.toISOString(),
    mediaType,
    submitter: submitterOf(submission.asked),
    came: { channel: submission.asked.channel, requestId: submission.asked.requestId },
    versions,
    outcome,
    signatures: checks,
    decisions: [],
  });
}

/** Who asked, as far as it is known. */
function submitterOf({ caller, purpose }: Asked): Submitter {
  return { kind: caller.kind, ...(caller.kind === "program" && { client: caller.name }), ...(purpose !== undefined && { purpose }) };
}
