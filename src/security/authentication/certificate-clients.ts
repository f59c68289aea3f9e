/** Senders that have nothing but a client certificate: who they are, as the operator wrote it down. */
import type { KnownCaller } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { readScopes } from "../scopes/scope-grammar.ts";

/** By whom a certificate is used. `thumbprint`: SHA-256 of its DER, base64url. */
export interface CertificateClients {
  find(thumbprint: string): Promise<KnownCaller | undefined>;
}

/** Names an entry may have. */
const FIELDS = new Set(["thumbprint", "client", "name", "scope", "roles", "organisations", "clearance"]);

/**
 * Reads a file of senders: a JSON array of `{"thumbprint", "client", "name", "scope", "roles", "organisations", "clearance"}`. The thumbprint is SHA-256 of the certificate's DER, in base64url
 * or in hex with or without colons, as openssl prints it.
 *
 * @throws AppError `invalid`, saying which entry is wrong
 */
export function readCertificateClients(text: string): ReadonlyMap<string, KnownCaller> {
  const value: unknown = parsed(text);
  if (!Array.isArray(value)) throw new AppError("invalid", "is no JSON array of senders");
  const clients = new Map<string, KnownCaller>();
  for (const [at, entry] of value.entries()) {
    const caller = clientOf(entry, `entry ${at + 1}`);
    if (clients.has(caller.subject)) throw new AppError("invalid", `entry ${at + 1} has the certificate of another`);
    clients.set(caller.subject, caller);
  }
  return clients;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("invalid", "is no JSON");
  }
}

function clientOf(entry: unknown, where: string): KnownCaller {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw new AppError("invalid", `${where} is no object`);
  const fields = entry as Readonly<Record<string, unknown>>;
  const stray = Object.keys(fields).find((name) => !FIELDS.has(name));
  if (stray !== undefined) throw new AppError("invalid", `${where} has ${JSON.stringify(stray)}, which means nothing here`);
  const { thumbprint, client, name = client, scope = "" } = fields;
  const subject = typeof thumbprint === "string" ? base64urlOf(thumbprint) : undefined;
  if (subject === undefined) throw new AppError("invalid", `${where} needs a thumbprint: SHA-256 of the certificate's DER, in base64url or hex`);
  if (typeof client !== "string" || client === "" || typeof name !== "string")
    throw new AppError("invalid", `${where} needs a client, which names the sender`);
  if (typeof scope !== "string") throw new AppError("invalid", `${where} has a scope that is no text`);
  const { scopes, unknown } = readScopes(scope);
  if (unknown[0]) throw new AppError("invalid", `${where}: scope ${JSON.stringify(unknown[0].text)}: ${unknown[0].reason}`);
  return {
    ...{ kind: "system", issuer: "certificate", subject, name, client, scopes },
    roles: wordsIn(fields, "roles", where),
    organisations: wordsIn(fields, "organisations", where),
    clearance: wordsIn(fields, "clearance", where),
  };
}

function wordsIn(fields: Readonly<Record<string, unknown>>, name: string, where: string): readonly string[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || !value.every((word): word is string => typeof word === "string"))
    throw new AppError("invalid", `${where} has ${name} that are no list of texts`);
  return value;
}

function base64urlOf(thumbprint: string): string | undefined {
  const hex = thumbprint.replaceAll(":", "");
  if (/^[0-9a-fA-F]{64}$/.test(hex)) return Buffer.from(hex, "hex").toString("base64url");
  return /^[\w-]{43}$/.test(thumbprint) ? thumbprint : undefined;
}
