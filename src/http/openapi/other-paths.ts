/** The routes beside FHIR, each a row: the log, the ways in, health, and the pages that services have by themselves too. */
import { content, form, nothing, page, parameter, query, resource, type DescribedRoute, type Piece } from "./described.ts";

const TEXT: Piece = { type: "string" };
const FILE: Piece = { type: "string", contentMediaType: "application/octet-stream", description: "A file, or its text" };
export const LED: Readonly<Record<number, Piece>> = { 303: nothing("Leads on to another page") };
export const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";
export const DOCUMENT_FORM = form(MULTIPART, { document: FILE }, ["document"]);

export const fields = (...names: readonly string[]): Readonly<Record<string, Piece>> => Object.fromEntries(names.map((name) => [name, TEXT]));
export const queries = (names: readonly string[], description: string): Piece[] => names.map((name) => query(name, description));

export type More = Omit<DescribedRoute, "method" | "pattern" | "id" | "summary" | "area">;
/** Routes of an area, by method and pattern. */
export type Rows = Readonly<Record<string, readonly [id: string, summary: string, more: More]>>;

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

/** What the service says of itself, as FHIR has it. */
export const METADATA_ROWS: Rows = {
  "GET /fhir/metadata": [
    "readCapabilities",
    "The CapabilityStatement",
    {
      parameters: [
        ...["_format", "_pretty", "If-None-Match"].map(parameter),
        query("mode", "full, normative or terminology", { enum: ["full", "normative", "terminology"] }),
      ],
      answers: { 200: resource("The statement"), 304: nothing("The client has it already") },
    },
  ],
};

/** Where anybody verifies a file that they hold. */
export const VERIFY_ROWS: Rows = {
  "GET /verify": ["verifyForm", "Where a file can be verified", { answers: { 200: page("A form") } }],
  "POST /verify": [
    "verifyFile",
    "Verifies a PDF or a document; nothing of it is kept",
    {
      body: form(MULTIPART, { document: FILE, receipt: FILE, trust: FILE, record: FILE }, ["document"]),
      answers: { 200: content("The report", "text/html", "application/json") },
    },
  ],
};

/** The same to take along. */
export const VERIFIER_ROWS: Rows = {
  "GET /verify.html": [
    "verifierFile",
    "The whole verifier as one file, which works offline",
    { answers: { 200: content("The file", "text/html") }, refusals: [404] },
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
    { body: form(MULTIPART, { document: FILE, ...fields("profile") }, ["document"]), answers: { 200: page("What is to be said") } },
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
          description: "The last entry that was seen; -1 of an empty log",
          schema: { type: "string", pattern: "^(-1|0|[1-9][0-9]{0,14})$" },
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

/** The rows of one area. */
export function rowsOf(area: DescribedRoute["area"], rows: Rows): DescribedRoute[] {
  return Object.entries(rows).map(([name, [id, summary, more]]) => {
    const [method, pattern = ""] = name.split(" ");
    return { method: method as DescribedRoute["method"], pattern, id, summary, area, ...more };
  });
}
