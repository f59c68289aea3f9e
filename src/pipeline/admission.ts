/**
 * The part of the way in that grows with the document: bytes are read, held against every rule, their signature is checked, and everything is made that is made of the whole. It needs no key
 * but the document's own, so that it may run in another thread; what comes out is data.
 */
import type { SignatureAnswerer, SignerTrust } from "../core/signatures/document-signature.ts";
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { isError, type Issue } from "../core/fhir/issue.ts";
import { isBeyondLimits } from "../core/fhir/reading/limit-faults.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import { partsAround, type SourceParts } from "../core/fhir/reading/source-excerpt.ts";
import type { SourceText } from "../core/fhir/reading/source-text.ts";
import { identifierOf } from "../core/formats/identifier.ts";
import { receive } from "./intake/receive.ts";
import type { Description, FhirMediaType, Identity, Prepared, Received, Submission } from "./record.ts";
import { prepareDocument, recognise } from "./sign/seal.ts";
import { admit } from "./validate/admit.ts";
import type { Validator } from "./validate/validate.ts";

/** Content that is to be examined, and within which limits. */
export interface Examination {
  readonly bytes: Uint8Array;
  readonly mediaType: FhirMediaType;
  readonly limits: ReadLimits;
}

/** A submission that is to be made ready for the seal. */
export interface AdmissionRequest {
  readonly submission: Submission;
  readonly limits: ReadLimits;
  /** The id that the document gets, the key that it alone is encrypted with, the protected header under which it will be sealed. */
  readonly id: string;
  readonly documentKey: Uint8Array;
  readonly sealHeader: string;
  readonly software: string;
}

/** What is asked on the way, wherever that is. */
export interface AdmissionTools {
  readonly validator: Validator;
  readonly answerSignatures: SignatureAnswerer;
  /** Whose signatures count; without it nothing is said about certificates. */
  readonly trust: SignerTrust | undefined;
  /** What the index takes from a document. */
  describe(document: DocumentBundle, facts: { readonly id: string; readonly receivedAt: string }): Description;
}

/** What is to be said about content, with what of its text is needed to show where. */
export interface Told {
  readonly issues: readonly Issue[];
  readonly source: SourceParts;
}

/** Content that breaks rules, or could not be read at all. */
type Refusal =
  | (Told & { readonly kind: "unreadable" })
  /** `identity` is absent for a text with faults, of which a reader chose one reading: only a sound one can be the same as what was deposited. */
  | (Told & { readonly kind: "refused"; readonly identity?: Identity });

export type AdmissionResult = Refusal | (Told & { readonly kind: "admitted"; readonly identity: Identity; readonly prepared: Prepared });

export type ExaminationResult = Refusal | (Told & { readonly kind: "valid"; readonly identity: Identity });

/** Everything of a deposit that needs no key of the repository. */
export async function prepareAdmission(
  request: AdmissionRequest,
  { validator, answerSignatures, trust, describe }: AdmissionTools,
): Promise<AdmissionResult> {
  const { submission, limits, id } = request;
  const intake = receive(submission, limits, validator.definitions);
  // What is more than is accepted may be well-formed: it is refused, and says by which limit.
  if (intake.kind === "unreadable") return { kind: isBeyondLimits(intake.issues) ? "refused" : "unreadable", ...told(intake.issues, intake.source) };
  const { received } = intake;

  const admission = admit(received, validator);
  if (admission.kind === "refused") return refused(received, admission.issues);
  const { validated } = admission;

  const { resource: bundle, bytes, document } = validated;
  const { receivedAt } = submission;
  const isXml = submission.mediaType === "application/fhir+xml";
  const checks = await answerSignatures({ bundle, bytes, isXml, trust, receivedAt });
  const description = describe(document, { id, receivedAt: receivedAt.toISOString() });
  const recognised = recognise(bundle);
  const prepared = prepareDocument(validated, recognised, { ...request, checks, description, policy: validator.policy });
  return { kind: "admitted", ...told(validated.issues, validated.source), identity: recognised.identity, prepared };
}

/** What a deposit would say of content, up to the signature. */
export function examine({ bytes, mediaType, limits }: Examination, validator: Validator): ExaminationResult {
  const intake = receive({ bytes, mediaType }, limits, validator.definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  return examineReceived(intake.received, validator);
}

/** The same of what was read already. */
export function examineReceived(received: Received, validator: Validator): Exclude<ExaminationResult, { readonly kind: "unreadable" }> {
  const admission = admit(received, validator);
  if (admission.kind === "refused") return refused(received, admission.issues);
  const { issues, source } = admission.validated;
  return { kind: "valid", ...told(issues, source), identity: recognise(received.resource).identity };
}

/** Issues with the parts of the source that show where they lie. */
export function told(issues: readonly Issue[], source: SourceText): Told {
  return {
    issues,
    source: partsAround(
      issues.flatMap((issue) => issue.offset ?? []),
      source,
    ),
  };
}

function refused(received: Received, issues: readonly Issue[]): Extract<Refusal, { readonly kind: "refused" }> {
  const isRecognised = !received.readingIssues.some(isError) && identifierOf(received.resource) !== undefined;
  return { kind: "refused", ...told(issues, received.source), ...(isRecognised && { identity: recognise(received.resource).identity }) };
}
