/** Settings about who is let in, and how callers prove who they are, and over which connections (docs/design/sign-in.md). */
import { BlockList, isIP } from "node:net";
import { COMMAS, Fault, haveCommas, parsePath, parseSpan, wordsOf } from "./values.ts";

const MODES = ["open", "embedded", "oidc"] as const;
/** Who may come in: anybody; whom our own authorization server knows; whom the issuers of OIDC_ISSUER know. */
export type AccessMode = (typeof MODES)[number];

export const ACCESS_SETTINGS = {
  ACCESS: {
    default: "",
    meaning:
      "Who may come in: `open` (anybody; the default on loopback outside production, and nowhere else), `embedded` (whom the authorization server in this program knows), `oidc` (whom the issuers of `OIDC_ISSUER` know)",
  },
  OIDC_ISSUER: {
    default: "",
    meaning:
      "OpenID Connect issuers whose tokens are taken and at whom people sign in, separated by blanks, such as `https://login.example.org/realms/care`; https, or http on loopback",
  },
  OIDC_CLIENT_ID: {
    default: "",
    meaning:
      "The id that we have at the issuers, as client for sign-in and for introspection; several, in the order of `OIDC_ISSUER`, separated by blanks",
  },
  OIDC_CLIENT_SECRET: {
    default: "",
    meaning: "The secrets that belong to them, in the same order; `-` for a public client, which has none and can't ask about opaque tokens",
  },
  TOKEN_TYPES: {
    default: "at+jwt",
    meaning: "Values of `typ` that an access token may have, separated by blanks (RFC 9068: `at+jwt`); Keycloak writes `JWT` unless told otherwise",
  },
  CLAIM_ROLES: { default: "roles", meaning: "Claim that names somebody's roles; a point leads into an object: `realm_access.roles`" },
  CLAIM_ORGANISATIONS: { default: "organisations", meaning: "Claim that names the organisations somebody acts for, each as `system|value`" },
  CLAIM_CLEARANCE: { default: "clearance", meaning: "Claim that names the codes of confidentiality and sensitivity up to which somebody may see" },
  CLAIM_PATIENT: { default: "patient", meaning: "Claim that names the Patient of the launch (SMART)" },
  CLAIM_PURPOSE: { default: "purpose_of_use", meaning: "Claim that names the purpose of use, a code of v3-PurposeOfUse (IHE IUA)" },
  SESSION_IDLE_SECONDS: { default: "900", meaning: "A person who asked for nothing for so long signs in again" },
  SESSION_SECONDS: { default: "28800", meaning: "And so does everybody after so long" },
  CLIENT_CERTIFICATES: {
    default: "",
    meaning:
      "File that says who the senders are that have nothing but a TLS client certificate (docs/design/sign-in.md); heeded anew when it changes",
  },
  TLS_CERT: {
    default: "",
    meaning:
      "PEM file of the service's certificate, and those that lead to its root: the service speaks https itself; read anew when it changes. Needs `TLS_KEY`",
  },
  TLS_KEY: { default: "", meaning: "PEM file of its private key" },
  TLS_CLIENT_CA: {
    default: "",
    meaning: "PEM file of the certificates that client certificates must lead to; with one, clients are asked for theirs",
  },
  PROXY_ADDRESSES: {
    default: "",
    meaning:
      "Addresses of proxies before us, such as `10.0.0.5 10.1.0.0/16`, separated by blanks: from them, and from nobody else, the client's address (`X-Forwarded-For`) and certificate are believed",
  },
  PROXY_CERTIFICATE_HEADER: {
    default: "",
    meaning:
      "Header in which those proxies pass the client certificate that they checked, and which they take off what clients send: `Client-Cert` (RFC 9440), or one with URL-encoded PEM",
  },
  CALLBACK_ALLOW: {
    default: "",
    meaning:
      "Host names and address ranges in private networks, such as `keys.hospital.example 10.1.0.0/16`, separated by blanks, that are called when an issuer names them as its addresses, and, over http too, when a subscription or a message does; the host of `OIDC_ISSUER` itself always is",
  },
  CORS_ORIGINS: {
    default: "",
    meaning: "Origins of apps that may call `/fhir` from a browser, such as `https://app.example.org`, separated by blanks",
  },
} as const;

