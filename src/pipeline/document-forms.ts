/**
 * The forms that a document passes through on its way in: Submission -> Received -> Validated -> Prepared -> Sealed -> Stored. Each stage takes one
 * form and gives the next; no stage knows another.
 */
import type { Asked } from "../core/asked.ts";
import type { RecordedProfiles } from "../core/formats/deposit-profiles.ts";
import type { RelaxedDecision } from "../core/formats/deposit-record.ts";
import type { DecidedReference, DocumentBundle } from "../core/fhir/document-bundle.ts";
import type { Issue } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { RaisedConfidentiality } from "../core/fhir/security-labels.ts";
import type { DocumentMediaType, FhirMediaType } from "../core/fhir/reading/fhir-media-type.ts";
import type { SourceText } from "../core/fhir/reading/source-text.ts";
import type { DocumentIdentifier } from "../core/formats/identifier.ts";
import type { SubmittedMetadata } from "../core/formats/submitted.ts";

export type { DocumentMediaType, FhirMediaType } from "../core/fhir/reading/fhir-media-type.ts";

/** What somebody sent, before anything is known about it: FHIR's own forms, and of documents signed messages too. */
export interface Content<MediaType extends DocumentMediaType = FhirMediaType> {
  readonly bytes: Uint8Array;
  readonly mediaType: MediaType;
}

/** What somebody sent to be deposited: who, and when it was received, go into its record. */
export interface Submission extends Content<DocumentMediaType> {
  readonly receivedAt: Date;
  readonly asked: Asked;
  /** The id that it gets, where that is known before: a fresh UUID. */
  readonly id?: string;
  /** What its source says of it (IHE MHD). */
  readonly submitted?: SubmittedMetadata;
}

/** Bytes that could be read as a resource. */
export interface Received<MediaType extends DocumentMediaType = FhirMediaType> extends Content<MediaType> {
  readonly source: SourceText;
  readonly resource: JsonObject;
  /** What the reader noticed on the way: order of XML elements, a byte order mark, ... */
  readonly readingIssues: readonly Issue[];
}

/** A document that breaks no rule of severity error. `issues` holds the warnings and information under which it was accepted. */
export interface Validated extends Received<DocumentMediaType> {
  readonly document: DocumentBundle;
  readonly issues: readonly Issue[];
  /** The policy under which it was accepted, of the several that there may be for documents of some types or submitters. */
  readonly policy: PolicyFacts;
  /** The rules that the policy let pass; without one it keeps R4. */
  readonly relaxed: readonly RelaxedRule[];
  /** What the policy decided about references. */
  readonly decided: readonly DecidedReference[];
  /** Under which packages, and what came of profiles; undefined where nobody asked for any. */
  readonly profiles?: RecordedProfiles | undefined;
}

/** What deposit records tell of a policy: its name, and the version of the rules it applies to. */
export interface PolicyFacts {
  readonly version: string;
  readonly rules: string;
}

/** A rule that a policy let pass, and how often it was broken. */
export type RelaxedRule = Omit<RelaxedDecision, "by">;

export type { SealTime, SignatureCheck, XmlSealShown } from "../core/signatures/signature-check.ts";

/** What is shown of a document where it is named: in lists, and on documents that relate to it. Derived from it; holds patient data. */
export interface DocumentSummary {
  readonly id: string;
  readonly title: string;
  /** Composition.type as a person reads it. */
  readonly type: string;
  readonly status: string;
  readonly language?: string;
  /** Bundle.timestamp and Composition.date as sent. */
  readonly timestamp: string;
  readonly date: string;
  /** When the repository received it: an instant in UTC with milliseconds. */
  readonly receivedAt: string;
  readonly patientName?: string;
  readonly patientBirthDate?: string;
  readonly patientIdentifiers: readonly { readonly system?: string; readonly value: string }[];
  readonly authors: readonly string[];
  readonly custodian?: string;
  /** The highest confidentiality above normal that a label of it says, and whether it says that it is test data. Absent in summaries made before they were read. */
  readonly confidentiality?: RaisedConfidentiality;
  readonly isTest?: true;
}

/** By what a document is recognised when it comes again. */
export interface Identity {
  readonly identifier: DocumentIdentifier;
  readonly sameness: Sameness;
  /** Of one that carries a signature: the digest of that, and of what it would have without one, to tell it from a document of ours that is sent back with our seal. */
  readonly carried?: { readonly signature: string; readonly unsigned: string };
}

/**
 * A valid document with everything that is made of the whole of it, for which no key was needed but its own. What is left to do takes the same time however long it is, so that this may be made
 * in another thread than the one that holds the keys.
 */
export interface Prepared {
  readonly id: string;
  /** An instant in UTC with milliseconds. */
  readonly receivedAt: string;
  readonly identity: Identity;
  readonly submittedDigest: string;
  /** The deposit record's text. */
  readonly deposit: string;
  /** The protected header of the seal, and what its signature is over: the header and the canonical form. */
  readonly sealHeader: string;
  readonly sealInput: Uint8Array;
  readonly encryptedContent: Uint8Array;
  /** What the index takes from it: data, which only the index looks into. */
  readonly description: Description;
}

/** What is known of a document beside what it says. */
export interface DocumentFacts {
  readonly id: string;
  /** An instant in UTC with milliseconds. */
  readonly receivedAt: string;
  readonly mediaType: string;
  /** What its source said of it (IHE MHD). */
  readonly submitted?: SubmittedMetadata | undefined;
}

/** What the index takes from a document (search/index-port.ts, Described), which nobody in the pipeline looks into. */
export interface Description {
  readonly summary: DocumentSummary;
}

/** Digests that tell a repeat of a deposit from a conflict (docs/design.md, Identity). All `sha256:` + lower-case hex. */
export interface Sameness {
  readonly canonical: string;
  readonly signature: string;
  readonly meta: string;
}

/** A document with its seal, encrypted, ready to be entered in the log. Its key is kept by then, wrapped (store/document-keys.ts). */
export interface Sealed {
  readonly id: string;
  /** An instant in UTC with milliseconds. */
  readonly receivedAt: string;
  /** Keyed hash of Bundle.identifier: unique over all documents for ever, also after erasure. Lower-case hex. */
  readonly identityKey: string;
  readonly sameness: Sameness;
  /** The log's leaf: canonical JSON, UTF-8 (docs/formats.md). */
  readonly leaf: Uint8Array;
  /** The submitted bytes, encrypted with the document's own key. */
  readonly encryptedContent: Uint8Array;
  /** Evidence (deposit record, seal, salt, media type, signature checks) as JSON, encrypted with the same key. */
  readonly encryptedEvidence: Uint8Array;
}

/** Where in the log a document stands. Public: no patient data. */
export interface LogPosition {
  readonly index: number;
  readonly treeSize: number;
  /** The signed note (C2SP tlog-checkpoint) of that tree. */
  readonly checkpoint: string;
}

/** What stands against deposits; everything can still be read and proved. `text` is for whoever operates the service. */
export interface Halt {
  /** The log is not what it was, the files of the store are not, a key is missing that wraps documents' keys, the clock is behind the log, or seals would not count. */
  readonly kind: "log" | "store" | "keys" | "clock" | "seal";
  readonly text: string;
}
