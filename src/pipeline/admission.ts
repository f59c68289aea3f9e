/**
 * The part of the way in that grows with the document: bytes are read, held against every rule, their signature is checked, and everything is made that is made of the whole. It needs no key
 * but the document's own, so that it may run in another thread; what comes out is data.
 */
import type { Asked } from "../core/asked.ts";
import { digestOf } from "../core/crypto/digest.ts";
import type { SignatureAnswerer, SignerTrust } from "../core/signatures/document-signature.ts";
import type { ProfileVerdict } from "../core/fhir/conformance/conformance.ts";
import { isDocument, type DocumentBundle } from "../core/fhir/document-bundle.ts";
import { isError, type Issue } from "../core/fhir/issue.ts";
import { isBeyondLimits } from "../core/fhir/reading/limit-faults.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import { partsAround, type SourceParts } from "../core/fhir/reading/source-excerpt.ts";
import type { SourceText } from "../core/fhir/reading/source-text.ts";
import type { RecordedProfiles } from "../core/formats/deposit-profiles.ts";
import { identifierOf, type DocumentIdentifier } from "../core/formats/identifier.ts";
import type { EarlierDeposit } from "./earlier-deposit.ts";
import { receive, type Intake } from "./intake/receive.ts";
import type { Content, Description, DocumentFacts, DocumentMediaType, Identity, Prepared, Received, Submission } from "./document-forms.ts";
import { demandOn, falseSignatures, RECORD_SIGNATURES, signatureIssues, type SignaturePolicy } from "./signature-policy.ts";
import { prepareDocument, recognise, submitterOf } from "./sign/seal.ts";
import { admit } from "./validate/admit.ts";
import { judgedByAsking, type Hearing } from "./validate/hearing.ts";
import { NAMED_POLICIES } from "./validate/policies/named-policies.ts";
import { underEach, type UnderPolicy } from "./validate/under-each.ts";
import type { Validator } from "./validate/validate.ts";

