/**
 * The check of the signatures that a document came with (R4 datatypes, Signature): block, content, certificate and signer, each by itself. It never throws: what cannot be read as a
 * signature is reported as such. No key and no content is believed that the signature brings along: the content is the canonical form that we computed, the certificate counts when the
 * trust list says so, and is not even named where the signature is not that of its key.
 */
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { fhirTransform, xmlForms } from "./canonical-xml-forms.ts";
import { compareEmbedded } from "./embedded-document.ts";
import { CheckedSums } from "../crypto/certificate-path.ts";
import { subjectNameOf } from "../crypto/certificate.ts";
import { isCompact, isJsonSerialised, parseJws, parseJwsJson } from "./jws.ts";
import { examineJwsText, SERVED } from "./jws-signature.ts";
import { examineCms } from "./cms-signature.ts";
import { checkCertificate, judgementIn, keptOnce } from "./signer-certificate.ts";
import type { SignerTrust } from "./signer-trust.ts";
import { NOTHING_CHECKED, type SignatureCheck } from "./signature-check.ts";
import { unchecked, type Finding } from "./signature-finding.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { signaturesWithin, type Placed, type PlacedSignature } from "./signature-places.ts";
import { formOf, isPicture, isXml, namedForm, signatureText, signedMessageIn } from "./signature-text.ts";
import { explanationOf, reasonsFor } from "./signature-reasons.ts";
import { extentOf, extentOfCheck, signedParts } from "./signed-parts.ts";
import { isAnotherParty, Parties, partyProof, signerRole } from "./signer-role.ts";
import { standingStamps } from "./standing-stamps.ts";
import { signingPurpose } from "./signing-purpose.ts";
import { checkXmlSignature } from "./xml-dsig.ts";

export type { SignerTrust } from "./signer-trust.ts";

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
  // Senders' authorities are few, and come again.
  const sums = new CheckedSums();
  return ({ bundle, bytes, isXml, trust, receivedAt }) => {
    const isSource = isXml && bundle.has("signature");
    return checkDocumentSignatures(bundle, trust, { definitions, receivedAt, sums, ...(isSource && { xmlSource: new TextDecoder().decode(bytes) }) });
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
  /** Which certificate signed which, of those that were asked about before. */
  readonly sums?: CheckedSums;
}

/** The results about Bundle.signature, one for each signer, and about the signatures within the entries; empty when there is none. */
export async function checkDocumentSignatures(
  bundle: JsonObject,
  trust: SignerTrust | undefined,
  surroundings: SignatureSurroundings,
): Promise<SignatureCheck[]> {
  const signature = bundle.object("signature");
  const parties = new Parties(bundle);
  const own = bundle.has("signature")
    ? await checkPlaced({ place: "Bundle.signature", signature, subject: bundle, bundle, parties }, trust, surroundings)
    : [];
  return keptOnce([...own, ...(await checkWithin(bundle, parties, trust, surroundings))]);
}

/** The signatures within a document's entries as those that were not checked: for a record that does not tell of them, and for a check that was broken off. */
export function uncheckedWithin(bundle: JsonObject, explanation: string): SignatureCheck[] {
  const { told, others } = listedWithin(bundle);
  return [
    ...told.map(({ place, signature }) => ({
      ...NOTHING_CHECKED,
      place,
      form: formOf(signature, signatureText(signature)),
      role: "unknown" as const,
      explanation,
    })),
    ...others,
  ];
}

/** Those that are told of, and a line for the rest of a document that holds more. */
function listedWithin(bundle: JsonObject): { readonly told: readonly PlacedSignature[]; readonly others: readonly SignatureCheck[] } {
  const most = SIGNATURE_LIMITS.signatures;
  const placed = signaturesWithin(bundle, most + 1);
  if (placed.length <= most) return { told: placed, others: [] };
  const explanation = `The document holds more than the ${most} signatures that are listed; the others were not checked.`;
  return { told: placed.slice(0, most), others: [{ ...NOTHING_CHECKED, place: "Bundle.entry", form: "other", role: "unknown", explanation }] };
}