/** Whose tokens are taken, and what we are to them. */
export interface IssuerSettings {
  readonly issuer: string;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

/** Where what is known of somebody stands among the claims: names, with points that lead into objects. */
export interface ClaimNames {
  readonly roles: string;
  readonly organisations: string;
  readonly clearance: string;
  readonly patient: string;
  readonly purpose: string;
}

export interface ProofSettings {
  readonly issuers: readonly IssuerSettings[];
  /** In lower case. */
  readonly tokenTypes: readonly string[];
  readonly claims: ClaimNames;
  /** Milliseconds. */
  readonly session: { readonly idle: number; readonly longest: number };
  /** Absolute paths. */
  readonly clientCertificatesFile: string | undefined;
  readonly tls: { readonly certificate: string; readonly key: string; readonly clientCa: string | undefined } | undefined;
  readonly proxies: { readonly addresses: BlockList; readonly certificateHeader: string | undefined } | undefined;
  /** What is called in private networks though somebody else named it. */
  readonly callbackAllow: { readonly hosts: ReadonlySet<string>; readonly addresses: BlockList };
  readonly corsOrigins: ReadonlySet<string>;
}

type Read = <T>(name: keyof typeof ACCESS_SETTINGS, parse: (text: string) => T | Fault) => T;

/** What is not set gives its default; what contradicts itself is added to `faults`. */
export function readAccess(read: Read, faults: string[]): { readonly mode: AccessMode | undefined; readonly proof: ProofSettings } {
  const mode = read("ACCESS", (text) =>
    text === "" ? undefined : (MODES.find((one) => one === text) ?? new Fault(`must be one of ${MODES.join(", ")}`)),
  );
  const certificate = read("TLS_CERT", parsePath);
  const key = read("TLS_KEY", parsePath);
  const clientCa = read("TLS_CLIENT_CA", parsePath);
  const addresses = read("PROXY_ADDRESSES", parseAddresses);
  const certificateHeader = read("PROXY_CERTIFICATE_HEADER", parseHeaderName);
  if ((certificate === undefined) !== (key === undefined)) faults.push("TLS_CERT and TLS_KEY belong together: only one of them is set");
  if (clientCa && !certificate) faults.push("TLS_CLIENT_CA is about connections that end here, for which TLS_CERT and TLS_KEY are needed");
  if (certificateHeader && !addresses) faults.push("PROXY_CERTIFICATE_HEADER is about the proxies of PROXY_ADDRESSES, which is not set");
  const proof: ProofSettings = {
    issuers: readIssuers(read, mode, faults),
    tokenTypes: read("TOKEN_TYPES", parseTypes),
    claims: {
      roles: read("CLAIM_ROLES", parseClaim),
      organisations: read("CLAIM_ORGANISATIONS", parseClaim),
      clearance: read("CLAIM_CLEARANCE", parseClaim),
      patient: read("CLAIM_PATIENT", parseClaim),
      purpose: read("CLAIM_PURPOSE", parseClaim),
    },
    session: { idle: read("SESSION_IDLE_SECONDS", parseSpan), longest: read("SESSION_SECONDS", parseSpan) },
    clientCertificatesFile: read("CLIENT_CERTIFICATES", parsePath),
    tls: certificate && key ? { certificate, key, clientCa } : undefined,
    proxies: addresses && { addresses, certificateHeader },
    callbackAllow: read("CALLBACK_ALLOW", parseCallbacks),
    corsOrigins: read("CORS_ORIGINS", parseOrigins),
  };
  return { mode, proof };
}

function readIssuers(read: Read, mode: AccessMode | undefined, faults: string[]): readonly IssuerSettings[] {
  const issuers = read("OIDC_ISSUER", parseIssuers);
  const ids = read("OIDC_CLIENT_ID", wordsOf);
  const secrets = read("OIDC_CLIENT_SECRET", wordsOf);
  if (mode === "oidc" && issuers.length === 0 && !faults.some((text) => text.startsWith("OIDC_ISSUER ")))
    faults.push("ACCESS is oidc, and OIDC_ISSUER names nobody whose word would be taken");
  if (mode !== "oidc" && issuers.length > 0) faults.push(`OIDC_ISSUER is set, and ACCESS is ${mode ?? "not"}: set ACCESS=oidc`);
  if (ids.length > 0 && ids.length !== issuers.length)
    faults.push(`OIDC_CLIENT_ID has ${ids.length} ids and OIDC_ISSUER ${issuers.length} issuers: one each is needed, in the same order`);
  if (secrets.length > 0 && secrets.length !== ids.length)
    faults.push("OIDC_CLIENT_SECRET and OIDC_CLIENT_ID have as many words each, in the same order; - stands for a client without a secret");
  return issuers.map((issuer, at) => ({ issuer, clientId: ids[at], clientSecret: secrets[at] === "-" ? undefined : secrets[at] }));
}

/** The text of an issuer counts: it is compared with `iss` character by character (OpenID Connect Discovery 4.3). */
function parseIssuers(text: string): readonly string[] | Fault {
  const issuers = wordsOf(text);
  if (haveCommas(issuers)) return COMMAS;
  if (new Set(issuers).size < issuers.length) return new Fault("names an issuer twice");
  return issuers.every(isIssuer)
    ? issuers
    : new Fault("must be https addresses without query, user or fragment, separated by blanks; http on loopback alone");
}

function isIssuer(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.search || url.hash || url.username || url.password || /[?#]/.test(text)) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname));
}

function parseTypes(text: string): readonly string[] | Fault {
  const types = wordsOf(text.toLowerCase());
  return haveCommas(types) ? COMMAS : types;
}

function parseAddresses(text: string): BlockList | undefined | Fault {
  const fault = new Fault("must be IP addresses, or ranges such as 10.1.0.0/16, separated by blanks");
  const list = new BlockList();
  const words = wordsOf(text);
  for (const word of words) {
    const [address = "", prefix, ...rest] = word.split("/");
    const version = isIP(address);
    if (version === 0 || rest.length > 0) return fault;
    const family = version === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 6 ? 128 : 32)) list.addSubnet(address, Number(prefix), family);
    else return fault;
  }
  return words.length === 0 ? undefined : list;
}

