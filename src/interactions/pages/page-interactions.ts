import type { Asked } from "../../core/asked.ts";
import type { Content, DocumentMediaType } from "../../pipeline/document-forms.ts";
import type { VerificationReport } from "../../pipeline/verify/report.ts";
import type { HandedFile } from "../../pipeline/work/tasks.ts";
import type { Access } from "../../security/access.ts";
import type { TrailOf } from "../../security/policy/permitted.ts";
import { readAttachedFile } from "./attached-file.ts";
import { browseDocuments, type BrowseNeeds, type Listing, type ListingQuestion } from "./browse-documents.ts";
import { checkFile, type CheckedFile } from "./check-file.ts";
import type { VerdictNeeds } from "../fhir/deposit-verdict.ts";
import { mayDeposit, type MayDepositNeeds } from "./may-deposit.ts";
import { patientDocuments, patientOfDocument, type PatientAnswer } from "./patient-documents.ts";
import {
  byOwnTrust,
  readDepositRecord,
  readProof,
  verifyDocument,
  verifyHeldFile,
  type HeldFile,
  type ProofForm,
  type VerifyNeeds,
} from "./verify-document.ts";
import type { PrintChoice, PrintNeeds } from "./print-document.ts";
import { renditionOf, type Rendition } from "./rendition.ts";
import { viewDocument, weightOfView, type Viewing } from "./view-document.ts";

/** What the questions behind the pages are answered with. */
export type PageNeeds = VerdictNeeds & PrintNeeds & VerifyNeeds & BrowseNeeds & MayDepositNeeds & { readonly access: Access };

/** What people ask through the pages. A deposit is not among them: the form goes through the same interaction as everybody else. */
export interface PageInteractions {
  browse(asked: Asked, question: ListingQuestion): Promise<Listing>;
  /** The documents of a patient; `page`: what `next` of the page before was. */
  patient(asked: Asked, id: string, page: string | undefined): Promise<PatientAnswer>;
  /** The id of the patient whom a document is about. */
  patientOf(asked: Asked, documentId: string): Promise<string>;
  /** Whose audit trail whoever asks may read: pages lead there. */
  trailOf(asked: Asked): Promise<TrailOf>;
  /** Those of the documents that whoever asks may read. */
  listed(asked: Asked, ids: readonly string[]): ReturnType<PageNeeds["reader"]["listed"]>;
  /** About how many bytes are opened to show a document, to print or to verify it. */
  weight(asked: Asked, id: string): Promise<number>;
  view(asked: Asked, id: string, locale: string): Promise<Viewing>;
  rendition(asked: Asked, id: string, choice: PrintChoice): Promise<Rendition>;
  verify(asked: Asked, id: string): Promise<VerificationReport>;
  verifyFile(asked: Asked, held: HeldFile): Promise<VerificationReport>;
  /** What proves that the log has a document, for people to keep. */
  proof(asked: Asked, id: string, form: ProofForm): Promise<string>;
  depositRecord(asked: Asked, id: string): Promise<string>;
  /** A file that stands within a document, by its number. */
  file(asked: Asked, id: string, number: number): Promise<HandedFile>;
  check(asked: Asked, content: Content<DocumentMediaType>, profile?: string): Promise<CheckedFile>;
  /** Whether the form to deposit is for them. */
  mayDeposit(asked: Asked): Promise<boolean>;
}

export function pageInteractions(using: PageNeeds): PageInteractions {
  return {
    browse: (asked, question) => browseDocuments(asked, question, using),
    patient: (asked, id, page) => patientDocuments(asked, id, page, using),
    patientOf: (asked, documentId) => patientOfDocument(asked, documentId, using),
    trailOf: async (asked) => (await using.access.grantOf(asked)).trailOf,
    listed: (asked, ids) => using.reader.listed(asked, ids),
    weight: (asked, id) => weightOfView(asked, id, using),
    view: (asked, id, locale) => viewDocument(asked, id, locale, using),
    rendition: (asked, id, choice) => renditionOf(asked, id, choice, using),
    verify: (asked, id) => verifyDocument(asked, id, using),
    verifyFile: (asked, held) => verifyHeldFile(asked, held, byOwnTrust(using)),
    file: (asked, id, number) => readAttachedFile(asked, id, number, using),
    proof: (asked, id, form) => readProof(asked, id, form, using),
    depositRecord: (asked, id) => readDepositRecord(asked, id, using),
    check: (asked, content, profile) => checkFile(asked, content, using, profile),
    mayDeposit: (asked) => mayDeposit(asked, using),
  };
}
