/** The pages for people, and what they lead to, each a row. */
import { AUDIT_FIELDS } from "../../pipeline/render/pages/audit-shown.ts";
import { FINDER_FIELDS } from "../../pipeline/render/pages/finder-form.ts";
import { content, form, page, query, type Piece } from "./described.ts";
import {
  ASSET_ROWS,
  CHECK_ROWS,
  DOCUMENT_FORM,
  fields,
  LED,
  queries,
  URLENCODED,
  VERIFIER_ROWS,
  VERIFY_ROWS,
  type More,
  type Rows,
} from "./other-paths.ts";

const TEXT: Piece = { type: "string" };
const ID: Piece = { type: "string", description: "The id of a document" };
const PAGED = [query("page", "Which page", { type: "integer", minimum: 1 })];

export const PAGE_ROWS: Rows = {
  "GET /": [
    "startPage",
    "The documents that one may read, and a form to find them",
    {
      parameters: [
        ...queries(["q", "before", "page"], "What is looked for, and where it goes on"),
        ...queries(FINDER_FIELDS, "A field of the finder"),
      ],
      answers: { 200: page("The page") },
    },
  ],
  "GET /documents": ["documentsPage", "Leads to the start page", { answers: LED }],
  "POST /documents": ["submitFile", "Deposits a document, as a person does", { body: DOCUMENT_FORM, answers: LED, refusals: [409, 410, 422] }],
  "GET /check": ["checkForm", "Leads to the start page", { answers: LED }],
  ...CHECK_ROWS,
  ...VERIFY_ROWS,
  ...VERIFIER_ROWS,
  "GET /documents/:id": ["documentPage", "The attested view of a document", ofDocument({ 200: page("The page") })],
  "GET /documents/:id.pdf": [
    "documentPdf",
    "The same as a PDF, signed, with the document within",
    { ...ofDocument({ 200: content("The PDF", "application/pdf") }), parameters: [query("paper", "The paper", { enum: ["a4", "letter"] })] },
  ],
  "GET /documents/:id.tlog-proof": [
    "documentProof",
    "Its proof in the log (C2SP tlog-proof)",
    ofDocument({ 200: content("The proof", "text/plain") }),
  ],
  "GET /documents/:id/verify": [
    "documentReport",
    "Whether it is what was deposited",
    ofDocument({ 200: content("The report", "text/html", "application/json") }),
  ],
  "GET /documents/:id/receipt": [
    "documentReceipt",
    "Its receipt, by which anybody proves it",
    ofDocument({ 200: content("The receipt", "application/json") }),
  ],
  "GET /documents/:id/record": ["depositRecord", "The record of its deposit", ofDocument({ 200: content("The record", "application/json") })],
  "GET /documents/:id/patient": ["documentPatient", "Leads to the page of its patient", ofDocument(LED)],
  "GET /documents/:id/files/:number": [
    "documentFile",
    "A file that stands within it",
    { ...ofDocument({ 200: content("The file", "*/*") }), pieces: { id: ID, number: TEXT } },
  ],
  "GET /patients/:id": ["patientPage", "All documents of a patient", { parameters: PAGED, answers: { 200: page("The page") }, refusals: [404, 410] }],
  "GET /glass": [
    "glassForm",
    "Where the glass is broken, in an emergency",
    { parameters: [query("document", "Whose patient it is about")], answers: { 200: page("A form") } },
  ],
  "POST /glass": [
    "breakGlass",
    "Breaks the glass of one patient, for a time, by a reason",
    { body: form(URLENCODED, fields("system", "value", "document", "reason", "text")), answers: LED, refusals: [404, 422] },
  ],
  "POST /glass/:id/end": ["endGlass", "Ends it before its time", { answers: LED, refusals: [404, 410] }],
  "GET /audit/glass": ["glassPage", "What was broken, for those responsible", { parameters: PAGED, answers: { 200: page("The page") } }],
  "GET /jobs": ["jobsPage", "How work stands that goes on behind requests", { answers: { 200: page("The page") } }],
  "POST /jobs/:name/cancel": [
    "cancelJob",
    "Ends a job, as a person does",
    { answers: { 200: page("The page, with what came of it") }, refusals: [403, 404] },
  ],
  "GET /subscriptions": ["subscriptionsPage", "How subscriptions stand", { parameters: PAGED, answers: { 200: page("The page") } }],
  "POST /subscriptions/:id/test": [
    "testSubscription",
    "Sends a receiver a test",
    { answers: { ...LED, 200: page("What came of it") }, refusals: [404, 410, 422] },
  ],
  ...ASSET_ROWS,
};

/** Where the audit trail can be read. */
export const AUDIT_ROWS: Rows = {
  "GET /audit": [
    "auditPage",
    "Who saw what",
    { parameters: queries([...AUDIT_FIELDS, "page"], "A field of the form, and where it goes on"), answers: { 200: page("The page") } },
  ],
  "GET /audit/anomalies": [
    "anomaliesPage",
    "What is unusual in it",
    { parameters: queries(["page"], "Where it goes on"), answers: { 200: page("The page") } },
  ],
  "GET /audit/patients/:id": [
    "disclosuresPage",
    "Who saw what of a patient",
    { parameters: PAGED, answers: { 200: page("The page") }, refusals: [404] },
  ],
  "GET /audit/patients/:id.pdf": [
    "disclosuresPdf",
    "The same as a PDF",
    { answers: { 200: content("The PDF", "application/pdf") }, refusals: [404] },
  ],
};

function ofDocument(answers: Readonly<Record<number, Piece>>): More {
  return { pieces: { id: ID }, answers, refusals: [404, 410] };
}
