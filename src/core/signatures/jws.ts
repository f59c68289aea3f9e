/** JSON Web Signatures (RFC 7515) in compact form, with the payload detached (RFC 7515 appendix F) as FHIR wants them, or embedded. */
import { errors, flattenedVerify } from "jose";
import { readJson } from "../fhir/json/read-json.ts";
import { JsonArray, type JsonObject } from "../fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../fhir/reading/read-limits.ts";
import { SourceText } from "../fhir/reading/source-text.ts";
import { fromBase64Url, toBase64Url } from "../crypto/base64.ts";
import { utf8, utf8Text } from "../crypto/bytes.ts";
import { readChain, type Certificate, type PublicKey } from "../crypto/certificate.ts";
import { isUsableKey } from "../crypto/certificate-path.ts";
import { platform } from "../crypto/platform/here.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

/** A JWS that was taken apart; nothing of it is proved. */
export interface Jws {
  /** The protected header, as the signature covers it (base64url). */
  readonly protectedHeader: string;
  readonly header: JsonObject;
  /** base64url; empty when detached. */
  readonly payload: string;
  readonly signature: string;
}

/** What came of checking: `unsupported` names what we do not know or do not accept. */
export type JwsResult = { readonly kind: "valid" } | { readonly kind: "invalid" } | { readonly kind: "unsupported"; readonly reason: string };

/** Asymmetric algorithms of RFC 7518 and 8037, without those that rest on SHA-1 or a shared secret. `none` is not among them. */
const ALGORITHMS: Readonly<Record<string, Pick<PublicKey, "keyType" | "curve">>> = {
  ES256: { keyType: "ec", curve: "prime256v1" },
  ES384: { keyType: "ec", curve: "secp384r1" },
  ES512: { keyType: "ec", curve: "secp521r1" },
  RS256: { keyType: "rsa" },
  RS384: { keyType: "rsa" },
  RS512: { keyType: "rsa" },
  PS256: { keyType: "rsa" },
  PS384: { keyType: "rsa" },
  PS512: { keyType: "rsa" },
  EdDSA: { keyType: "ed25519" },
  Ed25519: { keyType: "ed25519" },
};

/** Header parameters that a signer may call critical: those of JAdES (ETSI TS 119 182-1) that add a statement without changing what is signed. */
const UNDERSTOOD = { sigT: true, srCms: true, canon: true };

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
  if (protectedHeader.length > SIGNATURE_LIMITS.header) return undefined;
  const headerBytes = fromBase64Url(protectedHeader);
  if (headerBytes === undefined || fromBase64Url(signature) === undefined) return undefined;
  const { resource, issues } = readJson(new SourceText(utf8Text(headerBytes)), DEFAULT_READ_LIMITS);
  const isFaulty = issues.some((issue) => issue.severity === "error" || issue.severity === "fatal");
  return resource === undefined || isFaulty ? undefined : { protectedHeader, header: resource, payload, signature };
}

/** The certificates of `x5c`, the signer's first: self-asserted. In words why there are none that can be used; undefined when none came. */
export function certificatesOf(jws: Jws): readonly Certificate[] | string | undefined {
  const list = jws.header.get("x5c");
  if (list === undefined) return undefined;
  if (!(list instanceof JsonArray) || list.items.length === 0) return "its x5c is no list of certificates";
  if (list.items.length > SIGNATURE_LIMITS.certificates) return `it brings more than ${SIGNATURE_LIMITS.certificates} certificates`;
  return readChain(list.items.map((item) => (typeof item === "string" ? item : "-")));
}

/** Whether the signature is that of `key` over `payload`, which takes the place of whatever the JWS carries. */
export async function verifyJws(jws: Jws, payload: Uint8Array, key: PublicKey): Promise<JwsResult> {
  const algorithm = jws.header.string("alg");
  if (algorithm === "none") return { kind: "unsupported", reason: "it is not signed at all (algorithm none)" };
  const kind = algorithm !== undefined && Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  if (algorithm === undefined || kind === undefined)
    return { kind: "unsupported", reason: `algorithm ${algorithm?.slice(0, 100) ?? "(none named)"}` };
  if (!isUsableKey(key)) return { kind: "unsupported", reason: "its key is of a size or kind that is not checked" };
  if (key.keyType !== kind.keyType || key.curve !== kind.curve)
    return { kind: "unsupported", reason: `its key is not of the kind that ${algorithm} takes` };
  const joseKey = await platform.joseKey(key, algorithm);
  if (joseKey === undefined) return { kind: "unsupported", reason: `algorithm ${algorithm} with such a key, which cannot be checked here` };
  const isEncoded = jws.header.get("b64") !== false;
  const flattened = { protected: jws.protectedHeader, payload: isEncoded ? toBase64Url(payload) : payload, signature: jws.signature };
  try {
    await flattenedVerify(flattened, joseKey, { algorithms: Object.keys(ALGORITHMS), crit: UNDERSTOOD });
    return { kind: "valid" };
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: "invalid" };
    // A critical parameter that we do not know.
    return { kind: "unsupported", reason: error instanceof Error ? error.message.slice(0, 200) : "the signature cannot be checked" };
  }
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
