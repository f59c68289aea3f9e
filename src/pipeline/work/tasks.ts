import type { SignatureAnswerer } from "../../core/signatures/document-signature.ts";
import type { DocumentBundle } from "../../core/fhir/document-bundle.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { parseDepositRecord } from "../../core/formats/deposit-record.ts";
import type { SubmittedMetadata } from "../../core/formats/submitted.ts";
import type { Introspection } from "../../core/graphql/answer.ts";
import {
  examine,
  prepareAdmission,
  recogniseContent,
  type AdmissionRequest,
  type AdmissionResult,
  type AdmissionTools,
  type Examination,
  type ExaminationResult,
  type RecognitionResult,
} from "../admission.ts";
import { auditDocument, type AuditedDocument, type DocumentToAudit } from "../audit/audit-document.ts";
import { createSealAuditor } from "../audit/audit-seal.ts";
import type { Original } from "../fetch.ts";
import { unpackBatch, unpackParameter, unpackPublished, type Unpacked } from "../unpack-batch.ts";
import { validateOperation, type ValidateResult, type ValidateRequest } from "../validate-operation.ts";
import { openKept, readKept, readKeptDocument, type Kept } from "../opening.ts";
import { present, type KnownRelations } from "../present.ts";
import { finishPdf } from "../pdf/finish-pdf.ts";
import type { PdfFacts } from "../pdf/pdf-facts.ts";
import type { Description, DocumentFacts, FhirMediaType, Halt, XmlSealShown } from "../document-forms.ts";
import type { XmlDigest } from "../later-seals.ts";
import { canonicalXmlDocument } from "../../core/signatures/xml-seal.ts";
import { toBase64 } from "../../core/crypto/base64.ts";
import type { Certificate } from "../../core/crypto/certificate.ts";
import { sha256 } from "../../core/crypto/digest.ts";
import { Recent } from "../../core/recent.ts";
import { attachedFile } from "../render/generated/attached-files.ts";
import type { SeenThroughGlass } from "../render/pages/presented.ts";
import { writeServed, type Servable } from "../serve.ts";
import { unpackMessage } from "../messages/read-message.ts";
import type { UnpackedMessage } from "../messages/message-forms.ts";
import { projectKept, type OpenedForProjection, type Projected, type ProjectRequest, type ServedResources } from "../projection.ts";
import { unpackVerification, type UnpackedVerification } from "../unpack-verification.ts";
import type { VerificationReport } from "../verify/report.ts";
import type { VerificationRequest } from "../verify/verify-file.ts";
import { viewOf, viewSent, type PageMaking, type SentView, type SentViewRequest, type View } from "./view.ts";
import { verifyHeld } from "../verify/verify-pdf.ts";
import type { SealCertificate } from "../../core/crypto/keys.ts";

/** What tasks work with that is not in their input: each thread has its own. What the index takes from a document, and makes of one, is its own business. */
export interface TaskTools extends AdmissionTools {
  /** By what the resources of a document are found. */
  extract(document: DocumentBundle, submitted: SubmittedMetadata | undefined): object;
  /** All that the index has to have of a document. `isWhole`: also by what its resources are found. */
  describeWhole(document: DocumentBundle, facts: DocumentFacts, isWhole: boolean): Description;
  /** Resources of a document, written out; undefined for what it does not have. `whole`: reads all of it. */
  project(document: OpenedForProjection, served: ServedResources, whole: () => DocumentBundle): (string | undefined)[];
  /** What the schema of GraphQL says of itself, as JSON: it is made of what resources are found by. */
  introspect(question: Introspection): Promise<string>;
  /** Certificates of our seals, as they are known at this moment. */
  sealCertificates(): readonly SealCertificate[] | Promise<readonly SealCertificate[]>;
  /** `halt`: why no document is taken at this moment, which every page tells. */
  pages(halt: Halt["kind"] | undefined): Promise<PageMaking>;
}

