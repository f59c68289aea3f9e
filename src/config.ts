import { isIP } from "node:net";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import {
  Fault,
  parsePort,
  parseSeconds,
  parsePath,
  parseSystems,
  parsePaper,
  parseSwitch,
  parseCount,
  parseBaseUrl,
  parseAddress,
  parseMongodbUrl,
  parseObjectIdentifier,
  optionalSize,
  parseSize,
  LARGEST_BUDGET,
} from "./config/values.ts";
import { AppError } from "./core/errors.ts";

/** Everything that an operator can set, read once and never changed. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Absolute. */
  readonly dataFolder: string;
  /** Absolute. */
  readonly keysFolder: string;
  /** Absolute. */
  readonly watermarkFile: string;
  /** Absolute: the list of erasures that is kept apart from the database. */
  readonly erasuresFile: string;
  /** Milliseconds. */
  readonly maxClockSkew: number;
  /** Without a slash at the end; undefined: whatever address the service listens on. */
  readonly baseUrl: string | undefined;
  readonly maxDocumentBytes: number;
  /** Bytes of requests, and as many of answers, that may be held in memory at once. */
  readonly maxInFlightBytes: number;
  /** Bytes of large requests that may wait on disk while they arrive. */
  readonly maxSpoolBytes: number;
  /** Bytes of PDFs that are kept on disk; 0: none is. */
  readonly maxRenditionBytes: number;
  readonly maxConnections: number;
  /** Requests a second from one address; 0: as many as come. */
  readonly rateLimit: number;
  /** Where health is told by a listener of its own; undefined: nowhere. */
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  readonly logLevel: LogLevel;
  readonly allowUnauthenticated: boolean;
  readonly isProduction: boolean;
  /** Absolute paths; undefined when not set. */
  readonly browserPath: string | undefined;
  /** Whether the browser runs in its own sandbox; undefined: unless we are root, whom it refuses one. */
  readonly browserSandbox: boolean | undefined;
  readonly trustFile: string | undefined;
  /** Who stamps the time of PDFs' signatures; undefined: nobody. */
  readonly timeAuthority: { readonly url: string; readonly trustFile: string; readonly policy: string | undefined } | undefined;
  readonly policyFile: string | undefined;
  readonly retentionPolicyFile: string | undefined;
  /** Identifier systems that are unique to a person. */
  readonly patientSystems: ReadonlySet<string>;
  /** Whether resources are found by the words in them (`_text`, `_content`). */
  readonly hasFullText: boolean;
  /** The paper of PDFs; undefined: by what the reader's browser says. */
  readonly paper: "a4" | "letter" | undefined;
  /** Absolute: what may be deleted and is made again, such as the unpacked browser. */
  readonly cacheFolder: string;
  /** PATH: where an installed browser is looked for. */
  readonly searchPath: string | undefined;
  /** Where the repository is kept; undefined: in SQLite, in the data folder. */
  readonly mongodbUrl: string | undefined;
  /** For the commands that make and sweep; the service never uses it. */
  readonly mongodbAdminUrl: string | undefined;
}

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One setting as a person reads it; the README's table is held to these by a test. */
export interface Setting {
  readonly name: string;
  /** The default as text; empty: none. */
  readonly default: string;
  readonly meaning: string;
}