/** Each is over a part of the document. Many may be over the same part: what all of them may cost together is a small multiple of the document. */
async function checkWithin(
  bundle: JsonObject,
  parties: Parties,
  trust: SignerTrust | undefined,
  { definitions, receivedAt, sums }: SignatureSurroundings,
): Promise<SignatureCheck[]> {
  const { told, others } = listedWithin(bundle);
  if (told.length === 0) return [];
  const known = { ...(receivedAt && { receivedAt }), ...(sums && { sums }) };
  const partiesOf = new Map([[bundle, parties]]);
  let budget = extentOf(bundle) * SIGNATURE_LIMITS.extentWithin;
  const checks: SignatureCheck[] = [];
  for (const placed of told) {
    const { place, signature, holder } = placed;
    const around = holder.resource.string("resourceType") === "Bundle" ? holder.resource : placed.bundle.resource;
    const parts = signedParts(placed);
    budget -= typeof parts === "string" ? 0 : extentOfCheck(parts, signature);
    const own = partiesOf.get(around) ?? new Parties(around);
    partiesOf.set(around, own);
    const question = { place, signature, bundle: around, parties: own };
    const reason = typeof parts === "string" ? parts : budget < 0 ? "all signatures of this document would take too long to check" : undefined;
    checks.push(
      ...(reason === undefined && typeof parts !== "string"
        ? await checkParts({ ...question, parts }, trust, { definitions, ...known })
        : [await judged(unchecked(formOf(signature, signatureText(signature)), reason ?? ""), question, trust, known)]),
    );
  }
  return [...checks, ...others];
}

/** A signature over one part, or one whose Provenance names several: then it is over one of them at most, since how several are signed together is not laid down. */
async function checkParts(
  { parts, ...question }: Omit<Question, "subject" | "covers"> & { readonly parts: readonly [Placed, ...Placed[]] },
  trust: SignerTrust | undefined,
  surroundings: SignatureSurroundings,
): Promise<SignatureCheck[]> {
  const [first, ...others] = parts;
  if (others.length === 0) return checkPlaced({ ...question, subject: first.resource, covers: first.place }, trust, surroundings);
  for (const part of parts) {
    const findings = await examineSafely(part.resource, question.signature, surroundings);
    const fitting = findings.filter(({ block, content }) => block === "valid" && content === "valid");
    if (fitting.length === 0) continue;
    // Certificates and time-stamps cost more than the rest: they are judged of the target that it is over.
    const sound = await judgedAll(fitting, { ...question, covers: part.place }, trust, surroundings);
    const reason = `it covers ${part.place}, and not the ${others.length === 1 ? "other target" : `${others.length} other targets`} of its Provenance`;
    return sound.map((check) => ({
      ...check,
      content: "not-checked",
      ...(check.reasons && { reasons: { ...check.reasons, content: reason } }),
      explanation: `The signature was checked in part: ${reason}.`,
    }));
  }
  const form = formOf(question.signature as JsonObject, signatureText(question.signature));
  const reason = `its Provenance names ${parts.length} targets, and how several are signed together is not laid down`;
  return [await judged(unchecked(form, reason), question, trust, surroundings)];
}

/** A signature, where it stands, and what it is to be over. */
interface Question {
  readonly place: string;
  readonly signature: JsonObject | undefined;
  /** What is signed. */
  readonly subject: JsonObject;
  /** Where that stands, if it is not the document. */
  readonly covers?: string;
  /** The Bundle whose entries say who somebody is. */
  readonly bundle: JsonObject;
  readonly parties: Parties;
}

async function checkPlaced(question: Question, trust: SignerTrust | undefined, surroundings: SignatureSurroundings): Promise<SignatureCheck[]> {
  return judgedAll(await examineSafely(question.subject, question.signature, surroundings), question, trust, surroundings);
}

async function judgedAll(
  findings: readonly Finding[],
  question: Omit<Question, "subject">,
  trust: SignerTrust | undefined,
  surroundings: SignatureSurroundings,
): Promise<SignatureCheck[]> {
  const checks: SignatureCheck[] = [];
  for (const finding of findings) checks.push(await judged(finding, question, trust, surroundings));
  return checks;
}