/** A document's page that is to be made. */
export interface ViewRequest extends Pick<Original, "bytes" | "mediaType" | "leaf" | "position" | "evidence"> {
  readonly known: KnownRelations;
  /** Absolute address of the service, without a slash at the end. */
  readonly baseUrl: string;
  readonly halt: Halt["kind"] | undefined;
  readonly xmlSeal: XmlSealShown;
  readonly glass?: SeenThroughGlass | undefined;
  readonly locale: string;
  readonly medium: "screen" | "print";
}

/** A PDF that was printed, and what it is finished with. */
export interface FinishRequest {
  readonly printed: Uint8Array;
  readonly facts: PdfFacts;
}

/** A file that stands within a document, to be handed out. */
export interface HandedFile {
  readonly bytes: Uint8Array;
  /** As its sender calls it: whoever writes it decides what a browser may make of it. */
  readonly contentType: string;
}

/**
 * Everything that may take longer than the event loop may wait, by name. What goes in and comes out is data that can leave its thread (structured clone); no task is given a key of the
 * repository.
 */
export interface Tasks {
  /** All of a deposit that needs no key of ours. */
  admit(request: AdmissionRequest): Promise<AdmissionResult>;
  /** Whether it came before. */
  recognise(request: Examination): Promise<RecognitionResult>;
  /** A batch or transaction, taken apart. */
  unpack(request: Examination<FhirMediaType>): Unpacked;
  /** The document that an operation was sent. */
  unpackParameter(request: Examination<FhirMediaType>): ReturnType<typeof unpackParameter>;
  /** A DocumentReference with its document. */
  unpackPublished(request: Examination<FhirMediaType>): ReturnType<typeof unpackPublished>;
  /** What `$process-message` was sent. */
  unpackMessage(request: Examination<FhirMediaType>): Promise<UnpackedMessage>;
  /** What `$verify` was sent. */
  unpackVerification(request: Examination): UnpackedVerification;
  /** What a deposit would say. */
  examine(request: Examination): Promise<ExaminationResult>;
  /** `$validate`. */
  validate(request: ValidateRequest): Promise<ValidateResult>;
  /** Decrypts what is kept, and holds it against its digest. */
  open: typeof openKept;
  /** A document as a resource in JSON or XML. */
  write(request: Servable): { readonly text: Uint8Array };
  view(request: ViewRequest): Promise<View>;
  /** The page of a document that was not deposited. */
  viewSent(request: SentViewRequest): Promise<SentView>;
  /** Has the narratives of a document judged, before anybody wants its page. */
  judge(request: Kept & { readonly deposit: string }): Promise<void>;
  /** A file within a document, by its number from 1; undefined when there is none of that number. */
  file(request: Kept & { readonly number: number }): { readonly file: HandedFile | undefined };
  /** What the XML seal of a document is over. */
  xmlDigest(request: Kept): XmlDigest;
  /** Holds a document that is kept against its leaf, and tells what the index has to have of it; never throws for what is kept. */
  audit(request: DocumentToAudit & { readonly isWhole: boolean }): Promise<AuditedDocument>;
  /** By what the resources of a document are found. */
  extract(request: Kept & { readonly deposit: string }): { readonly extracted: object };
  /** Resources of some documents as texts, each document by itself: one message for all costs less than they do. */
  project(request: { readonly documents: readonly ProjectRequest[] }): { readonly projected: readonly Projected[] };
  /** What a query for the schema of GraphQL is answered with, in UTF-8. */
  introspect(question: Introspection): Promise<Uint8Array>;
  /** What a browser printed, as it is to be kept. */
  finish(request: FinishRequest): Uint8Array;
  /** What is stored, or what somebody holds: a document, or a PDF of one. */
  verify(request: VerifyRequest): Promise<VerificationReport>;
}

