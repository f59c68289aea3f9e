/**
 * The check of the signature that a document came with (R4 datatypes, Signature): integrity, certificate and signer, each by itself. It never throws: what cannot be read as a signature is
 * reported as such. No key and no content is believed that the signature brings along: the content is the canonical form that we computed, the certificate counts when the trust list says so.
 */
import type { X509Certificate } from "node:crypto";
import type { JsonObject } from "../fhir/json/tree.ts";
import { fromBase64, fromBase64Url, toBase64Url } from "./base64.ts";
import { canonicalJsonForms, canonicalXmlForm } from "./canonical-forms.ts";
import { certificateState, subjectNameOf, thumbprintOf } from "./certificate.ts";
import { equalBytes } from "./digest.ts";
import { certificatesOf, parseJws, verifyJws, type Jws } from "./jws.ts";
import type { SignatureCheck } from "./signature-check.ts";
import { signerRole } from "./signer-role.ts";
import { checkXmlSignature } from "./xml-dsig.ts";

/** What one form of signature came to, before it is judged. */
interface Finding {
  readonly form: SignatureCheck["form"];
  readonly integrity: SignatureCheck["integrity"];
  /** Why it is not valid. */
  readonly reason?: string;
  readonly chain?: readonly X509Certificate[];
  /** Covered by the signature. */
  readonly signedAt?: string;
}

/** Whose certificates vouch for senders; undefined when nobody said. */
export interface SignerTrust {
  readonly signers: readonly X509Certificate[];
}

/** The results about Bundle.signature; empty when there is none. */
export async function checkDocumentSignatures(bundle: JsonObject, trust: SignerTrust | undefined): Promise<SignatureCheck[]> {
  if (!bundle.has("signature")) return [];
  const signature = bundle.object("signature");
  const finding = await examine(bundle, signature);
  const who = signature?.object("who");
  const signedAt = finding.signedAt ?? signature?.string("when");
  const [certificate] = finding.chain ?? [];
  const signerName = certificate ? subjectNameOf(certificate) : (who?.string("display") ?? who?.string("reference"));
  const state = certificateResult(finding, trust, signedAt);
  return [
    {
      place: "Bundle.signature",
      form: finding.form,
      integrity: finding.integrity,
      certificate: state,
      signer: signerRole(bundle, who),
      ...(signerName !== undefined && { signerName }),
      ...(signedAt !== undefined && { signedAt }),
      explanation: explain(finding, state, signerName),
    },
  ];
}

/**
 * Whether a signature covers the Bundle's own id or meta, which a server replaces: then it can be checked on the submitted bytes alone. Judged by what the
 * signature names as its canonical form.
 */
export function coversServerFields(bundle: JsonObject): boolean {
  const signature = bundle.object("signature");
  const jws = parseJws(signatureText(signature) ?? "");
  const named = jws?.header.string("canon") ?? signature?.string("targetFormat") ?? "";
  return !named.endsWith("#document");
}

