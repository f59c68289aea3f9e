/** A sender's JWS over a document: what it covers is worked out from our own canonical forms, never from what it brings along. */
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { toBase64Url } from "../crypto/base64.ts";
import { utf8 } from "../crypto/bytes.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { canonicalJsonForms, canonicalJsonFormsOfNumbers, isJsonForm, type CanonicalForm } from "./canonical-forms.ts";
import { compareEmbedded } from "./embedded-document.ts";
import { commitmentsOf, evidenceOf, isNamedBy, signedContentOf, signingTime, type Evidence } from "./jades.ts";
import { archiveClaims } from "./jades-archive.ts";
import { certificatesOf, isCompact, parseJws, parseJwsJson, payloadIn, verifyJws, type Jws } from "./jws.ts";
import { CONTENT_DIFFERS, unchecked, type Finding } from "./signature-finding.ts";

const NUMBERS = "it covers numbers as RFC 8785 writes them, and so not how precise they are";
const FALSE_BLOCK: Finding = {
  form: "jws",
  block: "invalid",
  content: "not-checked",
  reason: "the signature is not that of its certificate's key",
};

export interface JwsSurroundings {
  readonly definitions: Definitions;
  /** The canonical form that Signature.targetFormat names, if any: where the header names none. */
  readonly formName: string | undefined;
  /** The document's own id and meta may be those of a server, which replaced what was signed. */
  readonly mayBeServed: boolean;
}

/** Checks a JWS over a document, in compact form or in JSON; a finding for each signature, at least one. */
export async function examineJwsText(bundle: JsonObject, text: string, surroundings: JwsSurroundings): Promise<[Finding, ...Finding[]]> {
  if (isCompact(text)) {
    const jws = parseJws(text);
    const compare: Comparison = (payload) => contentOfEmbedded(bundle, payload, surroundings.definitions);
    return [jws ? await examineJws(bundle, jws, { ...surroundings, compare }) : unchecked("jws", faultOf(text))];
  }
  const findings: Finding[] = [];
  const compare = onceEach((payload) => contentOfEmbedded(bundle, payload, surroundings.definitions));
  for (const part of parseJwsJson(text))
    findings.push(typeof part === "string" ? unchecked("jws", part) : await examineJws(bundle, part, { ...surroundings, compare }));
  const [first, ...others] = findings;
  return first ? [first, ...others] : [unchecked("jws", "it holds no signature")];
}

function faultOf(text: string): string {
  if (text.endsWith(".")) return "it is not signed at all";
  if (text.indexOf(".") > SIGNATURE_LIMITS.header) return `its header is longer than ${SIGNATURE_LIMITS.header} characters`;
  return "its header cannot be read, or says something twice";
}

async function examineJws(bundle: JsonObject, jws: Jws, surroundings: JwsSurroundings & Comparing): Promise<Finding> {
  const evidence = evidenceOf(jws);
  const chain = chainOf(jws, evidence);
  if (chain === undefined) return { ...unchecked("jws", "it names no certificate that it brings (x5c)"), hasNoCertificate: true };
  if (typeof chain === "string") return unchecked("jws", chain);
  const [certificate] = chain;
  const whole = wholeFinding(jws, chain, evidence);
  if (jws.payload !== "") return examineEmbedded(jws, whole, surroundings.compare);
  const signed = signedContentOf(jws);
  if (typeof signed === "string") return unchecked("jws", signed);
  if (signed.kind === "digest") return examineDigest(bundle, jws, { ...signed, whole, surroundings });

  for (const form of canonicalJsonForms(bundle)) {
    const result = await verifyJws(jws, form.bytes, certificate.publicKey);
    if (result.kind === "valid") return { ...whole, ...archived(jws, form.bytes), ...contentOfForm(form) };
    if (result.kind === "unsupported") return unchecked("jws", result.reason);
  }
  for (const { bytes } of canonicalJsonFormsOfNumbers(bundle))
    if ((await verifyJws(jws, bytes, certificate.publicKey)).kind === "valid")
      return { ...whole, ...archived(jws, bytes), content: "not-checked", reason: NUMBERS };
  const unknown = unknownForm(jws, bundle, surroundings);
  if (unknown !== undefined) return unchecked("jws", unknown);
  return { ...FALSE_BLOCK, reason: "the document is not the one that was signed, or the signature was altered" };
}

type Chain = readonly [Certificate, ...Certificate[]];

/** The certificates of `x5c` and those of the evidence behind them; where there is no `x5c`, the one of the evidence that the header names by its digest is the signer's. */
function chainOf(jws: Jws, { certificates }: Evidence): Chain | string | undefined {
  const brought = certificatesOf(jws);
  if (typeof brought === "string") return brought;
  const [signer = certificates.find((certificate) => isNamedBy(jws, certificate) === true), ...others] = brought ?? [];
  return signer && [signer, ...[...others, ...certificates].filter((certificate) => certificate !== signer)];
}

