import { AppError } from "../errors.ts";
import { fromBase64, toBase64 } from "../crypto/base64.ts";
import { parseCertificate, pemOf, type Certificate } from "../crypto/certificate.ts";
import type { Keys, LogKey, LogName, SealCertificate } from "../crypto/keys.ts";
import { knownLog, logOf, type KnownLog } from "../crypto/log-keys.ts";
import { parseVkey } from "../crypto/signed-note.ts";
import { JsonArray, JsonObject, treeOf, type JsonValue } from "../fhir/tree/tree.ts";
import { writeJson } from "../fhir/json/write-json.ts";
import { isRevocation, shelfOf, type RevocationShelf } from "../revocation/revocation-shelf.ts";
import type { TrustedParty } from "../signatures/signer-role.ts";
import { rawOf } from "../signatures/signer-trust.ts";
import { parseTlogPolicy, type TlogPolicy } from "./tlog-policy.ts";
import { checkNames, countField, DIGEST, INSTANT, optionalText, readVersions, textField } from "./fields.ts";

/** What an auditor holds beforehand, from a source that they trust: whose checkpoints, seals and signatures count. */
export interface Trust {
  readonly log: TrustedLog;
  /** Logs of the same repository that ended before this one began, newest first: what they proved stays proved. */
  readonly pastLogs?: readonly TrustedLog[];
  /** Certificates of seals, current and past. */
  readonly seals: readonly SealCertificate[];
  /** Certificates of senders, or of authorities that vouch for them. */
  readonly signers: readonly Certificate[];
  /** Certificates of time-stamp authorities, or of those that vouch for them. */
  readonly timeAuthorities?: readonly Certificate[];
  /** Lists of revoked certificates (CRL) and answers about one (OCSP). */
  readonly revocations?: RevocationShelf | undefined;
  /** Whose some certificates are. */
  readonly parties?: readonly TrustedParty[] | undefined;
  /** Whether a sender's certificate counts only where something tells that it had not been revoked. */
  readonly needsRevocation?: boolean | undefined;
  /** Who watches the log, and how many of them make a checkpoint *witnessed*. */
  readonly witnesses?: TlogPolicy | undefined;
}

/** A log by its name, and whose signatures under its checkpoints count. */
export type TrustedLog = KnownLog;

const SHAPE = { format: "chartulary-trust/1", required: ["log", "seals", "signers"] };
const LOG = { format: SHAPE.format, required: ["origin", "vkeys"] };
/** For a repository whose log went on under another origin or has witnesses, whose PDFs are time-stamped, or that knows of revocations. Open: what is not known is passed over. */
const SHAPE_2 = {
  format: "chartulary-trust/2",
  required: ["logs", "seals", "signers"],
  optional: ["timeAuthorities", "revocations", "revocationRequired", "parties", "witnesses"],
};
const SEAL = { format: SHAPE.format, required: ["certificate", "current", "notBefore", "notAfter"] };

/** The trust in our own keys, with the signers, the authorities of time and the witnesses that the operator trusts. */
export function trustOf(
  keys: { readonly log: LogName } & Pick<Keys, "sealCertificates"> & Partial<Pick<Keys, "pastLogs">>,
  signers: readonly Certificate[] = [],
  timeAuthorities: readonly Certificate[] = [],
  {
    revocations = NOTHING,
    needsRevocation = false,
    parties = [],
    witnesses,
  }: Pick<Trust, "revocations" | "needsRevocation" | "parties" | "witnesses"> = {},
): Trust {
  const [log, ...pastLogs] = [keys.log, ...(keys.pastLogs ?? [])].map(begunKeys).map(knownLog);
  const senders = { signers, timeAuthorities, revocations, needsRevocation, parties };
  return { log: log as TrustedLog, pastLogs, seals: keys.sealCertificates, ...senders, witnesses };
}

const NOTHING: RevocationShelf = { lists: [], answers: [] };

/** The log, and those that ended before it began. */
export function logsOf({ log, pastLogs = [] }: Trust): readonly TrustedLog[] {
  return [log, ...pastLogs];
}

/** The log of this name, present or past. */
export function logNamed(origin: string | undefined, trust: Trust): TrustedLog | undefined {
  return logOf(`${origin ?? ""}\n`, logsOf(trust));
}

