/** JSON Web Signatures (RFC 7515), compact or in JSON, with the payload detached (appendix F) as FHIR wants them, or embedded; RFC 7797's unencoded payload. */
import { readJson } from "../fhir/json/read-json.ts";
import { isError } from "../fhir/issue.ts";
import { JsonArray, type JsonObject } from "../fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../fhir/reading/read-limits.ts";
import { SourceText } from "../fhir/reading/source-text.ts";
import { fromBase64Url, toBase64Url } from "../crypto/base64.ts";
import { concat, utf8, utf8Text } from "../crypto/bytes.ts";
import { readChain, type Certificate, type KnownCertificates, type PublicKey } from "../crypto/certificate.ts";
import { isUsableKey } from "../crypto/certificate-path.ts";
import { platform } from "../crypto/platform/here.ts";
import { fullNumbers } from "../crypto/signature-algorithms.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { jwsMethod } from "./jws-algorithms.ts";

/** A JWS that was taken apart; nothing of it is proved. */
export interface Jws {
  /** The protected header, as the signature covers it (base64url). */
  readonly protectedHeader: string;
  readonly header: JsonObject;
  /** What stands beside it in JSON serialisation; nothing of it is covered. */
  readonly unprotected?: JsonObject;
  /** As it stands: base64url, or text where `b64` is false. Empty when detached. */
  readonly payload: string;
  readonly signature: string;
}

/** What came of checking: `unsupported` names what we do not know or do not accept. */
export type JwsResult = { readonly kind: "valid" } | { readonly kind: "invalid" } | { readonly kind: "unsupported"; readonly reason: string };

/**
 * Header parameters that a signer may call critical: `b64`, and those of JAdES (ETSI TS 119 182-1) that add a statement without changing what is signed. `sigD` does change it: whoever
 * verifies one that has it looks at it first.
 */
const UNDERSTOOD: readonly string[] = ["b64", "sigT", "srCms", "canon", "sigD", "x5t#o", "sigX5ts", "sigPl", "sigPId", "srAts"];

/** Three parts, the last of which may be empty: without a signature it is not one (`alg` none), but meant to be of this form. */
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)$/;

/** Whether text has the form of compact serialisation. */
export function isCompact(text: string): boolean {
  return COMPACT.test(text);
}

/** Takes compact text apart; undefined when it is none, or its header is no JSON in which each name stands once, or too long. */
export function parseJws(text: string): Jws | undefined {
  const [, protectedHeader, payload, signature] = COMPACT.exec(text) ?? [];
  if (protectedHeader === undefined || payload === undefined || !signature) return undefined;
  return jwsOf(protectedHeader, payload, signature);
}

function jwsOf(protectedHeader: string, payload: string, signature: string): Jws | undefined {
  if (protectedHeader.length > SIGNATURE_LIMITS.header) return undefined;
  const headerBytes = fromBase64Url(protectedHeader);
  if (headerBytes === undefined || fromBase64Url(signature) === undefined) return undefined;
  const header = jsonIn(utf8Text(headerBytes));
  return header && { protectedHeader, header, payload, signature };
}

/** A JSON object in which each name stands once; undefined when it is anything else. */
export function jsonIn(text: string): JsonObject | undefined {
  const { resource, issues } = readJson(new SourceText(text), DEFAULT_READ_LIMITS);
  return issues.some(isError) ? undefined : resource;
}

/** Whether text may be a JWS in JSON serialisation. */
export function isJsonSerialised(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text) && /"signatures?"/.test(text);
}

/** Takes text in JSON serialisation apart (RFC 7515 section 7.2), general or flattened: each signature by itself, or in words why it is not looked at. */
export function parseJwsJson(text: string): readonly (Jws | string)[] {
  const whole = jsonIn(text.replace(/^\uFEFF/, ""));
  if (whole === undefined) return ["its JSON cannot be read, or says something twice"];
  const payload = whole.has("payload") ? whole.string("payload") : "";
  if (payload === undefined) return ["its payload is no text"];
  if (!whole.has("signatures")) return [partOf(whole, payload)];
  const parts = whole.objects("signatures");
  if (whole.has("signature") || parts.length === 0 || parts.length !== whole.items("signatures").length)
    return ["it is neither of the general nor of the flattened form"];
  if (parts.length > SIGNATURE_LIMITS.jwsSignatures) return [`it brings more than ${SIGNATURE_LIMITS.jwsSignatures} signatures`];
  return parts.map((part) => partOf(part, payload));
}

