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
  parseShare,
  parseBaseUrl,
  parseOrigin,
  parseAddress,
  parseMongodbUrl,
  parseObjectIdentifier,
  optionalSize,
  parseSize,
  LARGEST_BUDGET,
} from "./config/values.ts";
import { readAccess, type AccessMode, type ProofSettings } from "./config/access-settings.ts";
import { readImport, type ImportSettings } from "./config/import-settings.ts";
import { readRevocation, type RevocationSettings } from "./config/revocation-settings.ts";
import { readFeed, type FeedSettings } from "./config/feed-settings.ts";
import { ENDED_SETTINGS, LOG_LEVELS, SETTINGS, TRACE_SAMPLERS, type LogLevel, type TraceSampler } from "./config/settings.ts";
import { readEvidenceInterval } from "./config/evidence-settings.ts";
import { readSigner, type SignerSettings } from "./config/signer-settings.ts";
import { readTerminology, type TerminologySettings } from "./config/terminology-settings.ts";
import { readVault, type VaultSettings } from "./config/vault-settings.ts";
import { readWitnesses, type WitnessSettings } from "./config/witness-settings.ts";
import { AppError } from "./core/errors.ts";
import { withoutSecrets } from "./core/without-secrets.ts";

/** Everything that an operator can set, read once and never changed. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Absolute. */
  readonly dataFolder: string;
  /** Absolute. */
  readonly keysFolder: string;
  /** Under which name the log begins; undefined: a fresh one. */
  readonly logOrigin: string | undefined;
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
  /** Requests a second of one client or address; 0: as many as come. */
  readonly rateLimit: number;
  /** Where health is told by a listener of its own; undefined: nowhere. */
  readonly admin: { readonly host: string; readonly port: number } | undefined;
  readonly logLevel: LogLevel;
  /** Who is let in, */
  readonly access: AccessMode;
  /** and how it is proved who that is. */
  readonly proof: ProofSettings;
  /** Where the audit trail is fed to; undefined: nowhere. */
  readonly auditFeed: FeedSettings | undefined;
  /** Who is asked about codes that nothing here can tell; undefined: nobody. */
  readonly terminologyServer: TerminologySettings | undefined;
  /** Who watches the log; undefined: nobody. */
  readonly witnesses: WitnessSettings | undefined;
  /** Where seal keys are that are not in files. */
  readonly signer: SignerSettings;
  /** Who unwraps the keys; undefined: they are in clear. */
  readonly vault: VaultSettings | undefined;
  /** What is to be said of settings that are still set and do nothing any more. */
  readonly ended: readonly string[];
  readonly isProduction: boolean;
  /** Absolute paths; undefined when not set. */
  readonly browserPath: string | undefined;
  /** Whether the browser runs in its own sandbox; undefined: unless we are root, whom it refuses one. */
  readonly browserSandbox: boolean | undefined;
  readonly trustFile: string | undefined;
  /** What is asked about the revocation of senders' certificates. */
  readonly revocation: RevocationSettings;
  /** What bulk import may fetch, and how much it takes. */
  readonly imports: ImportSettings;
  /** Who stamps the time of PDFs' signatures; undefined: nobody. */
  readonly timeAuthority: { readonly url: string; readonly trustFile: string; readonly policy: string | undefined } | undefined;
  /** Milliseconds between two time-stamps over the log; undefined: none is asked for by itself. */
  readonly evidenceInterval: number | undefined;
  /** Absolute: where the packages are that documents are held against; undefined: R4 alone. */
  readonly packagesFolder: string | undefined;
  readonly policy: string;
  readonly policyFile: string | undefined;
  /** The name of a policy for senders' signatures, or its file. */
  readonly signaturePolicy: string;
  /** Who may do what. */
  readonly accessPolicyFile: string | undefined;
  readonly retentionPolicyFile: string | undefined;
  /** Identifier systems that are unique to a person. */
  readonly patientSystems: ReadonlySet<string>;
  /** Whether identity feeds are taken. */
  readonly hasIdentityFeed: boolean;
  /** Whether resources are found by the words in them (`_text`, `_content`). */
  readonly hasFullText: boolean;
  /** Whether documents get an XML seal behind their deposits. */
  readonly hasXmlSeals: boolean;
  /** The paper of PDFs; undefined: by what the reader's browser says. */
  readonly paper: "a4" | "letter" | undefined;
  /** Which edition of Bulk Data Access is spoken. */
  readonly bulkEdition: "2.0" | "4.0";
  /** Absolute: what may be deleted and is made again, such as the unpacked browser. */
  readonly cacheFolder: string;
  /** PATH: where an installed browser is looked for. */
  readonly searchPath: string | undefined;
  /** Where the repository is kept; undefined: in SQLite, in the data folder. */
  readonly mongodbUrl: string | undefined;
  /** Which traces are told to whom OTEL_EXPORTER_OTLP_ENDPOINT names; undefined: none. */
  readonly tracing: { readonly sampler: TraceSampler; readonly ratio: number } | undefined;
  /** For the commands that make and sweep; the service never uses it. */
  readonly mongodbAdminUrl: string | undefined;
}

