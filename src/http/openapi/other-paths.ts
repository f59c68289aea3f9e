/** The routes beside FHIR, each a row: pages for people, the log, the ways in, health. */
import { AUDIT_FIELDS } from "../../pipeline/render/pages/audit-shown.ts";
import { FINDER_FIELDS } from "../../pipeline/render/pages/finder-form.ts";
import { content, form, nothing, page, parameter, query, type DescribedRoute, type Piece } from "./described.ts";

const TEXT: Piece = { type: "string" };
const FILE: Piece = { type: "string", contentMediaType: "application/octet-stream", description: "A file, or its text" };
const ID: Piece = { type: "string", description: "The id of a document" };
const LED: Readonly<Record<number, Piece>> = { 303: nothing("Leads on to another page") };
const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";
const DOCUMENT_FORM = form(MULTIPART, { document: FILE }, ["document"]);
const PAGED = [query("page", "Which page", { type: "integer", minimum: 1 })];

const fields = (...names: readonly string[]): Readonly<Record<string, Piece>> => Object.fromEntries(names.map((name) => [name, TEXT]));
const queries = (names: readonly string[], description: string): Piece[] => names.map((name) => query(name, description));

type More = Omit<DescribedRoute, "method" | "pattern" | "id" | "summary" | "room">;
type Rows = Readonly<Record<string, readonly [id: string, summary: string, more: More]>>;

/** Whether it lives and works. */
export const HEALTH_ROWS: Rows = {
  "GET /healthz": ["health", "The process answers", { answers: { 200: content("It does", "application/json") } }],
  "GET /readyz": [
    "readiness",
    "Whether it takes work now, and why not",
    { answers: { 200: content("It does", "application/json"), 503: content("It does not, and why", "application/json") } },
  ],
  "GET /openapi.json": [
    "openapi",
    "This document",
    {
      parameters: [parameter("If-None-Match")],
      answers: { 200: content("OpenAPI 3.1", "application/json"), 304: nothing("The client has it already") },
    },
  ],
};

/** Where anybody verifies a file that they hold. */
export const VERIFY_ROWS: Rows = {
  "GET /verify": ["verifyForm", "Where a file can be verified", { answers: { 200: page("A form") } }],
  "GET /verify.html": ["verifier", "The verifier for browsers as one file", { answers: { 200: page("The file") }, refusals: [404] }],
  "POST /verify": [
    "verifyFile",
    "Verifies a PDF or a document; nothing of it is kept",
    {
      body: form(MULTIPART, { document: FILE, receipt: FILE, trust: FILE, record: FILE }, ["document"]),
      answers: { 200: content("The report", "text/html", "application/json") },
    },
  ],
};

export const ASSET_ROWS: Rows = {
  "GET /assets/*name": ["asset", "Styles, fonts and scripts of the pages", { answers: { 200: content("The file", "*/*") }, refusals: [404] }],
};

/** What a person's form is checked by. */
export const CHECK_ROWS: Rows = {
  "POST /check": [
    "checkFile",
    "Tells what is to be said of a document; nothing is stored",
    { body: DOCUMENT_FORM, answers: { 200: page("What is to be said") } },
  ],
};

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

export const LOG_ROWS: Rows = {
  "GET /trust.json": ["trust", "The trust file: the keys of log and seals", { answers: { 200: content("The file", "application/json") } }],
  "GET /log/checkpoint": [
    "checkpoint",
    "The log's newest checkpoint (C2SP tlog-checkpoint)",
    { answers: { 200: content("A signed note", "text/plain") }, refusals: [404] },
  ],
  "GET /log/consistency": [
    "consistency",
    "The proof that one tree of the log grew out of another",
    {
      parameters: ["old", "size"].map((name) => ({
        ...query(name, "A number of entries", { type: "string", pattern: "^(0|[1-9][0-9]{0,14})$" }),
        required: true,
      })),
      answers: { 200: content("The proof", "text/plain") },
      refusals: [404],
    },
  ],
  "GET /log/tile/*place": [
    "logTile",
    "A tile of the log (C2SP tlog-tiles)",
    { answers: { 200: content("The tile", "application/octet-stream") }, refusals: [404] },
  ],
  "GET /log/events": [
    "logEvents",
    "The log as it grows (Server-Sent Events)",
    {
      parameters: [
        {
          name: "Last-Event-ID",
          in: "header",
          description: "The last entry that was seen",
          schema: { type: "string", pattern: "^(0|[1-9][0-9]{0,14})$" },
        },
      ],
      answers: { 200: content("Events, until the stream ends by itself", "text/event-stream") },
    },
  ],
  "GET /.well-known/jwks.json": ["keySet", "The keys of the seals (RFC 7517)", { answers: { 200: content("The keys", "application/jwk-set+json") } }],
  "GET /certificates": ["certificatesPage", "The keys and certificates, for people", { answers: { 200: page("The page") } }],
  "GET /certificates/:file": ["certificate", "One of them", { answers: { 200: content("The file", "*/*") }, refusals: [404] }],
};