/** A word of digits and points that is no address would be taken for a host of that name, and allow nothing: it is a slip. */
function parseCallbacks(text: string): ProofSettings["callbackAllow"] | Fault {
  const words = wordsOf(text.toLowerCase());
  const hosts = words.filter((word) => /^(?=.*[a-z])[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(word) && isIP(word) === 0);
  const addresses = parseAddresses(words.filter((word) => !hosts.includes(word)).join(" "));
  return addresses instanceof Fault
    ? new Fault("must be host names and IP addresses or ranges such as 10.1.0.0/16, separated by blanks")
    : { hosts: new Set(hosts), addresses: addresses ?? new BlockList() };
}

/** Headers that mean something else would let a client say who it is. */
function parseHeaderName(text: string): string | undefined | Fault {
  if (text === "") return undefined;
  const name = text.toLowerCase();
  const isTaken = ["authorization", "cookie", "host", "origin", "x-forwarded-for", "forwarded"].includes(name);
  return /^[a-z][a-z0-9-]{0,63}$/.test(name) && !isTaken ? name : new Fault("must be the name of a header of its own, such as Client-Cert");
}

function parseClaim(text: string): string | Fault {
  return /^[^\s.]+(?:\.[^\s.]+)*$/.test(text) ? text : new Fault("must be the name of a claim, with points that lead into objects");
}

function parseOrigins(text: string): ReadonlySet<string> | Fault {
  const origins = wordsOf(text);
  return origins.every((origin) => /^https?:\/\//.test(origin) && URL.parse(origin)?.origin === origin)
    ? new Set(origins)
    : new Fault("must be origins such as https://app.example.org, separated by blanks, without a path");
}