type SettingName = keyof typeof SETTINGS;

/** What may hold a password is never told back; of other addresses it is left out. */
const SECRET: ReadonlySet<SettingName> = new Set(["MONGODB_URL", "MONGODB_ADMIN_URL", "OIDC_CLIENT_SECRET"]);

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
    faults.push(`${name} ${value.text}${SECRET.has(name) ? "" : `, not ${withoutSecrets(JSON.stringify(text))}`}`);
    return parse(SETTINGS[name].default) as T;
  };
  const dataFolder = read("DATA_DIR", (text) => resolve(text));
  const keysFolder = read("KEYS_DIR", (text) => parsePath(text) ?? join(dataFolder, "keys"));
  const settings = {
    host: read("HOST", (text) => text),
    port: read("PORT", parsePort),
    dataFolder,
    keysFolder,
    logOrigin: read("LOG_ORIGIN", (text) => (text === "" ? undefined : parseOrigin(text))),
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
    isProduction: read("NODE_ENV", (text) => text === "production"),
    browserPath: read("PUPPETEER_EXECUTABLE_PATH", parsePath),
    browserSandbox: read("BROWSER_SANDBOX", (text) => (text === "" ? undefined : parseSwitch(text))),
    trustFile: read("TRUST_FILE", parsePath),
    tsaUrl: read("TSA_URL", parseAddress),
    tsaTrustFile: read("TSA_TRUST_FILE", parsePath),
    tsaPolicy: read("TSA_POLICY", parseObjectIdentifier),
    paper: read("PAPER", parsePaper),
    bulkEdition: read("BULK_EDITION", (text): Config["bulkEdition"] | Fault =>
      text === "2.0" || text === "4.0" ? text : new Fault("must be 2.0 or 4.0"),
    ),
    packagesFolder: read("PACKAGES_DIR", parsePath),
    policy: read("POLICY", (text) => text),
    policyFile: read("POLICY_FILE", parsePath),
    signaturePolicy: read("SIGNATURE_POLICY", (text) => text),
    accessPolicyFile: read("ACCESS_POLICY", parsePath),
    retentionPolicyFile: read("RETENTION_POLICY", parsePath),
    patientSystems: read("PATIENT_SYSTEMS", parseSystems),
    hasIdentityFeed: read("IDENTITY_FEED", parseSwitch),
    hasFullText: read("FULL_TEXT", parseSwitch),
    hasXmlSeals: read("XML_SEALS", parseSwitch),
    cacheFolder: read("CACHE_DIR", (text) => resolve(text.replace(/^~(?=\/|$)/, homedir()))),
    searchPath: environment["PATH"],
    mongodbUrl: read("MONGODB_URL", parseMongodbUrl),
    mongodbAdminUrl: read("MONGODB_ADMIN_URL", parseMongodbUrl),
    traceAddress: read("OTEL_EXPORTER_OTLP_ENDPOINT", parseAddress),
    traceOwnAddress: read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", parseAddress),
    sampler: read(
      "OTEL_TRACES_SAMPLER",
      (text) => TRACE_SAMPLERS.find((name) => name === text) ?? new Fault(`must be one of ${TRACE_SAMPLERS.join(", ")}`),
    ),
    ratio: read("OTEL_TRACES_SAMPLER_ARG", parseShare),
    isTracingOff: read("OTEL_SDK_DISABLED", parseSwitch),
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
    traceAddress,
    traceOwnAddress,
    sampler,
    ratio,
    isTracingOff,
    ...others
  } = settings;
  const tracing = isTracingOff || (traceAddress ?? traceOwnAddress) === undefined ? undefined : { sampler, ratio };
  const timeAuthority = tsaUrl && tsaTrustFile ? { url: tsaUrl, trustFile: tsaTrustFile, policy: tsaPolicy } : undefined;
  if (tsaUrl && !tsaTrustFile)
    faults.push("TSA_URL is set, and TSA_TRUST_FILE is not: without certificates to hold them against, no time-stamp is believed");
  if (!tsaUrl && (tsaTrustFile ?? tsaPolicy)) faults.push("TSA_TRUST_FILE and TSA_POLICY are about the authority of TSA_URL, which is not set");
  if (settings.hasIdentityFeed && settings.patientSystems.size === 0)
    faults.push("IDENTITY_FEED is 1, and PATIENT_SYSTEMS names no identifier system that is unique to a person: a feed could join nothing");
  const admin = adminPort === 0 ? undefined : { host: adminHost, port: adminPort };
  const { mode, proof } = readAccess(read, faults);
  const revocation = readRevocation(read, faults, settings.trustFile ?? settings.tsaTrustFile);
  const imports = readImport(read);
  const auditFeed = readFeed(read, faults, proof.callbackAllow);
  const terminologyServer = readTerminology(read, faults, proof.callbackAllow);
  const witnesses = readWitnesses(read);
  const evidenceInterval = readEvidenceInterval(read);
  const signer = readSigner(read, faults);
  const vault = readVault(read, faults);
  const access = mode ?? "open";
  const ended = Object.keys(ENDED_SETTINGS).flatMap((name) => (environment[name]?.trim() ? [ENDED_SETTINGS[name] ?? ""] : []));
  const config: Config = Object.freeze({
    ...others,
    access,
    proof,
    auditFeed,
    terminologyServer,
    revocation,
    imports,
    witnesses,
    signer,
    vault,
    ended,
    maxDocumentBytes,
    maxInFlightBytes,
    maxSpoolBytes,
    admin,
    timeAuthority,
    evidenceInterval,
    tracing,
  });
  for (const [name, bytes] of [
    ["MAX_IN_FLIGHT_BYTES", config.maxInFlightBytes],
    ["MAX_SPOOL_BYTES", config.maxSpoolBytes],
  ] as const)
    if (bytes < maxDocumentBytes)
      faults.push(`${name} is ${bytes}, less than one document (MAX_DOCUMENT_BYTES, ${maxDocumentBytes}): no large one could ever be taken`);
  if (adminPort !== 0 && adminPort === config.port) faults.push(`ADMIN_PORT is ${adminPort}, as PORT is: it needs one of its own`);
  if (forListening && access === "open") {
    const reached = isLoopback(config.host) ? "" : `HOST is ${config.host}, which others can reach`;
    const reason = reached || (config.isProduction ? "NODE_ENV is production" : "");
    if (reason !== "")
      faults.push(
        `${reason}, and ${mode === undefined ? "ACCESS is not set" : "ACCESS is open"}: set ACCESS=embedded, which needs nothing else, or ACCESS=oidc with OIDC_ISSUER; without access control a service listens on 127.0.0.1 alone, and outside production${ended.map((text) => `. ${text}`).join("")}`,
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