export const SETTINGS = {
  HOST: { default: "127.0.0.1", meaning: "Address to listen on. Anything but loopback needs `ALLOW_UNAUTHENTICATED=1`" },
  PORT: { default: "8080", meaning: "Port to listen on; `0` picks a free one" },
  DATA_DIR: { default: "./data", meaning: "Folder of the database and the keys: back it up, keep it private" },
  KEYS_DIR: { default: "", meaning: "Folder of the keys, where they are kept apart from the database; without one `keys` in `DATA_DIR`" },
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
      "Requests a second that one address may send on average, five seconds' worth at once; beyond it `429`. `0`: no limit. Behind a proxy all clients are one address",
  },
  ADMIN_PORT: {
    default: "0",
    meaning: "Port of a listener with a thread of its own, for `/healthz` (of the main loop) and `/readyz`; `0`: none",
  },
  ADMIN_HOST: { default: "127.0.0.1", meaning: "Address of that listener; it has no access control" },
  LOG_LEVEL: { default: "info", meaning: `One of \`${LOG_LEVELS.join("`, `")}\`` },
  ALLOW_UNAUTHENTICATED: { default: "0", meaning: "`1` lets a service without access control listen beyond this machine" },
  NODE_ENV: { default: "", meaning: "`production` leaves the sample documents out" },
  PUPPETEER_EXECUTABLE_PATH: { default: "", meaning: "Browser that makes PDFs; else an installed Chrome or Chromium, else the one from npm" },
  BROWSER_SANDBOX: {
    default: "",
    meaning: "`0` runs that browser without its own sandbox, for containers that forbid it one; as root it never has one",
  },
  PAPER: {
    default: "",
    meaning: "Paper of PDFs, `a4` or `letter`; without one by the region of the reader's language. `?paper=` asks for the other",
  },
  POLICY_FILE: { default: "", meaning: "Policy file that changes how severe rules are (docs/rules.md); without one every rule has its own severity" },
  RETENTION_POLICY: {
    default: "",
    meaning: "Policy file that says how long documents are kept, for `chartulary retention` (docs/operating.md); without one they are kept for ever",
  },
  TRUST_FILE: {
    default: "",
    meaning: "Trust file whose `signers` senders' certificates must lead to (docs/formats.md); without one every signer is reported as not checked",
  },
  TSA_URL: {
    default: "",
    meaning: "Address of a time-stamp authority (RFC 3161), which stamps the signatures of PDFs (PAdES B-T); needs `TSA_TRUST_FILE`",
  },
  TSA_TRUST_FILE: {
    default: "",
    meaning: "PEM file of the certificates that its time-stamps must lead to; `/trust.json` then names them as `timeAuthorities`",
  },
  TSA_POLICY: {
    default: "",
    meaning: "Policy that time-stamps are asked for under, an object identifier such as `1.2.3.4`; without one the authority's own",
  },
  PATIENT_SYSTEMS: {
    default: "",
    meaning:
      "Identifier systems that are unique to a person, separated by blanks, such as `https://fhir.nhs.uk/Id/nhs-number`: by them, and by nothing else, two documents are known to be about the same patient",
  },
  FULL_TEXT: {
    default: "1",
    meaning: "`0` leaves out of the index the words of documents: the search parameters `_text` and `_content` find nothing then",
  },
  CACHE_DIR: {
    default: "~/.cache/chartulary",
    meaning: "Private folder for what is made again when it is gone: the unpacked browser and its font cache",
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
} as const satisfies Readonly<Record<string, Omit<Setting, "name">>>;

type SettingName = keyof typeof SETTINGS;

/** What may hold a password is never told back. */
const SECRET: ReadonlySet<SettingName> = new Set(["MONGODB_URL", "MONGODB_ADMIN_URL"]);

/**
 * Reads the settings. `forListening` also checks what only a service needs.
 *
 * @throws AppError `invalid` whose message tells all faults at once, one a line.
 */