/** By what a Reference names somebody. */
const NAMING = ["reference", "identifier", "display"] as const;

/** What a finding comes to for whoever trusts these. */
async function judged(
  finding: Finding,
  { place, signature, covers, bundle, parties }: Omit<Question, "subject">,
  trust: SignerTrust | undefined,
  { receivedAt = new Date(), sums }: Pick<SignatureSurroundings, "receivedAt" | "sums">,
): Promise<SignatureCheck> {
  const who = signature?.object("who");
  const [signer] = finding.chain ?? [];
  const { revocation, timeStamps: _, archiveStamps: __, ...rest } = finding;
  const stamps = await standingStamps(finding, trust, { receivedAt, sums });
  const stamped = { ...rest, timeStamps: stamps.standing, ...(revocation && { revocations: [...revocation.crls, ...revocation.ocsp] }) };
  const check = await checkCertificate(stamped, trust, receivedAt, { sums });
  const proof = check.certificate === "valid" && signer !== undefined ? partyProof(signer, who, parties, trust?.parties) : undefined;
  const { block, content } = finding;
  const results = { block, content, certificate: check.certificate, signer: proof ? "valid" : "not-checked" } as const;
  const name = signer && finding.isContradicted !== true ? subjectNameOf(signer) : undefined;
  const certificate = `${check.sentence}${stamps.told}`;
  const purpose = signingPurpose(signature, finding.block === "valid" ? (finding.commitments ?? []) : []);
  const told = { results, finding, certificate, name, covers, proof, hasSigner: NAMING.some((name) => who?.has(name) === true) };
  return {
    place,
    form: finding.form,
    ...results,
    standing: check.standing,
    role: signerRole(bundle, who, parties, proof && signer ? (party) => isAnotherParty(signer, party, parties, trust?.parties) : undefined),
    ...(name !== undefined && { signerName: name }),
    ...(finding.signedAt !== undefined && { signedAt: finding.signedAt }),
    ...(covers !== undefined && { covers }),
    reasons: reasonsFor(told),
    ...judgementIn(check, signer, trust),
    ...(purpose && { purpose }),
    explanation: explanationOf(told),
  };
}

/**
 * Whether a signature covers the Bundle's own id or meta, which a server replaces: then it can be checked on the submitted bytes alone. Judged by what the
 * signature names as its canonical form.
 */
export function coversServerFields(bundle: JsonObject): boolean {
  return mayCoverServerFields(bundle.object("signature"));
}

function mayCoverServerFields(signature: JsonObject | undefined): boolean {
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
      return await examineJwsText(bundle, text, { ...surroundings, formName, mayBeServed: mayCoverServerFields(signature) && isServed(bundle) });
    if (signature === undefined || message === undefined) return [await examine(bundle, signature, surroundings)];
    const served = formName?.endsWith("#document") !== true && isServed(bundle) ? SERVED : undefined;
    return await examineCms(bundle, message, { ...surroundings, xmlSource: surroundings.xmlSource, formName, served });
  } catch {
    return [unchecked("other", "it cannot be read")];
  }
}

/** Whether a server may have written the resource's id and meta. */
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
  if (isXml(text)) return examineXml(bundle, text, surroundings);
  if (form === "jws") return unchecked("jws", "its data is no JSON Web Signature");
  if (form === "cms") return unchecked("cms", "its data is no signed message (CMS)");
  return unchecked("other", `its form${format ? ` (${format})` : ""} is not one that is checked here`);
}

function examineXml(bundle: JsonObject, text: string, { definitions, xmlSource }: SignatureSurroundings): Promise<Finding> {
  return checkXmlSignature(text, {
    knowledgeOf: (transform) => fhirTransform(transform, bundle),
    formsOf: (transforms) => xmlForms(bundle, transforms, { definitions, source: xmlSource }),
    compare: (embedded) => compareEmbedded(bundle, embedded, definitions),
    hasSource: xmlSource !== undefined,
    served: isServed(bundle) ? SERVED : undefined,
  });
}