/** A key that was made and not begun is nobody's to trust. */
function begunKeys({ origin, vkey, keys }: LogName): LogName {
  const begun = keys?.filter(({ after }) => after !== Infinity);
  return { origin, vkey, ...(begun && begun.length > 1 && { keys: begun }) };
}

/** `/trust.json`. docs/formats.md, "Trust file". Of version 1 as long as that has all there is to say: every reader knows it. */
export function formatTrust({
  log,
  pastLogs = [],
  seals,
  signers,
  timeAuthorities = [],
  revocations,
  needsRevocation = false,
  parties = [],
  witnesses,
}: Trust): string {
  const told = rawOf(revocations).map(toBase64);
  const [current, ...past] = [log, ...pastLogs].map(fieldsOfLog);
  const fields = {
    ...(past.length + timeAuthorities.length + told.length + parties.length === 0 &&
    !needsRevocation &&
    witnesses === undefined &&
    log.keys === undefined &&
    !seals.some(isTold)
      ? { format: SHAPE.format, log: current }
      : { format: SHAPE_2.format, logs: [current, ...past] }),
    seals: seals.map(({ certificate, isCurrent, from, until, ended }) => ({
      certificate: pemOf(certificate),
      current: isCurrent,
      notBefore: certificate.validFrom.toISOString(),
      notAfter: certificate.validTo.toISOString(),
      ...(seals.some(isTold) && {
        from: (from ?? certificate.validFrom).toISOString(),
        until: (until ?? certificate.validTo).toISOString(),
        ...(ended && { ended: { since: ended.since.toISOString(), before: ended.before, reason: ended.reason } }),
      }),
    })),
    signers: signers.map(pemOf),
    ...(timeAuthorities.length > 0 && { timeAuthorities: timeAuthorities.map(pemOf) }),
    ...(told.length > 0 && { revocations: told }),
    ...(needsRevocation && { revocationRequired: true }),
    ...(parties.length > 0 && { parties }),
    ...(witnesses && { witnesses: witnesses.text }),
  };
  return `${writeJson(treeOf(fields), { pretty: true })}\n`;
}

/** Reads a trust file of either version. AppError `malformed`. */
export function parseTrust(text: string): Trust {
  const { object, isOpen } = readVersions(text, { closed: SHAPE, open: SHAPE_2 });
  const logs = isOpen ? object.objects("logs") : [object.object("log")];
  const [log, ...pastLogs] = logs.map((each) => parseLog(each, isOpen));
  if (!log) throw new AppError("malformed", `not a ${SHAPE_2.format}: logs is empty`);
  return {
    log,
    pastLogs,
    seals: listField(object, "seals").map((seal) => parseSeal(seal, isOpen)),
    signers: listField(object, "signers").map((pem) => parseCertificate(asText(pem))),
    timeAuthorities: object.has("timeAuthorities") ? listField(object, "timeAuthorities").map((pem) => parseCertificate(asText(pem))) : [],
    revocations: object.has("revocations") ? shelfOf(listField(object, "revocations").map(parseRevocation)) : NOTHING,
    needsRevocation: object.get("revocationRequired") === true,
    parties: object.has("parties") ? listField(object, "parties").map(parseParty) : [],
    witnesses: object.has("witnesses") ? parseTlogPolicy(textField(object, "witnesses")) : undefined,
  };
}

function parseLog(log: JsonObject | undefined, isOpen: boolean): TrustedLog {
  if (!log) throw new AppError("malformed", `not a ${SHAPE.format}: log is no object`);
  if (!isOpen) checkNames(log, LOG);
  const vkeys = listField(log, "vkeys").map(asText);
  const keys = isOpen && log.has("keys") ? log.objects("keys").map(parseLogKey) : undefined;
  const isWhole = keys === undefined || (keys[0]?.after === 0 && vkeys.every((vkey) => keys.some((key) => key.vkey === vkey)));
  if (!isWhole) throw new AppError("malformed", `not a ${SHAPE_2.format}: keys does not begin with a log's first key, or lacks one of vkeys`);
  return { origin: textField(log, "origin"), verifiers: (keys?.map(({ vkey }) => vkey) ?? vkeys).map(parseVkey), ...(keys && { keys }) };
}

