import { isError, operationOutcome, type Issue } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { recordedProfiles, type RecordedProfiles } from "../../core/formats/deposit-profiles.ts";
import type { ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import type { SourceText } from "../../core/fhir/reading/source-text.ts";
import { isDocument } from "../../core/fhir/document-bundle.ts";
import { falseSignatures } from "../../pipeline/signature-policy.ts";
import type { SignatureAnswerer } from "../../core/signatures/document-signature.ts";
import { receive } from "../../pipeline/intake/receive.ts";
import type { DocumentMediaType, Received } from "../../pipeline/document-forms.ts";
import type { Validator } from "../../pipeline/validate/validate.ts";

/** What is to be thought of a resource. */
export interface ResourceCheck {
  /** No issue is an error. */
  readonly isValid: boolean;
  readonly issues: readonly Issue[];
  readonly source: SourceText;
  /** What was judged; undefined for what could not be read. */
  readonly received: Received<DocumentMediaType> | undefined;
  /** Under which set of packages it was judged, and what came of the profiles, as a deposit record would say it; undefined where there is nothing to be said. */
  readonly profiles: RecordedProfiles | undefined;
  /** The issues as an OperationOutcome, with lines and columns. */
  outcome(): JsonObject;
}

/** Validates any resource, a document or not, and of a document its signatures by themselves (no list of trusted certificates is asked), without storing anything. */
export async function checkResource(
  bytes: Uint8Array,
  mediaType: DocumentMediaType,
  using: { readonly limits: ReadLimits; readonly validator: Validator; readonly answerSignatures: SignatureAnswerer },
): Promise<ResourceCheck> {
  const intake = receive({ bytes, mediaType }, using.limits, using.validator.definitions);
  const received = intake.kind === "unreadable" ? undefined : intake.received;
  const { source } = intake.kind === "unreadable" ? intake : intake.received;
  const { issues, profiles } = intake.kind === "unreadable" ? { issues: intake.issues, profiles: undefined } : await judged(intake.received, using);
  return { isValid: !issues.some(isError), issues, source, received, profiles, outcome: () => operationOutcome(issues, source) };
}

async function judged(
  { resource, bytes, mediaType, readingIssues }: Received<DocumentMediaType>,
  { validator, answerSignatures }: Pick<Parameters<typeof checkResource>[2], "validator" | "answerSignatures">,
): Promise<Pick<ResourceCheck, "issues" | "profiles">> {
  const { issues, set, verdicts } = validator.judge(resource, readingIssues);
  const profiles = recordedProfiles(set, verdicts);
  // Of what breaks a rule nobody knows what a signature would be of.
  if (!isDocument(resource) || issues.some(isError)) return { issues, profiles };
  const isXml = mediaType === "application/fhir+xml";
  const checks = await answerSignatures({ bundle: resource, bytes, isXml, trust: undefined, receivedAt: new Date() });
  return { issues: [...issues, ...falseSignatures(resource, checks)], profiles };
}