/** What is said of a JWS that is right. */
function wholeFinding(jws: Jws, chain: Chain, { timeStamps, revocation }: Evidence): Finding {
  const signedAt = signingTime(jws);
  const commitments = commitmentsOf(jws);
  return {
    form: "jws",
    block: "valid",
    content: "valid",
    chain,
    ...(isNamedBy(jws, chain[0]) === false && { isContradicted: true }),
    ...(signedAt !== undefined && { signedAt }),
    ...(commitments.length > 0 && { commitments }),
    ...(timeStamps.length > 0 && { timeStamps }),
    ...archived(jws, undefined),
    ...((revocation.crls.length > 0 || revocation.ocsp.length > 0) && { revocation }),
  };
}

function archived(jws: Jws, payload: Uint8Array | undefined): Pick<Finding, "archiveStamps"> {
  const archiveStamps = archiveClaims(jws, payload);
  return archiveStamps.length > 0 ? { archiveStamps } : {};
}

type Content = Pick<Finding, "content" | "reason">;

/** Holds what is embedded against the document. */
type Comparison = (payload: Uint8Array) => Content;

interface Comparing {
  readonly compare: Comparison;
}

/** Several signatures of one JWS are over the same payload, however it is encoded: to read and to write it is the dearest of all. */
function onceEach(compare: Comparison): Comparison {
  const compared: { readonly payload: Uint8Array; readonly content: Content }[] = [];
  return (payload) => {
    const known = compared.find((before) => equalBytes(before.payload, payload));
    if (known) return known.content;
    const content = compare(payload);
    compared.push({ payload, content });
    return content;
  };
}

async function examineEmbedded(jws: Jws, whole: Finding, compare: Comparison): Promise<Finding> {
  const payload = payloadIn(jws);
  if (payload === undefined) return unchecked("jws", "its payload is not base64url");
  const state = await stateOver(jws, payload, whole);
  if (state !== undefined) return state;
  if (jws.header.has("zip")) return { ...whole, content: "not-checked", reason: "what it embeds is compressed (zip), which is not checked" };
  return { ...whole, ...archived(jws, payload), ...compare(payload) };
}

/** What is proved of the content by a signature over one of its forms. */
function contentOfForm({ gap }: CanonicalForm): Content {
  return gap === undefined ? { content: "valid" } : { content: "not-checked", reason: gap };
}

function contentOfEmbedded(bundle: JsonObject, payload: Uint8Array, definitions: Definitions): Content {
  for (const form of canonicalJsonForms(bundle)) if (equalBytes(form.bytes, payload)) return contentOfForm(form);
  for (const { bytes } of canonicalJsonFormsOfNumbers(bundle)) if (equalBytes(bytes, payload)) return { content: "not-checked", reason: NUMBERS };
  return compareEmbedded(bundle, payload, definitions);
}

interface DigestQuestion {
  readonly hash: Hash;
  readonly value: Uint8Array;
  readonly whole: Finding;
  readonly surroundings: JwsSurroundings;
}

/** By JAdES' ObjectIdByURIHash the payload is empty, and the header holds the digest of the content, in base64url unless `b64` is false. Some digest the content itself all the same. */
async function examineDigest(bundle: JsonObject, jws: Jws, { hash, value, whole, surroundings }: DigestQuestion): Promise<Finding> {
  const state = await stateOver(jws, new Uint8Array(), whole);
  if (state !== undefined) return state;
  const isSigned = (form: Uint8Array): boolean => equalBytes(hashOf(hash, form), value) || equalBytes(hashOf(hash, utf8(toBase64Url(form))), value);
  for (const form of canonicalJsonForms(bundle)) if (isSigned(form.bytes)) return { ...whole, ...archived(jws, form.bytes), ...contentOfForm(form) };
  for (const { bytes } of canonicalJsonFormsOfNumbers(bundle)) if (isSigned(bytes)) return { ...whole, content: "not-checked", reason: NUMBERS };
  const isNamed = (jws.header.string("canon") ?? surroundings.formName) !== undefined;
  const reason =
    unknownForm(jws, bundle, surroundings) ??
    (isNamed ? undefined : "it names its content by a digest, which is of none of the forms that are known here");
  return reason === undefined ? { ...whole, content: "invalid", reason: CONTENT_DIFFERS } : { ...whole, content: "not-checked", reason };
}

/** What is said where the signature is not that of its certificate's key over this payload; undefined where it is. */
async function stateOver(jws: Jws, payload: Uint8Array, { chain = [] }: Finding): Promise<Finding | undefined> {
  const [certificate] = chain;
  const result = certificate && (await verifyJws(jws, payload, certificate.publicKey));
  if (result?.kind === "unsupported") return unchecked("jws", result.reason);
  return result?.kind === "valid" ? undefined : FALSE_BLOCK;
}

/** Why a document that a server may have given another id and meta is not called false. */
export const SERVED = "it may cover the Bundle's own id and meta, which a server sets: verify the document as it was submitted";

/** Why it cannot be known what was signed, if the signature fits no form that is. */
function unknownForm({ header }: Jws, resource: JsonObject, { formName, mayBeServed }: JwsSurroundings): string | undefined {
  if (header.has("zip")) return "it covers the document compressed (zip), which is not checked";
  const named = header.string("canon") ?? formName;
  if (named !== undefined && !isJsonForm(named, resource)) return `it covers the form ${named.slice(0, 100)}, which is not checked`;
  return mayBeServed ? SERVED : undefined;
}