/** Of a log whose keys were never rotated there is no more to say than it has. One that was ended stands among `keys` alone: readers that do not know of those do not trust it. */
function fieldsOfLog({ origin, verifiers, keys }: TrustedLog): object {
  if (keys === undefined) return { origin, vkeys: verifiers.map(({ vkey }) => vkey) };
  return {
    origin,
    vkeys: keys.flatMap(({ vkey, ended }) => (ended ? [] : [vkey])).reverse(),
    keys: keys.map(({ vkey, after, until, ended }) => ({
      vkey,
      after,
      ...(until && { until: until.toISOString() }),
      ...(ended && { ended: { since: ended.since.toISOString(), reason: ended.reason } }),
    })),
  };
}

function parseLogKey(key: JsonObject): LogKey {
  const ended = key.object("ended");
  return {
    vkey: textField(key, "vkey"),
    after: countField(key, "after"),
    ...(key.has("until") && { until: new Date(textField(key, "until", INSTANT)) }),
    ...(ended && { ended: { since: new Date(textField(ended, "since", INSTANT)), reason: textField(ended, "reason") } }),
  };
}

function parseSeal(value: JsonValue, isOpen: boolean): SealCertificate {
  if (value === null || typeof value !== "object" || !("names" in value))
    throw new AppError("malformed", `not a ${SHAPE.format}: seals holds something that is no object`);
  if (!isOpen) checkNames(value, SEAL);
  const certificate = parseCertificate(textField(value, "certificate"));
  const isCurrent = value.get("current");
  // The two dates stand there for people; they must not tell them anything but what the certificate says.
  const isHonest =
    textField(value, "notBefore") === certificate.validFrom.toISOString() && textField(value, "notAfter") === certificate.validTo.toISOString();
  if (typeof isCurrent !== "boolean" || !isHonest)
    throw new AppError("malformed", `not a ${SHAPE.format}: a seal's current, notBefore or notAfter is not what it must be`);
  return isOpen ? { certificate, isCurrent, ...periodIn(value, certificate) } : { certificate, isCurrent };
}

/** Between when it was sealed under a certificate, where the file says more than the certificate, and that its key was ended. */
function periodIn(seal: JsonObject, certificate: Certificate): Omit<SealCertificate, "certificate" | "isCurrent"> {
  const at = (name: string): Date | undefined => (seal.has(name) ? new Date(textField(seal, name, INSTANT)) : undefined);
  const [from, until] = [at("from"), at("until")];
  const ended = seal.object("ended");
  return {
    ...(from && from.getTime() !== certificate.validFrom.getTime() && { from }),
    ...(until && until.getTime() !== certificate.validTo.getTime() && { until }),
    ...(ended && {
      ended: { since: new Date(textField(ended, "since", INSTANT)), before: countField(ended, "before"), reason: textField(ended, "reason") },
    }),
  };
}

/** Whether the log says more of a seal key than its certificate does. */
function isTold({ from, until, ended }: SealCertificate): boolean {
  return from !== undefined || until !== undefined || ended !== undefined;
}

/** Of a certificate, by its digest, the identifiers of whom it is. */
function parseParty(value: JsonValue): TrustedParty {
  const identifiers = value instanceof JsonObject ? value.objects("identifiers") : [];
  if (!(value instanceof JsonObject) || identifiers.length === 0)
    throw new AppError("malformed", `not a ${SHAPE_2.format}: parties holds something that is no object of certificate and identifiers`);
  return {
    certificate: textField(value, "certificate", DIGEST),
    identifiers: identifiers.map((identifier) => {
      const system = optionalText(identifier, "system");
      return { value: textField(identifier, "value"), ...(system !== undefined && { system }) };
    }),
  };
}

function parseRevocation(value: JsonValue): Uint8Array {
  const raw = fromBase64(asText(value));
  if (raw === undefined || !isRevocation(raw))
    throw new AppError("malformed", `not a ${SHAPE_2.format}: revocations holds something that is no CRL and no OCSP answer`);
  return raw;
}

function listField(object: JsonObject, name: string): readonly JsonValue[] {
  const value = object.get(name);
  if (!(value instanceof JsonArray)) throw new AppError("malformed", `not a ${SHAPE.format}: ${name} is no list`);
  return value.items;
}

function asText(value: JsonValue): string {
  if (typeof value !== "string") throw new AppError("malformed", `not a ${SHAPE.format}: a key or certificate is no text`);
  return value;
}
