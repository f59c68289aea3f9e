/**
 * The check of the signatures that a document came with (R4 datatypes, Signature): block, content, certificate and signer, each by itself. It never throws: what cannot be read as a
 * signature is reported as such. No key and no content is believed that the signature brings along: the content is the canonical form that we computed, the certificate counts when the
 * trust list says so, and is not even named where the signature is not that of its key.
 */
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { canonicalXmlForms, isXmlForm } from "./canonical-forms.ts";
import { earliestTime } from "../cms/proven-time.ts";
import { subjectNameOf, type Certificate } from "../crypto/certificate.ts";
import { isCompact, isJsonSerialised, parseJws, parseJwsJson } from "./jws.ts";
import { examineJwsText, SERVED } from "./jws-signature.ts";
import { examineCms } from "./cms-signature.ts";
import { checkCertificate } from "./signer-certificate.ts";
import { NOTHING_CHECKED, stateOf, type SignatureCheck } from "./signature-check.ts";
import { unchecked, type Finding } from "./signature-finding.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { signaturesWithin, type PlacedSignature } from "./signature-places.ts";
import { formOf, isPicture, isXml, namedForm, signatureText, signedMessageIn } from "./signature-text.ts";
import { isPartyOf, Parties, signerRole } from "./signer-role.ts";
import { checkXmlSignature } from "./xml-dsig.ts";

/** Whose certificates vouch for senders, and for times; undefined when nobody said. */
export interface SignerTrust {
  readonly signers: readonly Certificate[];
  readonly timeAuthorities?: readonly Certificate[] | undefined;
}

/** A document whose signatures are asked about, as it was read and as it is written. */
export interface SignatureQuestion {
  readonly bundle: JsonObject;
  readonly bytes: Uint8Array;
  readonly isXml: boolean;
  readonly trust: SignerTrust | undefined;
  /** The moment of receipt; now, when it is not known. */
  readonly receivedAt: Date;
}

/** Answers it. `answerHere` makes one that does so in its own thread; a service has one that keeps what is large off its event loop. */
export type SignatureAnswerer = (question: SignatureQuestion) => Promise<SignatureCheck[]>;

/** @param definitions those by which the canonical XML form is written */
export function answerHere(definitions: Definitions): SignatureAnswerer {
  return ({ bundle, bytes, isXml, trust, receivedAt }) => {
    const isSource = isXml && bundle.has("signature");
    return checkDocumentSignatures(bundle, trust, { definitions, receivedAt, ...(isSource && { xmlSource: new TextDecoder().decode(bytes) }) });
  };
}

/** What is known about the document beside its content. */
export interface SignatureSurroundings {
  /** Those by which the canonical XML form is written. */
  readonly definitions: Definitions;
  /** By when the signatures had been made: the moment of receipt; now, when there was none. */
  readonly receivedAt?: Date;
  /** The text of a document that is in XML, as its sender wrote it. */
  readonly xmlSource?: string;
}

/** The results about Bundle.signature, one for each signer, and about the signatures within the entries, which are told of and not checked; empty when there is none. */
export async function checkDocumentSignatures(
  bundle: JsonObject,
  trust: SignerTrust | undefined,
  surroundings: SignatureSurroundings,
): Promise<SignatureCheck[]> {
  const own = bundle.has("signature") ? await checkOwn(bundle, trust, surroundings) : [];
  return [...own, ...checksOfSignaturesWithin(bundle)];
}

/** The results about the signatures within a document's entries: what they cover, a part of it or another document, is not checked. */
export function checksOfSignaturesWithin(bundle: JsonObject): SignatureCheck[] {
  const most = SIGNATURE_LIMITS.signatures;
  const placed = signaturesWithin(bundle, most + 1);
  const checks = placed.slice(0, most).map(checkWithin);
  if (placed.length <= most) return checks;
  const explanation = `The document holds more than the ${most} signatures that are listed; the others were not checked.`;
  return [...checks, { ...NOTHING_CHECKED, place: "Bundle.entry", form: "other", role: "unknown", explanation }];
}

function checkWithin({ place, signature }: PlacedSignature): SignatureCheck {
  const form = formOf(signature, signatureText(signature));
  const explanation = "The signature of a part of the document was not checked: only that of the whole document is.";
  return { ...NOTHING_CHECKED, place, form, role: "unknown", explanation };
}

async function checkOwn(bundle: JsonObject, trust: SignerTrust | undefined, surroundings: SignatureSurroundings): Promise<SignatureCheck[]> {
  const parties = new Parties(bundle);
  const receivedAt = surroundings.receivedAt ?? new Date();
  const checks: SignatureCheck[] = [];
  for (const finding of await examineSafely(bundle, bundle.object("signature"), surroundings))
    checks.push(await judge(finding, { bundle, parties, trust, receivedAt }));
  return checks;
}

interface Judging {
  readonly bundle: JsonObject;
  readonly parties: Parties;
  readonly trust: SignerTrust | undefined;
  readonly receivedAt: Date;
}

