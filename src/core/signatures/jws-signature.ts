/** A sender's JWS over a document: what it covers is worked out from our own canonical forms, never from what it brings along. */
import { canonicalDocument } from "../fhir/canonical.ts";
import { isError } from "../fhir/issue.ts";
import { readJson } from "../fhir/json/read-json.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../fhir/reading/read-limits.ts";
import { SourceText } from "../fhir/reading/source-text.ts";
import { fromBase64Url, toBase64Url } from "../crypto/base64.ts";
import { canonicalJsonForms, canonicalJsonFormsOfNumbers, isJsonForm } from "./canonical-forms.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { thumbprintOf } from "../crypto/certificate.ts";
import { equalBytes } from "../crypto/digest.ts";
import { certificatesOf, verifyJws, type Jws } from "./jws.ts";
import { CONTENT_DIFFERS, unchecked, type Finding } from "./signature-finding.ts";

const NUMBERS = "it covers numbers as RFC 8785 writes them, and so not how precise they are";

/**
 * Checks a compact JWS over a document.
 *
 * @param formName the canonical form that Signature.targetFormat names, if any: where the header names none
 * @param mayBeServed the document's own id and meta may be those of a server, which replaced what was signed
 */
export async function examineJws(
  bundle: JsonObject,
  jws: Jws,
  { formName, mayBeServed }: { readonly formName: string | undefined; readonly mayBeServed: boolean },
): Promise<Finding> {
  const chain = certificatesOf(jws);
  if (chain === undefined) return { ...unchecked("jws", "it names no certificate (x5c)"), hasNoCertificate: true };
  if (typeof chain === "string") return unchecked("jws", chain);
  const [certificate] = chain;
  if (certificate === undefined) return unchecked("jws", "its x5c is empty");
  const thumbprint = jws.header.string("x5t#S256");
  const signedAt = signingTime(jws);
  const whole: Finding = {
    form: "jws",
    block: "valid",
    content: "valid",
    chain,
    ...(thumbprint !== undefined && thumbprint !== toBase64Url(thumbprintOf(certificate)) && { isContradicted: true }),
    ...(signedAt !== undefined && { signedAt }),
    commitments: commitmentsIn(jws),
  };
  const unknown = unknownContent(jws, formName, bundle);
  const verify = (payload: Uint8Array) => verifyJws(jws, payload, certificate.publicKey);
  if (jws.payload !== "") return examineEmbedded();

  for (const form of canonicalJsonForms(bundle)) {
    const result = await verify(form);
    if (result.kind === "valid") return whole;
    if (result.kind === "unsupported") return unchecked("jws", result.reason);
  }
  for (const form of canonicalJsonFormsOfNumbers(bundle))
    if ((await verify(form)).kind === "valid") return { ...whole, content: "not-checked", reason: NUMBERS };
  if (unknown !== undefined) return unchecked("jws", unknown);
  if (mayBeServed) return unchecked("jws", SERVED);
  return {
    form: "jws",
    block: "invalid",
    content: "not-checked",
    reason: "the document is not the one that was signed, or the signature was altered",
  };

  async function examineEmbedded(): Promise<Finding> {
    const payload = fromBase64Url(jws.payload);
    if (payload === undefined || jws.header.get("b64") === false) return unchecked("jws", "its payload is not base64url");
    const result = await verify(payload);
    if (result.kind === "unsupported") return unchecked("jws", result.reason);
    if (result.kind === "invalid")
      return { form: "jws", block: "invalid", content: "not-checked", reason: "the signature is not that of its certificate's key" };
    for (const form of canonicalJsonForms(bundle)) if (equalBytes(form, payload)) return whole;
    const doubt = unknown ?? doubtAbout(bundle, payload);
    if (doubt !== undefined) return { ...whole, content: "not-checked", reason: doubt };
    return { ...whole, content: "invalid", reason: CONTENT_DIFFERS };
  }
}

/** Why a document that a server may have given another id and meta is not called false. */
export const SERVED = "it may cover the Bundle's own id and meta, which a server sets: verify the document as it was submitted";

/** Why it cannot be known what was signed, if the signature fits no form that is. */
function unknownContent({ header }: Jws, formName: string | undefined, resource: JsonObject): string | undefined {
  if (header.has("zip")) return "it covers the document compressed (zip), which is not checked";
  if (header.has("sigD")) return "it names what it covers by sigD, which is not checked";
  const named = header.string("canon") ?? formName;
  return named === undefined || isJsonForm(named, resource) ? undefined : `it covers the form ${named.slice(0, 100)}, which is not checked`;
}

/** Why an embedded payload that is none of our forms may be this document all the same. */
function doubtAbout(bundle: JsonObject, payload: Uint8Array): string | undefined {
  for (const form of canonicalJsonFormsOfNumbers(bundle)) if (equalBytes(form, payload)) return NUMBERS;
  const ours = canonicalDocument(bundle);
  if (payload.length > 20_000 + ours.length * 8) return "what it embeds is too long to be compared";
  const { resource, issues } = readJson(new SourceText(utf8Text(payload)), DEFAULT_READ_LIMITS);
  if (resource === undefined || issues.some(isError)) return undefined;
  return canonicalDocument(resource) === ours ? "it embeds this content, but not in a canonical form" : undefined;
}

/** The commitments that its header covers (JAdES, `srCms`). */
function commitmentsIn({ header }: Jws): string[] {
  return header.objects("srCms").flatMap((commitment) => commitment.object("commId")?.string("id") ?? []);
}

/** `sigT` (an instant), or `iat` (seconds since 1970) of the protected header, if it can be read. */
function signingTime({ header }: Jws): string | undefined {
  const sigT = header.string("sigT");
  if (sigT !== undefined && sigT.length < 50 && !Number.isNaN(Date.parse(sigT))) return sigT;
  const issued = header.get("iat");
  const seconds = typeof issued === "object" && issued !== null && "text" in issued ? Number(issued.text) : Number.NaN;
  return Number.isSafeInteger(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : undefined;
}
