import type { X509Certificate } from "node:crypto";
import { AppError } from "../errors.ts";
import { parseCertificate } from "../crypto/certificate.ts";
import type { Keys, SealCertificate } from "../crypto/keys.ts";
import { parseVkey, type NoteVerifier } from "../crypto/signed-note.ts";
import { JsonArray, treeOf, type JsonObject, type JsonValue } from "../fhir/json/tree.ts";
import { writeJson } from "../fhir/json/write-json.ts";
import { checkNames, readFormat, textField } from "./fields.ts";

/** What an auditor holds beforehand, from a source that they trust: whose checkpoints, seals and signatures count. */
export interface Trust {
  readonly log: { readonly origin: string; readonly verifiers: readonly NoteVerifier[] };
  /** Certificates of seals, current and past. */
  readonly seals: readonly SealCertificate[];
  /** Certificates of senders, or of authorities that vouch for them. */
  readonly signers: readonly X509Certificate[];
}

const SHAPE = { format: "chartulary-trust/1", required: ["log", "seals", "signers"] };
const LOG = { format: SHAPE.format, required: ["origin", "vkeys"] };
const SEAL = { format: SHAPE.format, required: ["certificate", "current", "notBefore", "notAfter"] };

/** The trust in our own keys, with the signers that the operator trusts. */
export function trustOf(keys: Pick<Keys, "log" | "sealCertificates">, signers: readonly X509Certificate[] = []): Trust {
  return { log: { origin: keys.log.origin, verifiers: [parseVkey(keys.log.vkey)] }, seals: keys.sealCertificates, signers };
}

/** `/trust.json`. docs/formats.md, "Trust file". */
export function formatTrust({ log, seals, signers }: Trust): string {
  const fields = {
    format: SHAPE.format,
    log: { origin: log.origin, vkeys: log.verifiers.map((verifier) => verifier.vkey) },
    seals: seals.map(({ certificate, isCurrent }) => ({
      certificate: certificate.toString(),
      current: isCurrent,
      notBefore: certificate.validFromDate.toISOString(),
      notAfter: certificate.validToDate.toISOString(),
    })),
    signers: signers.map((certificate) => certificate.toString()),
  };
  return `${writeJson(treeOf(fields), { pretty: true })}\n`;
}

/** Reads a trust file. AppError `malformed`. */
export function parseTrust(text: string): Trust {
  const object = readFormat(text, SHAPE);
  const log = object.object("log");
  if (!log) throw new AppError("malformed", `not a ${SHAPE.format}: log is no object`);
  checkNames(log, LOG);
  return {
    log: { origin: textField(log, "origin"), verifiers: listField(log, "vkeys").map((vkey) => parseVkey(asText(vkey))) },
    seals: listField(object, "seals").map(parseSeal),
    signers: listField(object, "signers").map((pem) => parseCertificate(asText(pem))),
  };
}

function parseSeal(value: JsonValue): SealCertificate {
  if (value === null || typeof value !== "object" || !("names" in value))
    throw new AppError("malformed", `not a ${SHAPE.format}: seals holds something that is no object`);
  checkNames(value, SEAL);
  const certificate = parseCertificate(textField(value, "certificate"));
  const isCurrent = value.get("current");
  // The two dates stand there for people; they must not tell them anything but what the certificate says.
  const isHonest =
    textField(value, "notBefore") === certificate.validFromDate.toISOString() &&
    textField(value, "notAfter") === certificate.validToDate.toISOString();
  if (typeof isCurrent !== "boolean" || !isHonest)
    throw new AppError("malformed", `not a ${SHAPE.format}: a seal's current, notBefore or notAfter is not what it must be`);
  return { certificate, isCurrent };
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