/** What a finding comes to for whoever trusts these. */
async function judge(finding: Finding, { bundle, parties, trust, receivedAt }: Judging): Promise<SignatureCheck> {
  const who = bundle.object("signature")?.object("who");
  const [certificate] = finding.chain ?? [];
  const stamp = await earliestTime(finding.timeStamps ?? [], trust && (trust.timeAuthorities ?? []));
  const isEarlier = stamp !== undefined && stamp.latest < receivedAt;
  // By a proven time it was there as surely as when it was received.
  const check = await checkCertificate(finding, trust?.signers, isEarlier ? stamp.latest : receivedAt);
  const isSigner = check.certificate === "valid" && certificate !== undefined && isPartyOf(certificate, who, parties);
  const results = {
    block: finding.block,
    content: finding.content,
    certificate: check.certificate,
    signer: isSigner ? "valid" : "not-checked",
  } as const;
  const name = certificate && finding.isContradicted !== true ? subjectNameOf(certificate) : undefined;
  return {
    place: "Bundle.signature",
    form: finding.form,
    ...results,
    standing: check.standing,
    role: signerRole(bundle, who, parties),
    ...(name !== undefined && { signerName: name }),
    ...(finding.signedAt !== undefined && { signedAt: finding.signedAt }),
    explanation: explain(results, finding, stampedBy(stamp, check.sentence), name),
  };
}

function stampedBy(stamp: Awaited<ReturnType<typeof earliestTime>>, sentence: string): string {
  return stamp === undefined ? sentence : `a time-stamp of ${stamp.name} proves that it was there by ${stamp.latest.toISOString()}; ${sentence}`;
}

/**
 * Whether a signature covers the Bundle's own id or meta, which a server replaces: then it can be checked on the submitted bytes alone. Judged by what the
 * signature names as its canonical form.
 */
export function coversServerFields(bundle: JsonObject): boolean {
  const signature = bundle.object("signature");
  // A signed message is false only over a form that is named, or in what it brings along itself.
  if (signature && formOf(signature, undefined) === "cms" && namedForm(signature) === undefined) return false;
  const text = signatureText(signature) ?? "";
  const parts = isJsonSerialised(text) ? parseJwsJson(text) : [parseJws(text)];
  return parts.some((jws) => {
    const canon = typeof jws === "object" ? jws.header.string("canon") : undefined;
    return !(canon ?? signature?.string("targetFormat") ?? "").endsWith("#document");
  });
}

async function examineSafely(
  bundle: JsonObject,
  signature: JsonObject | undefined,
  surroundings: SignatureSurroundings,
): Promise<readonly Finding[]> {
  try {
    const message = signedMessageIn(signature);
    const formName = namedForm(signature);
    const text = signatureText(signature);
    if (text !== undefined && (isCompact(text) || isJsonSerialised(text)))
      return await examineJwsText(bundle, text, { ...surroundings, formName, mayBeServed: coversServerFields(bundle) && isServed(bundle) });
    if (signature === undefined || message === undefined) return [await examine(bundle, signature, surroundings)];
    const served = formName?.endsWith("#document") !== true && isServed(bundle) ? SERVED : undefined;
    return await examineCms(bundle, message, { ...surroundings, xmlSource: surroundings.xmlSource, formName, served });
  } catch {
    return [unchecked("other", "it cannot be read")];
  }
}

/** Whether a server may have written the Bundle's id and meta. */
function isServed(bundle: JsonObject): boolean {
  return bundle.object("meta")?.has("lastUpdated") === true;
}

async function examine(bundle: JsonObject, signature: JsonObject | undefined, surroundings: SignatureSurroundings): Promise<Finding> {
  if ((signature?.string("data")?.length ?? 0) > SIGNATURE_LIMITS.data)
    return unchecked("other", `it is longer than ${SIGNATURE_LIMITS.data} characters`);
  const text = signatureText(signature);
  if (signature && isPicture(signature)) return unchecked("picture", "it is a picture, which proves nothing about the content or who signed");
  if (signature === undefined || text === undefined) return unchecked("other", "it holds no data that can be read");
  const format = signature.string("sigFormat")?.slice(0, 100) ?? "";
  const form = formOf(signature, text);
  const mayBeServed = coversServerFields(bundle) && isServed(bundle);
  if (isXml(text)) return examineXml(bundle, text, surroundings, mayBeServed);
  if (form === "jws") return unchecked("jws", "its data is no JSON Web Signature");
  if (form === "cms") return unchecked("cms", "its data is no signed message (CMS)");
  return unchecked("other", `its form${format ? ` (${format})` : ""} is not one that is checked here`);
}

async function examineXml(
  bundle: JsonObject,
  text: string,
  { definitions, xmlSource }: SignatureSurroundings,
  mayBeServed: boolean,
): Promise<Finding> {
  const finding = await checkXmlSignature(text, {
    isKnown: isXmlForm,
    formsOf: (transform, isExclusive) => canonicalXmlForms(bundle, transform, { isExclusive, definitions, source: xmlSource }),
  });
  return finding.content === "invalid" && mayBeServed ? { ...finding, content: "not-checked", reason: SERVED } : finding;
}

function explain(
  results: Pick<SignatureCheck, "block" | "content" | "certificate" | "signer">,
  { form, reason }: Finding,
  certificate: string,
  name?: string,
): string {
  const whose = name === undefined ? "The signature" : `The signature of ${name}`;
  const state = stateOf(results);
  if (state === "false") return `${whose} is not valid: ${reason ?? "it does not fit the document"}.`;
  if (state === "unchecked")
    return form === "other" || form === "picture" ? `${whose} was not checked: ${reason ?? ""}.` : `${whose} was not checked; ${reason ?? ""}.`;
  const signer =
    results.signer === "valid"
      ? ", and names the party that signed"
      : results.certificate === "valid"
        ? ", but who signed is claimed, not proved"
        : "";
  return `${whose} covers this content; ${certificate}${signer}.`;
}
