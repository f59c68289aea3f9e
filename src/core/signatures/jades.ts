/** What ETSI TS 119 182-1 (JAdES) lets a JWS say of itself, and bring along: it is read here and believed nowhere. */
import { fromBase64, fromBase64Url } from "../crypto/base64.ts";
import { utf8, utf8Text } from "../crypto/bytes.ts";
import { readChain, type Certificate } from "../crypto/certificate.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { JsonObject } from "../fhir/tree/tree.ts";
import { jsonIn, type Jws } from "./jws.ts";
import { instantIn } from "./decisive-time.ts";
import type { Finding } from "./signature-finding.ts";

/** Names of hashes: those of JAdES, and of XML security, which some write instead. */
const HASHES: Readonly<Record<string, Hash>> = {
  S256: "sha256",
  S384: "sha384",
  S512: "sha512",
  "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
};

/** What a detached JWS covers, by `sigD`: a payload as without it, or the digest of one thing; in words why that cannot be told. */
export type SignedContent = { readonly kind: "payload" } | { readonly kind: "digest"; readonly hash: Hash; readonly value: Uint8Array } | string;

export function signedContentOf({ header }: Jws): SignedContent {
  if (!header.has("sigD")) return { kind: "payload" };
  const detached = header.object("sigD");
  const mechanism = /^http:\/\/uri\.etsi\.org\/19182\/(\w+)$/.exec(detached?.string("mId") ?? "")?.[1];
  if (detached === undefined || mechanism === undefined || !["ObjectIdByURI", "ObjectIdByURIHash"].includes(mechanism))
    return mechanism === "HttpHeaders"
      ? "it covers headers of an HTTP message (sigD), which are not at hand"
      : "it names what it covers in a way that is not known here (sigD)";
  if (detached.items("pars").length !== 1) return "it covers several things (sigD), of which one at most is this document";
  if (mechanism === "ObjectIdByURI") return { kind: "payload" };
  const hash = Object.hasOwn(HASHES, detached.string("hashM") ?? "") ? HASHES[detached.string("hashM") ?? ""] : undefined;
  const [text, ...others] = detached.items("hashV");
  const value = typeof text === "string" && others.length === 0 ? fromBase64Url(text) : undefined;
  return hash && value ? { kind: "digest", hash, value } : "it names what it covers by a digest that is not known here (sigD)";
}

/** `sigT` (an instant), or `iat` (seconds since 1970) of the protected header, if it can be read. */
export function signingTime({ header }: Jws): string | undefined {
  const sigT = instantIn(header.string("sigT"));
  if (sigT !== undefined) return sigT;
  const issued = header.get("iat");
  const seconds = typeof issued === "object" && issued !== null && "text" in issued ? Number(issued.text) : Number.NaN;
  return Number.isSafeInteger(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : undefined;
}

/** What the signer says that the signature is meant for (`srCms`): object identifiers in dots, as far as they are such. */
export function commitmentsOf({ header }: Jws): readonly string[] {
  return header
    .objects("srCms")
    .slice(0, SIGNATURE_LIMITS.messageAttributes)
    .map((commitment) => (commitment.object("commId")?.string("id") ?? "").replace(/^urn:oid:/i, ""))
    .filter((id) => /^\d+(?:\.\d+){1,50}$/.test(id));
}

/** Whether a certificate is one of those whose digests the header names; undefined where it names none by a hash that is known. */
export function isNamedBy({ header }: Jws, certificate: Certificate): boolean | undefined {
  // SHA-1 proves nothing, and still tells one certificate from another.
  const named = [
    { hash: "sha256" as Hash, value: header.string("x5t#S256") },
    { hash: "sha1" as Hash, value: header.string("x5t") },
  ];
  const others = [header.object("x5t#o"), header.objects("sigX5ts")[0]];
  for (const other of others) {
    const name = other?.string("digAlg") ?? "";
    const hash = Object.hasOwn(HASHES, name) ? HASHES[name] : undefined;
    if (hash) named.push({ hash, value: other?.string("digVal") });
  }
  const known = named.filter(({ value }) => value !== undefined);
  if (known.length === 0) return undefined;
  return known.every(({ hash, value = "" }) => {
    const digest = fromBase64Url(value) ?? fromBase64(value);
    return digest !== undefined && equalBytes(digest, hashOf(hash, certificate.raw));
  });
}

/** What stands in `etsiU`: certificates, revocation information, and time-stamps over the signature's value. */
export interface Evidence extends Required<Pick<Finding, "timeStamps" | "revocation">> {
  readonly certificates: readonly Certificate[];
}

/** Reads the unprotected `etsiU`: each element an object, or one in base64url. What cannot be read, or is more than a signature may bring, is passed over. */
export function evidenceOf({ unprotected, signature }: Jws): Evidence {
  const tokens: Uint8Array[] = [];
  const certificates: Certificate[] = [];
  const crls: Uint8Array[] = [];
  const ocsp: Uint8Array[] = [];
  for (const item of unprotected?.items("etsiU").slice(0, SIGNATURE_LIMITS.messageAttributes) ?? []) {
    const element = componentIn(item);
    if (element === undefined) continue;
    tokens.push(...valuesOf(element.object("sigTst")?.objects("tstTokens")));
    for (const holder of [element, element.object("tstVD"), element.object("anyValData")]) {
      if (holder === undefined) continue;
      for (const name of ["xVals", "axVals"])
        for (const entry of holder.objects(name)) addCertificate(certificates, entry.object("x509Cert")?.string("val"));
      for (const values of [holder.object("rVals"), holder.object("arVals")]) {
        crls.push(...valuesOf(values?.objects("crlVals")));
        ocsp.push(...valuesOf(values?.objects("ocspVals")));
      }
    }
  }
  return {
    certificates,
    timeStamps: tokens.map((token) => ({ token, over: utf8(signature) })),
    revocation: { crls: crls.slice(0, SIGNATURE_LIMITS.revocations), ocsp: ocsp.slice(0, SIGNATURE_LIMITS.revocations) },
  };
}

/** What stands in `etsiU`: an object, or one in base64url; undefined where it is neither. */
export function componentIn(item: unknown): JsonObject | undefined {
  const element = typeof item === "string" ? jsonIn(utf8Text(fromBase64Url(item) ?? new Uint8Array())) : item;
  return element instanceof JsonObject ? element : undefined;
}

function addCertificate(certificates: Certificate[], encoded: string | undefined): void {
  if (encoded === undefined || certificates.length >= SIGNATURE_LIMITS.messageCertificates) return;
  const read = readChain([encoded]);
  if (typeof read !== "string") certificates.push(...read);
}

/** JAdES' PKI objects: DER in base64. */
export function valuesOf(objects: readonly JsonObject[] = []): Uint8Array[] {
  return objects.slice(0, SIGNATURE_LIMITS.revocations).flatMap((object) => fromBase64((object.string("val") ?? "-").replace(/\s/g, "")) ?? []);
}