export const DISCOVERY_ROWS: Rows = {
  "GET /fhir/.well-known/smart-configuration": [
    "smartConfiguration",
    "How apps get access tokens (SMART App Launch)",
    { answers: { 200: content("The configuration", "application/json") }, refusals: [404] },
  ],
};

/** Where people come in and leave. */
export const SIGN_IN_ROWS: Rows = {
  "GET /sign-in": [
    "signInPage",
    "Where people sign in",
    { parameters: [query("to", "Where they want to go")], answers: { 200: page("The page"), ...LED } },
  ],
  "GET /sign-in/start": [
    "beginSignIn",
    "Leads to an issuer",
    { parameters: queries(["issuer", "to"], "At whom, and where to go then"), answers: LED, refusals: [404] },
  ],
  "GET /sign-in/callback": [
    "endSignIn",
    "Where an issuer leads back to",
    { parameters: queries(["state", "code", "iss", "error"], "As OpenID Connect says"), answers: LED, refusals: [404] },
  ],
  "GET /sign-in/callback/:issuer": [
    "endSignInAt",
    "The same, of one of several issuers",
    { parameters: queries(["state", "code", "iss", "error"], "As OpenID Connect says"), answers: LED, refusals: [404] },
  ],
  "POST /sign-out": ["signOut", "Ends a session", { answers: LED }],
  "GET /signed-out": ["signedOutPage", "Says that one is signed out", { answers: { 200: page("The page"), ...LED } }],
  "POST /sign-in/back-channel-logout": [
    "endSessions",
    "An issuer ends sessions (OpenID Connect Back-Channel Logout)",
    { body: form(URLENCODED, fields("logout_token"), ["logout_token"]), answers: { 200: nothing("They are ended"), 204: nothing("They are ended") } },
  ],
};

/** The embedded authorization server. */
export const RECEPTION_ROWS: Rows = {
  "GET /oauth/*path": [
    "authorizationServer",
    "The authorization server: authorize, jwks and others, where smart-configuration says",
    { answers: { 200: content("What OAuth 2.0 and OpenID Connect say", "application/json", "text/html"), ...LED }, refusals: [410] },
  ],
  "POST /oauth/*path": [
    "tokens",
    "The authorization server: token, introspect, revoke, where smart-configuration says",
    {
      body: form(URLENCODED, fields("grant_type", "code", "client_assertion", "token")),
      answers: { 200: content("What OAuth 2.0 and OpenID Connect say", "application/json", "text/html"), ...LED },
      refusals: [410],
    },
  ],
  "GET /oauth/sign-in/:uid": [
    "askPerson",
    "Asks a person who they are, and whether an app may",
    { answers: { 200: page("A form"), ...LED }, refusals: [410] },
  ],
  "POST /oauth/sign-in/:uid": [
    "personAnswers",
    "What the person says",
    {
      body: form(URLENCODED, fields("name", "password", "passkey", "answer", "patient")),
      answers: { 200: page("A form"), ...LED },
      refusals: [404, 410],
    },
  ],
  "GET /oauth/invitation/:token": [
    "invitation",
    "Where somebody who was given an account chooses how to prove who they are",
    { answers: { 200: page("A form") }, refusals: [410, 422] },
  ],
  "POST /oauth/invitation/:token": [
    "acceptInvitation",
    "What they chose",
    {
      body: form(URLENCODED, fields("name", "full-name", "clinician", "way", "password", "again", "passkey")),
      answers: { 200: page("A form"), ...LED },
      refusals: [410, 422],
    },
  ],
};

/** The rows of one room. */
export function rowsOf(room: DescribedRoute["room"], rows: Rows): DescribedRoute[] {
  return Object.entries(rows).map(([name, [id, summary, more]]) => {
    const [method, pattern = ""] = name.split(" ");
    return { method: method as DescribedRoute["method"], pattern, id, summary, room, ...more };
  });
}

function ofDocument(answers: Readonly<Record<number, Piece>>): More {
  return { pieces: { id: ID }, answers, refusals: [404, 410] };
}