async function examine(bundle: JsonObject, signature: JsonObject | undefined): Promise<Finding> {
  const text = signatureText(signature);
  if (text === undefined) return { form: "other", integrity: "unsupported", reason: "it holds no data that can be read" };
  const format = signature?.string("sigFormat") ?? "";
  const jws = parseJws(text);
  if (jws) return examineJws(bundle, jws);
  if (/^\uFEFF?\s*<[?A-Za-z]/.test(text)) return examineXml(bundle, text);
  if (/jose|jws/i.test(format)) return { form: "jws", integrity: "invalid", reason: "its data is no JSON Web Signature" };
  if (/^image\//i.test(format)) return { form: "other", integrity: "unsupported", reason: "it is a picture, which proves nothing about the content" };
  return { form: "other", integrity: "unsupported", reason: `its form${format ? ` (${format})` : ""} is not one that is checked here` };
}

async function examineJws(bundle: JsonObject, jws: Jws): Promise<Finding> {
  const chain = certificatesOf(jws);
  const [certificate] = chain ?? [];
  if (certificate === undefined) {
    // Without a certificate nothing can be said; one that cannot be read is a false block, as after a flipped bit.
    if (jws.header.has("x5c")) return { form: "jws", integrity: "invalid", reason: "its certificate (x5c) cannot be read" };
    return { form: "jws", integrity: "unsupported", reason: "it names no certificate (x5c)" };
  }
  const thumbprint = jws.header.string("x5t#S256");
  if (thumbprint !== undefined && thumbprint !== toBase64Url(thumbprintOf(certificate)))
    return { form: "jws", integrity: "invalid", reason: "its certificate is not the one that it names by digest (x5t#S256)" };
  const signedAt = signingTime(jws);
  const base = { form: "jws", chain: chain ?? [], ...(signedAt !== undefined && { signedAt }) } as const;
  const embedded = jws.payload === "" ? undefined : fromBase64Url(jws.payload);
  const forms = canonicalJsonForms(bundle);
  const candidates = embedded ? forms.filter((form) => equalBytes(form, embedded)) : forms;
  if (candidates.length === 0) return { ...base, integrity: "invalid", reason: "the content that it embeds is not this document's" };
  for (const form of candidates) {
    const result = await verifyJws(jws, form, certificate.publicKey);
    if (result.kind === "valid") return { ...base, integrity: "valid" };
    if (result.kind === "unsupported") return { ...base, integrity: "unsupported", reason: `it cannot be checked: ${result.reason}` };
  }
  return { ...base, integrity: "invalid", reason: "the document is not the one that was signed, or the signature was altered" };
}

function examineXml(bundle: JsonObject, text: string): Finding {
  const result = checkXmlSignature(text, (transform, isExclusive) => canonicalXmlForm(bundle, transform, isExclusive));
  if (result.kind === "unsupported") return { form: "xml-dsig", integrity: "unsupported", reason: `it cannot be checked: ${result.reason}` };
  if (result.kind === "invalid") return { form: "xml-dsig", integrity: "invalid", reason: result.reason, chain: result.chain };
  return { form: "xml-dsig", integrity: "valid", chain: result.chain, ...(result.signedAt !== undefined && { signedAt: result.signedAt }) };
}

function certificateResult({ chain }: Finding, trust: SignerTrust | undefined, signedAt: string | undefined): SignatureCheck["certificate"] {
  if (chain?.[0] === undefined) return "none";
  if (trust === undefined) return "unknown";
  const moment = new Date(signedAt ?? Number.NaN);
  // Without a signing time it can only be asked whether the certificate leads to the list at all; then nothing is known to have been valid.
  return certificateState(chain, trust.signers, moment);
}

function explain({ form, integrity, reason }: Finding, state: SignatureCheck["certificate"], signerName: string | undefined): string {
  const whose = signerName === undefined ? "The signature" : `The signature of ${signerName}`;
  if (integrity === "invalid") return `${whose} is not valid: ${reason ?? "it does not fit the document"}.`;
  if (integrity === "unsupported")
    return form === "other" ? `${whose} was not checked: ${reason ?? ""}.` : `${whose} was not checked; ${reason ?? ""}.`;
  return `${whose} covers this content; ${CERTIFICATE_SENTENCES[state]}.`;
}

const CERTIFICATE_SENTENCES: Readonly<Record<SignatureCheck["certificate"], string>> = {
  trusted: "the certificate is trusted and was valid when it was signed",
  "not-trusted": "nobody on the trust list vouches for the certificate",
  expired: "the certificate leads to the trust list, but was not valid when it was signed",
  none: "it brought no certificate",
  unknown: "no trust list was at hand to judge the certificate by",
};

/** Signature.data as text: it is base64 of the JWS or XML (R4), though some write the JWS itself. Undefined when there is none or it is not text. */
export function signatureText(signature: JsonObject | undefined): string | undefined {
  const data = signature?.string("data")?.replace(/[ \t\r\n]/g, "");
  if (data === undefined || data === "") return undefined;
  if (data.includes(".") && parseJws(data)) return data;
  const bytes = fromBase64(data);
  return bytes && Buffer.from(bytes).toString("utf8");
}

/** `sigT` (an instant), or `iat` (seconds since 1970) of the protected header, if it can be read. */
function signingTime({ header }: Jws): string | undefined {
  const sigT = header.string("sigT");
  if (sigT !== undefined && !Number.isNaN(Date.parse(sigT))) return sigT;
  const issued = header.get("iat");
  const seconds = typeof issued === "object" && issued !== null && "text" in issued ? Number(issued.text) : Number.NaN;
  return Number.isSafeInteger(seconds) && Math.abs(seconds) < 8.64e12 ? new Date(seconds * 1000).toISOString() : undefined;
}