/** What is verified, and whether by our own trust file: then what is asked about revocations of deposits is asked here too, and by nobody else's. */
export type VerifyRequest = Omit<VerificationRequest, "answerSignatures" | "definitions"> & { readonly isOwnTrust?: boolean };

/** Certificates of seals that are known again, and characters of one: of a repository there are a few in a year. */
const [KNOWN, LONGEST_KNOWN] = [16, 8_192];

export function createTasks(tools: TaskTools): Tasks {
  const { validator, answerSignatures } = tools;
  const { definitions } = validator;
  const known = new Recent<Certificate | undefined>(KNOWN, LONGEST_KNOWN);
  const source = tools.trust?.source;
  const answerByOwn: SignatureAnswerer = ({ trust, ...asked }) =>
    answerSignatures({ ...asked, trust: trust && source ? { ...trust, source } : trust });
  return {
    admit: (request) => prepareAdmission(request, tools),
    recognise: (request) => recogniseContent(request, tools),
    unpack: (request) => unpackBatch(request, validator),
    unpackParameter: (request) => unpackParameter(request, validator),
    unpackPublished: (request) => unpackPublished(request, validator),
    unpackMessage: (request) => unpackMessage(request, tools),
    unpackVerification: (request) => unpackVerification(request, validator),
    examine: (request) => examine(request, tools),
    validate: (request) => validateOperation(request, tools),
    open: openKept,
    write: (request) => writeServed(request, definitions),
    view: async ({ bytes, known, baseUrl, halt, xmlSeal, glass, locale, medium, ...document }) => {
      const { leaf, mediaType, evidence } = document;
      const read = { deposit: parseDepositRecord(evidence.deposit), resource: readKept({ bytes, mediaType, leaf }, STORED_READ_LIMITS, definitions) };
      const sealCertificates = await tools.sealCertificates();
      const presented = { ...(await present({ ...document, ...read }, { known, keys: { sealCertificates }, baseUrl })), xmlSeal, glass };
      const pages = await tools.pages(halt);
      return viewOf(presented, pages, { locale, medium });
    },
    viewSent: async (request) => viewSent(request, validator, await tools.pages(undefined)),
    judge: async ({ deposit, ...kept }) => {
      const pages = await tools.pages(undefined);
      await pages.judge(readKeptDocument(kept, parseDepositRecord(deposit), definitions));
    },
    file: ({ number, ...kept }) => {
      const found = attachedFile(readKept(kept, STORED_READ_LIMITS, definitions), number);
      // A buffer of its own, which can be moved to another thread.
      return { file: found && { bytes: Uint8Array.from(Buffer.from(found.data, "base64")), contentType: found.contentType } };
    },
    xmlDigest: (kept) => {
      const form = canonicalXmlDocument(readKept(kept, STORED_READ_LIMITS, definitions), definitions);
      return typeof form === "string" ? { none: form } : { digest: toBase64(sha256(form)) };
    },
    audit: async ({ isWhole, ...kept }) => {
      // That a key was ended says nothing against what the record has.
      const seals = (await tools.sealCertificates()).map((one) => ({ ...one, ended: undefined }));
      const describe = (document: DocumentBundle, facts: DocumentFacts): Description => tools.describeWhole(document, facts, isWhole);
      return auditDocument(kept, { definitions, faultOfSeal: createSealAuditor(seals), describe });
    },
    extract: ({ deposit, ...kept }) => {
      const record = parseDepositRecord(deposit);
      return { extracted: tools.extract(readKeptDocument(kept, record, definitions), record.submitted) };
    },
    project: ({ documents }) => ({ projected: documents.map((request) => projectKept(request, tools, known)) }),
    introspect: async (question) => new TextEncoder().encode(await tools.introspect(question)),
    finish: ({ printed, facts }) => finishPdf(printed, facts),
    verify: ({ isOwnTrust = false, ...request }) =>
      verifyHeld({ ...request, definitions, answerSignatures: isOwnTrust ? answerByOwn : answerSignatures }),
  };
}
