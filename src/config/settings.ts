/** Every setting by its name, with its default and its meaning: the README's table is made from it. */
import { ACCESS_SETTINGS } from "./access-settings.ts";
import { FEED_SETTINGS } from "./feed-settings.ts";
import { TERMINOLOGY_SETTINGS } from "./terminology-settings.ts";
import { IMPORT_SETTINGS } from "./import-settings.ts";
import { REVOCATION_SETTINGS } from "./revocation-settings.ts";
import { EVIDENCE_SETTINGS } from "./evidence-settings.ts";
import { SIGNER_SETTINGS } from "./signer-settings.ts";
import { VAULT_SETTINGS } from "./vault-settings.ts";
import { WITNESS_SETTINGS } from "./witness-settings.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const TRACE_SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
/** As OpenTelemetry calls them. */
export type TraceSampler = (typeof TRACE_SAMPLERS)[number];

/** One setting as a person reads it; the README's table is held to these by a test. */
export interface Setting {
  readonly name: string;
  /** The default as text; empty: none. */
  readonly default: string;
  readonly meaning: string;
}

export const SETTINGS = {
  HOST: { default: "127.0.0.1", meaning: "Address to listen on. Anything but loopback needs access control (`ACCESS`)" },
  PORT: { default: "8080", meaning: "Port to listen on; `0` picks a free one" },
  DATA_DIR: { default: "./data", meaning: "Folder of the database and the keys: back it up, keep it private" },
  KEYS_DIR: { default: "", meaning: "Folder of the keys, where they are kept apart from the database; without one `keys` in `DATA_DIR`" },
  LOG_ORIGIN: {
    default: "",
    meaning:
      "The log's name for ever, such as `documents.example.org/log`, if keys are made now (`chartulary init`, or the first start); without one it gets a name that nobody else has. Set to another name later, nothing starts",
  },
  WATERMARK_FILE: {
    default: "",
    meaning: "File of the log's high-water mark, by which an older copy of the database is noticed; without one `watermark` beside the keys",
  },
  ERASURES_FILE: {
    default: "",
    meaning:
      "File that lists what was erased, so that an older copy of the database does not bring it back; without one `erasures` beside the keys. Put it into no backup",
  },
  MAX_CLOCK_SKEW_SECONDS: {
    default: "10",
    meaning: "By how many seconds the machine's clock may be behind the newest entry of the log; further behind, nothing is deposited",
  },
  BASE_URL: {
    default: "",
    meaning:
      "The address that others reach the service by, such as `https://documents.example.org`, with a path if a proxy has us below one; written into links, and its Host the only one besides loopback that is answered",
  },
  MAX_DOCUMENT_BYTES: { default: "50MB", meaning: "Largest document accepted: a number of bytes, or with `kB`, `MB`, `KiB`, `MiB`" },
  MAX_IN_FLIGHT_BYTES: {
    default: "",
    meaning:
      "Bytes of requests (inflated) that are held in memory at once, and as many of answers; beyond it `503`. At least `MAX_DOCUMENT_BYTES`; without it four times that",
  },
  MAX_SPOOL_BYTES: {
    default: "",
    meaning:
      "Bytes of requests above 256 KiB that are held on disk while they arrive, encrypted, below `DATA_DIR`; beyond it `503`. Without it forty times `MAX_DOCUMENT_BYTES`",
  },
  MAX_RENDITION_BYTES: {
    default: "500MB",
    meaning: "Bytes of PDFs that are kept below `DATA_DIR` for who asks again, each encrypted under its document's key; `0`: none",
  },
  MAX_CONNECTIONS: { default: "1000", meaning: "Open connections; for a new one beyond it, an idle one is closed" },
  RATE_LIMIT: {
    default: "0",
    meaning:
      "Requests a second that one client or person may send on average, once it is proved who that is, and one address of those who are not proved; five seconds' worth at once; beyond it `429`. `0`: no limit. Behind a proxy that `PROXY_ADDRESSES` does not name all strangers are one address",
  },
  ADMIN_PORT: {
    default: "0",
    meaning: "Port of a listener with a thread of its own, for `/healthz` (of the main loop), `/readyz` and `/metrics` (Prometheus); `0`: none",
  },
  ADMIN_HOST: { default: "127.0.0.1", meaning: "Address of that listener; it has no access control" },
  LOG_LEVEL: { default: "info", meaning: `One of \`${LOG_LEVELS.join("`, `")}\`` },
  ...IMPORT_SETTINGS,
  ...ACCESS_SETTINGS,
  ...FEED_SETTINGS,
  ...TERMINOLOGY_SETTINGS,
  ...WITNESS_SETTINGS,
  ...SIGNER_SETTINGS,
  ...VAULT_SETTINGS,
  NODE_ENV: { default: "", meaning: "`production` leaves the sample documents out, and needs access control (`ACCESS`)" },
  PUPPETEER_EXECUTABLE_PATH: { default: "", meaning: "Browser that makes PDFs; else an installed Chrome or Chromium, else the one from npm" },
  BROWSER_SANDBOX: {
    default: "",
    meaning: "`0` runs that browser without its own sandbox, for containers that forbid it one; as root it never has one",
  },
  PAPER: {
    default: "",
    meaning: "Paper of PDFs, `a4` or `letter`; without one by the region of the reader's language. `?paper=` asks for the other",
  },
  BULK_EDITION: {
    default: "2.0",
    meaning: "Edition of Bulk Data Access that `$export` speaks: `2.0` with what 3.0 added, or `4.0` as it was balloted (no GET, no comma lists)",
  },
  PACKAGES_DIR: {
    default: "",
    meaning:
      "Folder of FHIR packages (`.tgz`) that documents are held against, with `packages.json` where there are several sets (docs/operating.md, Packages); without one R4 alone, and of profiles that documents declare is said that they were not checked. `chartulary packages` fills it",
  },
  POLICY: {
    default: "strict",
    meaning:
      "Which documents are taken that do not keep R4: `strict` (none), `form` (what is wrong in form alone), `references` (besides, references are told by type and id), or a policy file, by type of document and submitter where wanted (docs/rules.md); `docs/policies` has examples for national programmes",
  },
  POLICY_FILE: { default: "", meaning: "The same, as a path alone, under its earlier name" },
  SIGNATURE_POLICY: {
    default: "record",
    meaning:
      "What is demanded of the signatures that documents come with: `record` (nothing: what they are worth is recorded), `require-valid`, `require-trusted` (needs `TRUST_FILE`), or a policy file that says it by type of document (docs/rules.md)",
  },
  ACCESS_POLICY: {
    default: "",
    meaning: "Policy file that says who may do what (docs/access-policy.md); without one the policy for small houses that stands there",
  },
  RETENTION_POLICY: {
    default: "",
    meaning: "Policy file that says how long documents are kept, for `chartulary retention` (docs/operating.md); without one they are kept for ever",
  },
  TRUST_FILE: {
    default: "",
    meaning: "Trust file whose `signers` senders' certificates must lead to (docs/formats.md); without one every signer is reported as not checked",
  },
  ...REVOCATION_SETTINGS,
  TSA_URL: {
    default: "",
    meaning:
      "Address of a time-stamp authority (RFC 3161), which stamps the log, XML seals (XAdES B-T) and the signatures of PDFs (PAdES B-T); needs `TSA_TRUST_FILE`",
  },
  TSA_TRUST_FILE: {
    default: "",
    meaning: "PEM file of the certificates that its time-stamps must lead to; `/trust.json` then names them as `timeAuthorities`",
  },
  TSA_POLICY: {
    default: "",
    meaning: "Policy that time-stamps are asked for under, an object identifier such as `1.2.3.4`; without one the authority's own",
  },
  ...EVIDENCE_SETTINGS,
  XML_SEALS: {
    default: "1",
    meaning: "`0` makes no XML seals (XML-DSig with XAdES) behind the deposits, each of which is an entry of the log; those that are there stay",
  },
  PATIENT_SYSTEMS: {
    default: "",
    meaning:
      "Identifier systems that are unique to a person, separated by blanks, such as `https://fhir.nhs.uk/Id/nhs-number`: by them, and by nothing else, two documents are known to be about the same patient",
  },
  IDENTITY_FEED: {
    default: "0",
    meaning:
      "`1` takes what an identity feed says about who is who (IHE ITI-104, `PUT /fhir/Patient?identifier=…`), from whoever reaches the service; needs `PATIENT_SYSTEMS`",
  },
  FULL_TEXT: {
    default: "1",
    meaning: "`0` leaves out of the index the words of documents: the search parameters `_text` and `_content` find nothing then",
  },
  CACHE_DIR: {
    default: "~/.cache/chartulary",
    meaning:
      "Private folder for what is made again when it is gone: the unpacked browser and its font cache, compiled code. If others may write to it, no code is kept there",
  },
  MONGODB_URL: {
    default: "",
    meaning:
      "Database that the repository is kept in, such as `mongodb://user:password@host1,host2,host3/chartulary?replicaSet=rs0&authSource=admin`: a replica set or sharded cluster of MongoDB 6.0 or later, made ready by `chartulary mongo init`. Without one: SQLite in `DATA_DIR`",
  },
  MONGODB_ADMIN_URL: {
    default: "",
    meaning: "The same for an administrator of that database, for `chartulary mongo init` and `chartulary store sweep` alone; the service needs none",
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    default: "",
    meaning:
      "Address that traces are sent to by OTLP over HTTP, such as `http://127.0.0.1:4318`; without one there are none. `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `_HEADERS`, `_TIMEOUT`, `_COMPRESSION`, `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` are heeded too",
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: { default: "", meaning: "The whole address of the same, its path included" },
  OTEL_TRACES_SAMPLER: { default: "parentbased_always_on", meaning: `Which traces are told: \`${TRACE_SAMPLERS.join("`, `")}\`` },
  OTEL_TRACES_SAMPLER_ARG: { default: "1", meaning: "For the samplers by ratio: of how many, between `0` and `1`" },
  OTEL_SDK_DISABLED: { default: "0", meaning: "`1` sends no traces, whatever else is set" },
} as const satisfies Readonly<Record<string, Omit<Setting, "name">>>;

/** Settings that there were, and what came of each: nobody reads them any more. */
export const ENDED_SETTINGS: Readonly<Record<string, string>> = {
  ALLOW_UNAUTHENTICATED:
    "ALLOW_UNAUTHENTICATED does nothing any more: a service that others can reach has access control (ACCESS=embedded or ACCESS=oidc)",
};
