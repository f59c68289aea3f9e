import { randomBytes } from "node:crypto";
import { isKnown, type Asked, type Caller } from "../../core/asked.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import type { Keys, SealSigner } from "../../core/crypto/keys.ts";
import { signingInput } from "../../core/signatures/jws.ts";
import { completeSeal, sealHeader, underHeader } from "../../core/signatures/seal.ts";
import { AppError } from "../../core/errors.ts";
import { canonicalDocument } from "../../core/fhir/canonical.ts";
import { operationOutcome } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { formatDepositRecord, type Submitter } from "../../core/formats/deposit-record.ts";
import { commitmentTo, identifierOf } from "../../core/formats/identifier.ts";
import { closeContent, closeEvidence } from "../../core/formats/kept-document.ts";
import { formatLeaf } from "../../core/formats/leaf.ts";
import { outerCommitment, outerDigests } from "../../core/formats/outer.ts";
import type { Description, Identity, Prepared, Sameness, Sealed, SignatureCheck, Submission, Validated } from "../document-forms.ts";
import type { DocumentKeys } from "../store/document-keys.ts";

const SALT_LENGTH = 32;

/** Told of each entry that is about to be entered, by which key it was sealed. */
export interface SealNotes {
  sealed(id: string, signer: SealSigner): void;
}

/** What is made ready together with the document. */
export interface PrepareContext {
  /** When it was received, and from whom. */
  readonly submission: Pick<Submission, "receivedAt" | "asked" | "submitted">;
  /** The results about the signature that the document came with. */
  readonly checks: readonly SignatureCheck[];
  /** The id that the document gets: a fresh UUID. */
  readonly id: string;
  /** The key that this document alone is encrypted with. */
  readonly documentKey: Uint8Array;
  /** The protected header under which it will be sealed. */
  readonly sealHeader: string;
  readonly description: Description;
  /** Name and version of the program, e.g. `chartulary/0.1.0`. */
  readonly software: string;
  /** The policy for signatures. */
  readonly signatures?: string;
}

/** Makes everything that is made of the whole document: its digests, the deposit record, what the seal signs, the encrypted content. */
export function prepareDocument(validated: Validated, { identity, canonicalForm }: Recognised, context: PrepareContext): Prepared {
  const { bytes } = validated;
  const { id, submission, sealHeader, documentKey, description } = context;
  // They were moved to another thread and not copied: what would be kept is nothing.
  if (bytes.length === 0) throw new AppError("internal", "a document's bytes were gone before it was sealed");
  return {
    id,
    receivedAt: submission.receivedAt.toISOString(),
    identity,
    submittedDigest: digestOf(bytes),
    deposit: depositRecord(validated, context),
    sealHeader,
    sealInput: signingInput(sealHeader, new TextEncoder().encode(canonicalForm)),
    encryptedContent: closeContent(id, bytes, documentKey),
    description,
  };
}

/**
 * Puts our seal over a document and makes what is kept of it beside the content: the leaf for the log, and the evidence, encrypted with the document's own key, which is kept from now on.
 * Nothing else is stored yet.
 *
 * @param documentKey the one that the content was encrypted with
 */
export async function sealDocument(
  prepared: Prepared,
  documentKey: Uint8Array,
  {
    keys,
    documentKeys,
    seals,
  }: {
    readonly keys: Pick<Keys, "sealKeys" | "identityKeyOf">;
    readonly documentKeys: Pick<DocumentKeys, "wrap">;
    readonly seals?: SealNotes | undefined;
  },
): Promise<Sealed> {
  const { id, receivedAt, deposit, encryptedContent } = prepared;
  const { identifier, sameness } = prepared.identity;
  const salt = new Uint8Array(randomBytes(SALT_LENGTH));
  const leaf = formatLeaf({
    id,
    receivedAt,
    submittedDigest: prepared.submittedDigest,
    canonicalDigest: sameness.canonical,
    depositDigest: digestOf(deposit),
    identifierCommitment: commitmentTo(identifier, salt),
    outerCommitment: outerCommitment(sameness, salt),
  });
  const at = new Date(receivedAt);
  const signer = keys.sealKeys.signerAt(at);
  // The key may have been ended while the document was looked at: then another seals it.
  const header = sealHeader(signer, at);
  const input = header === prepared.sealHeader ? prepared.sealInput : underHeader(header, prepared.sealInput);
  seals?.sealed(id, signer);
  const [seal, identityKey] = await Promise.all([
    completeSeal(header, input, signer),
    keys.identityKeyOf(identifier.system, identifier.value),
    documentKeys.wrap(id, documentKey),
  ]);
  const encryptedEvidence = closeEvidence(id, { deposit, seal, salt, identifier }, documentKey);
  return { id, receivedAt, identityKey, sameness, leaf, encryptedContent, encryptedEvidence };
}

/** A document with the form that its digests and signatures are over. */
export interface Recognised {
  readonly identity: Identity;
  readonly canonicalForm: string;
}

/** By what a document is recognised. AppError `internal` for one without an identifier. */
export function recognise(bundle: JsonObject): Recognised {
  const identifier = identifierOf(bundle);
  if (identifier === undefined) throw new AppError("internal", "a document without an identifier came to be sealed");
  const canonicalForm = canonicalDocument(bundle);
  const sameness = samenessOf(bundle, canonicalForm);
  const carried = bundle.has("signature") && { signature: sameness.signature, unsigned: outerDigests(bundle, { isUnsigned: true }).signature };
  return { identity: { identifier, sameness, ...(carried && { carried }) }, canonicalForm };
}

/** The digests that tell a repeat of a deposit from a conflict: of the content, of the signature, and of the meta that the client supplied. */
export function samenessOf(bundle: JsonObject, canonicalForm: string = canonicalDocument(bundle)): Sameness {
  return { canonical: digestOf(canonicalForm), ...outerDigests(bundle) };
}

function depositRecord(validated: Validated, { submission, checks, id, software, signatures = "record" }: PrepareContext): string {
  const { mediaType, issues, source, policy, relaxed, decided, profiles } = validated;
  const by = policy.version;
  const outcome = operationOutcome(issues, source);
  const versions = { software, rules: policy.rules, policy: policy.version, ...(signatures !== "record" && { signatures }) };
  return formatDepositRecord({
    id,
    receivedAt: submission.receivedAt.toISOString(),
    mediaType,
    submitter: submitterOf(submission.asked),
    came: { channel: submission.asked.channel, requestId: submission.asked.requestId },
    versions,
    outcome,
    signatures: checks,
    decisions: decided.map((decision) => ({ ...decision, by })),
    relaxed: relaxed.map((rule) => ({ ...rule, by })),
    profiles,
    ...(submission.submitted && { submitted: submission.submitted }),
  });
}

/** Who asked, as far as it is known. */
export function submitterOf({ caller, purpose }: Asked): Submitter {
  return { ...nameOf(caller), ...(purpose !== undefined && { purpose }) };
}

function nameOf(caller: Caller): Submitter {
  if (caller.kind === "program") return { kind: caller.kind, client: caller.name };
  if (!isKnown(caller)) return { kind: caller.kind };
  const { kind, issuer, subject, name, client, organisations } = caller;
  const named = `${issuer}|${subject}`;
  const [organization] = organisations;
  return {
    kind,
    ...(kind === "person"
      ? { person: named, ...(client !== undefined && { client }) }
      : { client: client === undefined ? named : `${issuer}|${client}` }),
    ...(organization !== undefined && { organization }),
    ...(name !== subject && name !== client && { name }),
  };
}