function partOf(part: JsonObject, payload: string): Jws | string {
  const protectedHeader = part.string("protected");
  const signature = part.string("signature");
  const unprotected = part.object("header");
  if (!signature) return "it is not signed at all";
  if (!protectedHeader) return "nothing of its header is covered by the signature";
  if (protectedHeader.length > SIGNATURE_LIMITS.header) return `its header is longer than ${SIGNATURE_LIMITS.header} characters`;
  const jws = jwsOf(protectedHeader, payload, signature);
  if (jws === undefined) return "its header cannot be read, or says something twice";
  if (unprotected?.names.some((name) => jws.header.has(name) || name === "crit" || name === "b64"))
    return "its unprotected header says what only the protected one may say";
  return { ...jws, ...(unprotected && { unprotected }) };
}

/** What a JWS embeds; empty where it is detached, undefined where it is not base64url. */
export function payloadIn(jws: Jws): Uint8Array | undefined {
  return isEncoded(jws) ? fromBase64Url(jws.payload) : utf8(jws.payload);
}

function isEncoded({ header }: Jws): boolean {
  return header.get("b64") !== false;
}

/** The certificates of `x5c`, the signer's first: self-asserted. In words why there are none that can be used; undefined when none came. @param known those that were read before */
export function certificatesOf({ header, unprotected }: Jws, known?: KnownCertificates): readonly Certificate[] | string | undefined {
  const list = header.get("x5c") ?? unprotected?.get("x5c");
  if (list === undefined) return undefined;
  if (!(list instanceof JsonArray)) return "its x5c is no list";
  if (list.items.length > SIGNATURE_LIMITS.certificates) return `it brings more than ${SIGNATURE_LIMITS.certificates} certificates`;
  if (list.items.length === 0) return "its x5c is empty";
  return readChain(
    list.items.map((item) => (typeof item === "string" ? item : "-")),
    known,
  );
}

/** Whether the signature is that of `key` over `payload`, which takes the place of whatever the JWS carries. */
export async function verifyJws(jws: Jws, payload: Uint8Array, key: PublicKey): Promise<JwsResult> {
  const method = jwsMethod(jws.header.string("alg"), key);
  if (typeof method === "string") return { kind: "unsupported", reason: method };
  if (!isUsableKey(key)) return { kind: "unsupported", reason: "its key is of a size or kind that is not checked" };
  const reason = faultOfCritical(jws);
  if (reason !== undefined) return { kind: "unsupported", reason };
  const signature = fromBase64Url(jws.signature) ?? new Uint8Array();
  const input = isEncoded(jws) ? signingInput(jws.protectedHeader, payload) : concat(utf8(`${jws.protectedHeader}.`), payload);
  const result = await platform.verify(method, key, input, fullNumbers(signature, key.curve ?? ""));
  if (result === undefined)
    return { kind: "unsupported", reason: `algorithm ${jws.header.string("alg") ?? ""} with such a key, which cannot be checked here` };
  return { kind: result ? "valid" : "invalid" };
}

/** Why what the signer calls critical (RFC 7515 section 4.1.11; RFC 7797 section 6) keeps it from being checked. */
function faultOfCritical({ header }: Jws): string | undefined {
  const critical = header.items("crit");
  if (header.has("crit") && critical.length === 0) return "it names nothing in its list of what is critical (crit)";
  const unknown = critical.find((name) => typeof name !== "string" || !UNDERSTOOD.includes(name) || !header.has(name));
  if (unknown !== undefined) return `it calls critical what is not known here${typeof unknown === "string" ? ` (${unknown.slice(0, 50)})` : ""}`;
  if (!header.has("b64")) return undefined;
  return critical.includes("b64") && typeof header.get("b64") === "boolean"
    ? undefined
    : "it says how its payload is encoded (b64) and does not call it critical";
}

/** A protected header as it stands in a JWS: base64url, its properties in their order. */
export function protectedHeaderOf(header: object): string {
  return toBase64Url(JSON.stringify(header));
}

/** What the signature of a JWS with this protected header and payload is over (RFC 7515 section 5.1). */
export function signingInput(protectedHeader: string, payload: Uint8Array): Uint8Array {
  return utf8(`${protectedHeader}.${toBase64Url(payload)}`);
}

/** A detached JWS: `header..signature`. */
export function detachedJws(protectedHeader: string, signature: Uint8Array): string {
  return `${protectedHeader}..${toBase64Url(signature)}`;
}
