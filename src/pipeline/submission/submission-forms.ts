/** A submission of documents with their metadata (IHE MHD: ITI-65, ITI-105), as it was read: data, for any thread. */
import type { Told } from "../admission.ts";
import type { Content, FhirMediaType } from "../document-forms.ts";

/** One that keeps every rule that it can be held against by itself. */
export interface ReadSubmission {
  readonly kind: "submission";
  readonly transaction: "provide" | "simplified";
  readonly mediaType: FhirMediaType;
  /** Of the body as it was sent, and of its canonical JSON, by which it is known again however it is written. */
  readonly digest: string;
  readonly canonical: string;
  /** What the SubmissionSet is called by. */
  readonly identifiers: readonly SubmittedIdentifier[];
  readonly documents: readonly SubmittedDocument[];
  /** The SubmissionSet first, then folders. */
  readonly lists: readonly SubmittedList[];
  /** References whose status the source sets to superseded. */
  readonly patches: readonly { readonly entry: number; readonly target: string }[];
  /** In order; each says what it brought. */
  readonly entries: readonly SubmittedEntry[];
  /** What is kept of the body, and where documents stood in it; documents by their place in `documents`. */
  readonly kept: Uint8Array;
  readonly pieces: readonly CutPiece[];
  readonly warnings: readonly { readonly entry: number; readonly text: string }[];
}

export interface SubmittedIdentifier {
  readonly system?: string;
  readonly value: string;
}

export interface SubmittedDocument {
  /** The entry of its DocumentReference. */
  readonly entry: number;
  /** The entry of the Binary or Bundle that it came in; undefined where it stood in the DocumentReference. */
  readonly contentEntry: number | undefined;
  readonly content: Content;
  /** Whether it came as a Binary. */
  readonly isBinary: boolean;
  /** The DocumentReference without the document: FHIR's JSON form. */
  readonly reference: string;
  readonly relatesTo: readonly { readonly code: string; readonly reference: string | undefined }[];
  readonly subject: SubmittedSubject | undefined;
}

export interface SubmittedList {
  readonly entry: number;
  /** FHIR's JSON form. */
  readonly text: string;
  readonly subject: SubmittedSubject | undefined;
}

/** Whom a resource of the submission is about, as far as the submission says it. */
export interface SubmittedSubject {
  readonly reference: string | undefined;
  /** Whether that leads to a Patient of the submission. */
  readonly isWithin: boolean;
  /** Of the reference, and of the Patient in the submission that it leads to. */
  readonly identifiers: readonly SubmittedIdentifier[];
}

export interface SubmittedEntry {
  /** Its place in the request. */
  readonly entry: number;
  readonly fullUrl: string | undefined;
  readonly brings: "reference" | "document" | "list" | "patient" | "patch";
  /** Of a reference, document or list: its place among those of the submission. */
  readonly at: number;
}

export interface CutPiece {
  /** Before which byte of what is kept. */
  readonly at: number;
  readonly document: number;
  readonly form: "bytes" | "base64";
  readonly from?: number;
  readonly to?: number;
}

/** One that is refused: every fault names its entry. */
export interface FaultySubmission extends Told {
  readonly kind: "faulty-submission";
}

/** Where ITI-65 says which metadata it has. */
export const PROVIDE_PROFILES = {
  minimal: "Minimal.ProvideBundle",
  comprehensive: "Comprehensive.ProvideBundle",
  uncontained: "UnContained.Comprehensive.ProvideBundle",
} as const;
export type ProvideProfile = keyof typeof PROVIDE_PROFILES;