/** Content that is to be examined, and within which limits. */
export interface Examination<MediaType extends DocumentMediaType = DocumentMediaType> extends Content<MediaType> {
  readonly limits: ReadLimits;
  /** Names of whoever asks what a deposit of theirs would come to (`namesOf`). */
  readonly submitter?: readonly string[] | undefined;
  /** A profile that it is held against besides, whatever it declares. */
  readonly profile?: string | undefined;
  /** Whether it is to be said what each policy with a name says of it. */
  readonly isCompared?: boolean;
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
  /** What is demanded of signatures; nothing, where none is given. */
  readonly signaturePolicy?: SignaturePolicy | undefined;
  /** Where a terminology server is asked about what nothing here can tell. */
  readonly hearing?: Hearing | undefined;
  /** The deposit that took an identifier (`earlier-deposit.ts`). Only whoever has keys and record can say. */
  earlierDeposit(identifier: DocumentIdentifier): Promise<EarlierDeposit | undefined>;
  /** What the index takes from a document. */
  describe(document: DocumentBundle, facts: DocumentFacts): Description;
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

/** Its identifier is taken. */
export interface CameAgain {
  readonly kind: "recognised";
  readonly identity: Identity;
  /**
   * What would become of it if the identifier were not taken, for a sender who may not know that it is. Absent where the one that took it has the same content, so that the same is permitted of both: nothing but the identity was
   * looked at then.
   */
  readonly otherwise?: (Told & { readonly kind: "refused" }) | { readonly kind: "valid"; readonly description: Description };
}

export type AdmissionResult = Refusal | CameAgain | (Told & { readonly kind: "admitted"; readonly identity: Identity; readonly prepared: Prepared });

/** `new`: nothing of its identifier is known, or it is not sound enough to have one. */
export type RecognitionResult = (Told & { readonly kind: "unreadable" | "refused" }) | CameAgain | { readonly kind: "new" };

export type ExaminationResult = (Refusal | (Told & { readonly kind: "valid"; readonly identity: Identity })) & {
  /** What came of profiles that a deposit asks: those that are declared, that R4 demands, and that the operator gives for documents of that type. */
  readonly profiles?: RecordedProfiles | undefined;
  /** What came of the profile that was asked for: its own issues, and one verdict. */
  readonly held?: HeldProfile;
  /** Of a document, what each policy with a name says of it, where that was asked. */
  readonly policies?: readonly UnderPolicy[];
};

/** `verdicts` is of `unheld` alone where the profile is not here. */
export interface HeldProfile {
  readonly issues: readonly Issue[];
  readonly verdicts: readonly ProfileVerdict[];
}

/** Everything of a deposit that needs no key of the repository. */
export async function prepareAdmission(request: AdmissionRequest, tools: AdmissionTools): Promise<AdmissionResult> {
  const { validator, answerSignatures, trust, earlierDeposit, describe, signaturePolicy = RECORD_SIGNATURES, hearing } = tools;
  const { submission, limits, id } = request;
  const intake = receive(submission, limits, validator.definitions);
  if (intake.kind === "unreadable") return notRead(intake);
  const { received } = intake;

  const earlier = await earlierIdentity(received, earlierDeposit);
  const again = earlier && ({ kind: "recognised", identity: earlier.identity } as const);
  if (earlier?.isSame === true && again) return again;

  const admission = await judgedByAsking(() => admit(received, validator, namesOf(submission.asked)), hearing);
  if (admission.kind === "refused") {
    const otherwise = refused(received, admission.issues);
    return again ? { ...again, otherwise } : otherwise;
  }
  const { validated } = admission;

  const { resource: bundle, bytes, document } = validated;
  const { receivedAt } = submission;
  const { mediaType, submitted } = submission;
  const description = describe(document, { id, receivedAt: receivedAt.toISOString(), mediaType, submitted });
  if (again) return { ...again, otherwise: { kind: "valid", description } };
  const isXml = submission.mediaType === "application/fhir+xml";
  const checks = await answerSignatures({ bundle, bytes, isXml, trust, receivedAt });
  // Parts of the program, such as the samples, are not asked for signatures.
  const lacking = submission.asked.caller.kind === "program" ? [] : signatureIssues(bundle, checks, signaturePolicy);
  if (lacking.length > 0) return refused(received, [...validated.issues, ...lacking]);
  const issues = [...validated.issues, ...falseSignatures(bundle, checks)];
  const recognised = recognise(bundle);
  const context = { ...request, checks, description, signatures: signaturePolicy.version };
  const prepared = prepareDocument({ ...validated, issues }, recognised, context);
  return { kind: "admitted", ...told(issues, validated.source), identity: recognised.identity, prepared };
}

/** Whether content was deposited before, or another document under its identifier was: as much as is known without looking at what it says. */
export async function recogniseContent(
  { bytes, mediaType, limits }: Examination,
  { validator, earlierDeposit }: Pick<AdmissionTools, "validator" | "earlierDeposit">,
): Promise<RecognitionResult> {
  const intake = receive({ bytes, mediaType }, limits, validator.definitions);
  if (intake.kind === "unreadable") return notRead(intake);
  const earlier = await earlierIdentity(intake.received, earlierDeposit);
  return earlier ? { kind: "recognised", identity: earlier.identity } : { kind: "new" };
}

/** What is looked at with before anything is deposited. */
export type ExaminationTools = Pick<AdmissionTools, "validator" | "answerSignatures" | "trust" | "signaturePolicy" | "hearing">;

/** What a deposit would say of content. */
export async function examine(
  { bytes, mediaType, limits, submitter, profile, isCompared = false }: Examination,
  tools: ExaminationTools,
): Promise<ExaminationResult> {
  const intake = receive({ bytes, mediaType }, limits, tools.validator.definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const { received } = intake;
  const examined = { ...(await examineReceived(received, tools, submitter)), ...(await byProfile(received, profile, tools)) };
  const { held } = examined;
  const shown = held ? { ...examined, source: told([...examined.issues, ...held.issues], received.source).source } : examined;
  if (!isCompared || !isDocument(received.resource)) return shown;
  const policies = underEach(received, tools.validator, new Map(Object.entries(NAMED_POLICIES)), submitter);
  const isLacking = policies.some(({ passes }) => passes) && (await lacksSignature(received, tools));
  return {
    ...shown,
    policies: isLacking ? policies.map((one) => ({ ...one, passes: false, rules: [...one.rules, "signature-policy"] })) : policies,
  };
}

/** What comes of a profile that somebody asks for; nothing where nobody does. */
async function byProfile(
  { resource }: Received<DocumentMediaType>,
  profile: string | undefined,
  { validator, hearing }: ExaminationTools,
): Promise<{ readonly held?: HeldProfile }> {
  if (profile === undefined) return {};
  const held = await judgedByAsking(() => validator.heldAgainst(profile, resource, true), hearing);
  const unheld = { place: resource.string("resourceType") ?? "", profile, by: "request", result: "unheld" } as const;
  return { held: held ?? { issues: [], verdicts: [unheld] } };
}

/** Whether what is demanded of signatures refuses a document, whichever policy is in force. */
async function lacksSignature(
  { resource: bundle, bytes, mediaType }: Received<DocumentMediaType>,
  { answerSignatures, trust, signaturePolicy = RECORD_SIGNATURES }: ExaminationTools,
): Promise<boolean> {
  if (demandOn(bundle, signaturePolicy) === "record") return false;
  const checks = await answerSignatures({ bundle, bytes, isXml: mediaType === "application/fhir+xml", trust, receivedAt: new Date() });
  return signatureIssues(bundle, checks, signaturePolicy).length > 0;
}

/** The same of what was read already. @param isPart it lay within something else (a Parameters): its own bytes, which a signature may be of, are not at hand */
export async function examineReceived(
  received: Received<DocumentMediaType>,
  { validator, answerSignatures, trust, signaturePolicy = RECORD_SIGNATURES, hearing }: ExaminationTools,
  submitter?: readonly string[],
  isPart = false,
): Promise<Exclude<ExaminationResult, { readonly kind: "unreadable" }>> {
  const admission = await judgedByAsking(() => admit(received, validator, submitter), hearing);
  if (admission.kind === "refused") return { ...refused(received, admission.issues), profiles: admission.profiles };
  const { issues, source, resource: bundle, bytes, mediaType, profiles } = admission.validated;
  const isXml = mediaType === "application/fhir+xml";
  const isAsked = !isPart || demandOn(bundle, signaturePolicy) !== "record";
  const checks = isAsked ? await answerSignatures({ bundle, bytes, isXml, trust, receivedAt: new Date() }) : [];
  const lacking = signatureIssues(bundle, checks, signaturePolicy);
  if (lacking.length > 0) return { ...refused(received, [...issues, ...lacking]), profiles };
  return { kind: "valid", ...told([...issues, ...falseSignatures(bundle, checks)], source), identity: recognise(bundle).identity, profiles };
}

/** By what a policy tells who submits: the person, the software and the organisation, each as deposit records name it. */
export function namesOf(asked: Asked): string[] {
  const { person, client, organization } = submitterOf(asked);
  return [person, client, organization].filter((name) => name !== undefined);
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

/** What is more than is accepted may be well-formed: it is refused, and says by which limit. */
function notRead({ issues, source }: Extract<Intake, { readonly kind: "unreadable" }>): Told & { readonly kind: "unreadable" | "refused" } {
  return { kind: isBeyondLimits(issues) ? "refused" : "unreadable", ...told(issues, source) };
}

/**
 * The identity of a document whose identifier is taken, and whether the one that took it has the same content and is still here; undefined of any other. The bytes tell whether it is the same at once, without its canonical form;
 * else that is made, to say in what the two differ.
 */
async function earlierIdentity(
  received: Received<DocumentMediaType>,
  earlierDeposit: AdmissionTools["earlierDeposit"],
): Promise<{ readonly identity: Identity; readonly isSame: boolean } | undefined> {
  const identifier = soundIdentifier(received);
  const earlier = identifier && (await earlierDeposit(identifier));
  if (!earlier) return undefined;
  const { sameness, isErased } = earlier;
  const identity = digestOf(received.bytes) === earlier.submittedDigest ? { identifier, sameness } : recognise(received.resource).identity;
  return { identity, isSame: !isErased && identity.sameness.canonical === sameness.canonical };
}

/** Of a text with faults a reader chose one reading: nothing is recognised by it. */
function soundIdentifier({ readingIssues, resource }: Received<DocumentMediaType>): DocumentIdentifier | undefined {
  return readingIssues.some(isError) ? undefined : identifierOf(resource);
}

function refused(received: Received<DocumentMediaType>, issues: readonly Issue[]): Extract<Refusal, { readonly kind: "refused" }> {
  const isRecognised = soundIdentifier(received) !== undefined;
  return { kind: "refused", ...told(issues, received.source), ...(isRecognised && { identity: recognise(received.resource).identity }) };
}