export function loadConfig({
  environment = process.env,
  forListening = false,
}: { readonly environment?: Readonly<Record<string, string | undefined>>; readonly forListening?: boolean } = {}): Config {
  const faults: string[] = [];
  const read = <T>(name: SettingName, parse: (text: string) => T | Fault): T => {
    const text = environment[name]?.trim() || SETTINGS[name].default;
    const value = parse(text);
    if (!(value instanceof Fault)) return value;
    faults.push(`${name} ${value.text}${SECRET.has(name) ? "" : `, not ${JSON.stringify(text)}`}`);
    return parse(SETTINGS[name].default) as T;
  };
  const dataFolder = read("DATA_DIR", (text) => resolve(text));
  const keysFolder = read("KEYS_DIR", (text) => parsePath(text) ?? join(dataFolder, "keys"));
  const settings = {
    host: read("HOST", (text) => text),
    port: read("PORT", parsePort),
    dataFolder,
    keysFolder,
    watermarkFile: read("WATERMARK_FILE", (text) => parsePath(text) ?? join(keysFolder, "watermark")),
    erasuresFile: read("ERASURES_FILE", (text) => parsePath(text) ?? join(keysFolder, "erasures")),
    maxClockSkew: read("MAX_CLOCK_SKEW_SECONDS", parseSeconds),
    baseUrl: read("BASE_URL", parseBaseUrl),
    maxDocumentBytes: read("MAX_DOCUMENT_BYTES", (text) => parseSize(text)),
    maxInFlightBytes: read("MAX_IN_FLIGHT_BYTES", (text) => optionalSize(text, LARGEST_BUDGET)),
    maxSpoolBytes: read("MAX_SPOOL_BYTES", (text) => optionalSize(text, LARGEST_BUDGET)),
    maxRenditionBytes: read("MAX_RENDITION_BYTES", (text) => (text === "0" ? 0 : parseSize(text, LARGEST_BUDGET))),
    maxConnections: read("MAX_CONNECTIONS", (text) => parseCount(text, 10)),
    rateLimit: read("RATE_LIMIT", (text) => parseCount(text, 0)),
    adminPort: read("ADMIN_PORT", parsePort),
    adminHost: read("ADMIN_HOST", (text) => text),
    logLevel: read(
      "LOG_LEVEL",
      (text) => LOG_LEVELS.find((level) => level === text.toLowerCase()) ?? new Fault(`must be one of ${LOG_LEVELS.join(", ")}`),
    ),
    allowUnauthenticated: read("ALLOW_UNAUTHENTICATED", parseSwitch),
    isProduction: read("NODE_ENV", (text) => text === "production"),
    browserPath: read("PUPPETEER_EXECUTABLE_PATH", parsePath),
    browserSandbox: read("BROWSER_SANDBOX", (text) => (text === "" ? undefined : parseSwitch(text))),
    trustFile: read("TRUST_FILE", parsePath),
    tsaUrl: read("TSA_URL", parseAddress),
    tsaTrustFile: read("TSA_TRUST_FILE", parsePath),
    tsaPolicy: read("TSA_POLICY", parseObjectIdentifier),
    paper: read("PAPER", parsePaper),
    policyFile: read("POLICY_FILE", parsePath),
    retentionPolicyFile: read("RETENTION_POLICY", parsePath),
    patientSystems: read("PATIENT_SYSTEMS", parseSystems),
    hasFullText: read("FULL_TEXT", parseSwitch),
    cacheFolder: read("CACHE_DIR", (text) => resolve(text.replace(/^~(?=\/|$)/, homedir()))),
    searchPath: environment["PATH"],
    mongodbUrl: read("MONGODB_URL", parseMongodbUrl),
    mongodbAdminUrl: read("MONGODB_ADMIN_URL", parseMongodbUrl),
  };
  const {
    maxDocumentBytes,
    maxInFlightBytes = 4 * maxDocumentBytes,
    maxSpoolBytes = 40 * maxDocumentBytes,
    adminPort,
    adminHost,
    tsaUrl,
    tsaTrustFile,
    tsaPolicy,
    ...others
  } = settings;
  const timeAuthority = tsaUrl && tsaTrustFile ? { url: tsaUrl, trustFile: tsaTrustFile, policy: tsaPolicy } : undefined;
  if (tsaUrl && !tsaTrustFile)
    faults.push("TSA_URL is set, and TSA_TRUST_FILE is not: without certificates to hold them against, no time-stamp is believed");
  if (!tsaUrl && (tsaTrustFile ?? tsaPolicy)) faults.push("TSA_TRUST_FILE and TSA_POLICY are about the authority of TSA_URL, which is not set");
  const admin = adminPort === 0 ? undefined : { host: adminHost, port: adminPort };
  const config: Config = Object.freeze({ ...others, maxDocumentBytes, maxInFlightBytes, maxSpoolBytes, admin, timeAuthority });
  for (const [name, bytes] of [
    ["MAX_IN_FLIGHT_BYTES", config.maxInFlightBytes],
    ["MAX_SPOOL_BYTES", config.maxSpoolBytes],
  ] as const)
    if (bytes < maxDocumentBytes)
      faults.push(`${name} is ${bytes}, less than one document (MAX_DOCUMENT_BYTES, ${maxDocumentBytes}): no large one could ever be taken`);
  if (adminPort !== 0 && adminPort === config.port) faults.push(`ADMIN_PORT is ${adminPort}, as PORT is: it needs one of its own`);
  if (forListening && !isLoopback(config.host) && !config.allowUnauthenticated) {
    faults.push(
      `HOST is ${config.host}, which others can reach, and there is no access control yet: use 127.0.0.1, or set ALLOW_UNAUTHENTICATED=1 if whoever reaches the service may read and deposit everything`,
    );
  }
  if (faults.length > 0) throw new AppError("invalid", faults.join("\n"));
  return config;
}

/** What settings are read from, as it was given: for whoever looks at what is wrong with it. */
export const settingsGiven = (): Readonly<Record<string, string | undefined>> => process.env;

/** True for the addresses and names that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}
