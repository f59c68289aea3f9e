/**
 * The offline verifier: what somebody holds, a receipt, and the trust file that they had before, and nothing else. It says whether the file is what was deposited, whether its
 * signatures are good, and whether the log contains it. It knows neither the store nor the signer.
 */
import { digestOf } from "../../core/crypto/digest.ts";
import { answerHere, coversServerFields, type SignatureAnswerer } from "../../core/signatures/document-signature.ts";
import { checkSeal, readSeal, type SealProof } from "../../core/signatures/seal.ts";
import { canonicalXmlDocument, checkXmlSeal, readXmlSeal } from "../../core/signatures/xml-seal.ts";
import { sealIn } from "../../core/signatures/seal-in-document.ts";
import type { SignatureCheck } from "../../core/signatures/signature-check.ts";
import { AppError } from "../../core/errors.ts";
import { canonicalDocument } from "../../core/fhir/canonical.ts";
import { isError } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { fhirMediaTypeOf, type DocumentMediaType } from "../../core/fhir/reading/fhir-media-type.ts";
import { STORED_READ_LIMITS, type ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../core/fhir/reading/read-resource.ts";
import { parseLeaf, type Leaf } from "../../core/formats/leaf.ts";
import { parseReceipt } from "../../core/formats/receipt.ts";
import { parseTrust, type Trust } from "../../core/formats/trust.ts";
import { checkCheckpoint, checkIdentifier, checkInclusion, checkOuter, type OpenReceipt } from "./log-checks.ts";
import { checkEvidence, checkRenewals } from "./evidence-checks.ts";
import { withKeptEvidence } from "./kept-evidence.ts";
import { leadTrust, type LedTrust } from "./led-trust.ts";
import { besideSeal, sealLines, xmlSealLines } from "./seal-lines.ts";
import { sealTimeLine } from "./seal-time.ts";
import { checkWitnesses } from "./witness-checks.ts";
import { fail, notMade, pass, type CheckName, reportOf, type VerificationCheck, type VerificationReport } from "./report.ts";
import { linesOf } from "./signature-lines.ts";

/** What is verified: files as they are. */
export interface VerificationRequest {
  /** The submitted bytes, or the Bundle as it was served, in JSON or XML. */
  readonly bytes: Uint8Array;
  /** `GET /documents/{id}/receipt`. */
  readonly receipt?: Uint8Array | undefined;
  /** `GET /trust.json`, from before. */
  readonly trust?: Uint8Array | undefined;
  /** `GET /documents/{id}/record`: what the judgement at receipt rested on counts beside the trust file. */
  readonly record?: Uint8Array | undefined;
  /** Whether a document that nobody signed, or whose signer is not confirmed, counts as false. */
  readonly requireTrusted?: boolean;
  /** Whether a document whose entry not enough witnesses have seen is not confirmed. */
  readonly requireWitnessed?: boolean | undefined;
  /** When it is verified; now, where nothing is said. */
  readonly now?: Date;
  readonly limits?: ReadLimits;
  /** Those that the repository validates by: they tell how XML is read and written. */
  readonly definitions: Definitions;
  /** Who checks the senders' signatures; this thread itself when nobody else is named. */
  readonly answerSignatures?: SignatureAnswerer;
}

/** The document, if it can be read at all. */
interface Held {
  readonly bytes: Uint8Array;
  readonly isXml: boolean;
  readonly bundle: JsonObject | undefined;
  readonly canonicalForm: Uint8Array | undefined;
  /** It breaks the rules of its format, so that two readers could make different things of it. */
  readonly isDoubtful?: boolean;
}

/** Verifies a document. Never throws for what the files hold: every fault is a line of the report. */
export async function verifyFile(request: VerificationRequest): Promise<VerificationReport> {
  const checks: VerificationCheck[] = [];
  const receipt = read("receipt", "fail", request.receipt, parseReceiptAndLeaf, checks);
  const given = read("trust file", "not-made", request.trust, parseTrust, checks);
  const led = given && (await leadTrust(given, receipt?.keyEntries));
  const kept = request.record && withKeptEvidence(request.record, receipt, led?.trust);
  const trust = kept?.trust ?? led?.trust;
  const held = hold(request, receipt !== undefined, checks);
  // Our own seal in the place of a sender's signature: it is looked for once, since three checks depend on it.
  const carriedSeal = held.bundle && sealIn(held.bundle, receipt?.seals, trust?.seals);

  if (receipt) checks.push(checkDigest(held, receipt.leaf));
  if (kept?.line) checks.push(kept.line);
  const signatures = held.bundle ? await askSignatures(held, held.bundle, { receipt, trust, request, carriesSeal: carriedSeal !== undefined }) : [];
  if (held.bundle) checks.push(...linesOf(signatures, request.requireTrusted ?? false));
  // Only what the log is proved to hold, of this very document, says when its seal was there.
  const isThis = receipt !== undefined && isOfEntry(held, receipt);
  const index = isThis && isInTree(receipt, trust) ? receipt.index : undefined;
  const time = receipt && (await checkEvidence(receipt, trust, request.now ?? new Date()));
  const seals = await checkSeals(held, carriedSeal, { receipt, led, proof: { index, ...(isThis && time?.seen) } });
  checks.push(...seals);
  const isSealed = seals.some(({ name, result }) => name === "seal" && result === "pass") && !seals.some(({ result }) => UNSEALED.has(result));
  const ofXml = receipt && held.bundle ? await checkXmlSeals(held.bundle, receipt, led, request.definitions) : [];
  checks.push(...(isSealed ? ofXml.map(besideSeal) : ofXml));
  if (receipt)
    checks.push(
      checkInclusion(receipt),
      checkCheckpoint(receipt, trust, led),
      ...(time?.lines ?? []),
      ...(await checkRenewals(receipt, held, trust, request.now ?? new Date())),
      ...checkWitnesses(receipt, trust, request.requireWitnessed ?? false),
      checkIdentifier(receipt, held.bundle),
      checkOuter(receipt, held.bundle, carriedSeal !== undefined),
    );
  else checks.push(notMade("inclusion", "Whether the log holds this document was not checked: that takes its receipt (--receipt)."));
  return reportOf(checks, signatures);
}

/** With such a line no compact seal stands for the document. */
const UNSEALED: ReadonlySet<VerificationCheck["result"]> = new Set(["fail", "not-made"]);

function parseReceiptAndLeaf(text: string): OpenReceipt {
  const { leaf, ...rest } = parseReceipt(text);
  return { ...rest, leaf: parseLeaf(leaf), leafBytes: leaf };
}

function read<Value>(
  name: CheckName,
  fault: "fail" | "not-made",
  bytes: Uint8Array | undefined,
  parse: (text: string) => Value,
  checks: VerificationCheck[],
): Value | undefined {
  if (bytes === undefined) return undefined;
  try {
    return parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const reason = error instanceof AppError ? error.message : "it is not UTF-8 text";
    checks.push({ name, result: fault, text: `The ${name} cannot be used: ${reason.replace(/\.$/, "")}.` });
    return undefined;
  }
}

function hold({ bytes, definitions, limits = STORED_READ_LIMITS }: VerificationRequest, hasReceipt: boolean, checks: VerificationCheck[]): Held {
  const mediaType = fhirMediaTypeOf(bytes);
  const isXml = mediaType === "application/fhir+xml";
  const { resource, issues } = readResource(bytes, mediaType, limits, definitions);
  const fault = issues.find(isError);
  const canonicalForm = resource?.string("resourceType") === "Bundle" ? canonicalFormOf(resource) : undefined;
  if (resource === undefined || canonicalForm === undefined) {
    checks.push(notMade("document", `The file cannot be read as a Bundle${fault ? `: ${fault.text}` : "."}`));
    return { bytes, isXml, bundle: undefined, canonicalForm: undefined };
  }
  // No digest of ours could speak for what another reader shows.
  const isDoubtful = fault !== undefined;
  checks.push(
    fault
      ? { name: "document", result: hasReceipt ? "fail" : "not-made", text: `The file breaks the rules of its format: ${fault.text}` }
      : { name: "document", result: "info", text: `A Bundle in ${FORM_NAMES[mediaType]}.` },
  );
  return { bytes, isXml, bundle: resource, canonicalForm, isDoubtful };
}

const FORM_NAMES: Readonly<Record<DocumentMediaType, string>> = {
  "application/fhir+json": "JSON",
  "application/fhir+xml": "XML",
  "application/pkcs7-mime": "a signed message (CMS)",
};

/** Undefined where it has none: a string holds what no encoding can write (half of a surrogate pair), and so there can be no digest of it. */
function canonicalFormOf(bundle: JsonObject): Uint8Array | undefined {
  try {
    return new TextEncoder().encode(canonicalDocument(bundle));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** Whether the file is the deposited one: byte for byte, or the same content written otherwise. */
function checkDigest({ bytes, canonicalForm }: Held, leaf: Leaf): VerificationCheck {
  const hasBytes = digestOf(bytes) === leaf.submittedDigest;
  const hasContent = canonicalForm !== undefined && digestOf(canonicalForm) === leaf.canonicalDigest;
  if (hasBytes && hasContent) return pass("digest", `The file is byte for byte what was deposited at ${leaf.receivedAt} (${leaf.submittedDigest}).`);
  if (hasContent)
    return pass("digest", `The content is what was deposited at ${leaf.receivedAt} (${leaf.canonicalDigest}); the file writes it in another way.`);
  if (hasBytes) return fail("digest", "The file's bytes are those of the log's entry, but their content is not: the entry contradicts itself.");
  return fail("digest", "The file is not what was deposited: neither its bytes nor its content have the digests in the log's entry.");
}

/** Whether the entry is of the content that is held. */
function isOfEntry({ canonicalForm }: Held, { leaf }: OpenReceipt): boolean {
  return canonicalForm !== undefined && digestOf(canonicalForm) === leaf.canonicalDigest;
}

/** Whether the log that the trust file names holds the entry. */
function isInTree(receipt: OpenReceipt, trust: Trust | undefined): boolean {
  return [checkInclusion(receipt), checkCheckpoint(receipt, trust)].every(({ result }) => result === "pass");
}

/** The senders' signatures. That of the document itself is not asked about where our own seal stands in its place. */
async function askSignatures(
  { bytes, isXml, isDoubtful = false }: Held,
  bundle: JsonObject,
  about: {
    readonly receipt: OpenReceipt | undefined;
    readonly trust: Trust | undefined;
    readonly request: VerificationRequest;
    readonly carriesSeal: boolean;
  },
): Promise<readonly SignatureCheck[]> {
  const { receipt, trust, request, carriesSeal } = about;
  const asked = carriesSeal ? bundle.without("signature") : bundle;
  const receivedAt = receipt === undefined ? new Date() : new Date(receipt.leaf.receivedAt);
  const answer = request.answerSignatures ?? answerHere(request.definitions);
  const found = await answer({ bundle: asked, bytes, isXml, trust, receivedAt });
  const checks = isDoubtful ? found.map(ofOneReading) : found;
  const isAsSubmitted = receipt === undefined || digestOf(bytes) === receipt.leaf.submittedDigest;
  return isAsSubmitted ? checks : checks.map((check) => (isOfSubmittedBytes(check, bundle) ? notOfTheseBytes(check) : check));
}

const DOUBTFUL = "the file breaks the rules of its format, so that other readers may see another document in it than the one that is covered";

/** What is said of a signature that fits what we make of a file, where others may make something else of it. */
function ofOneReading(check: SignatureCheck): SignatureCheck {
  if (check.content !== "valid") return check;
  const reasons = check.reasons && { ...check.reasons, content: DOUBTFUL };
  return { ...check, content: "not-checked", ...(reasons && { reasons }), explanation: `The signature was checked in part: ${DOUBTFUL}.` };
}

/** Whether a signature that does not fit may fit the bytes that were submitted: it covers what a repository replaces, or XML that is written in another way now. */
function isOfSubmittedBytes(check: SignatureCheck, bundle: JsonObject): boolean {
  return check.content === "invalid" || check.block === "invalid"
    ? check.form === "xml-dsig"
      ? check.content === "invalid"
      : coversServerFields(bundle)
    : false;
}

function notOfTheseBytes(check: SignatureCheck): SignatureCheck {
  const { block, reasons } = check;
  return {
    ...check,
    block: block === "invalid" ? "not-checked" : block,
    content: "not-checked",
    ...(reasons && { reasons: { ...reasons, ...(block === "invalid" && { block: MAY_BE_OF_OTHERS }), content: MAY_BE_OF_OTHERS } }),
    explanation: `The sender's signature was not checked: ${MAY_BE_OF_OTHERS}. Verify the file as it was submitted.`,
  };
}

const MAY_BE_OF_OTHERS = "it may cover the Bundle's id and meta, which the repository sets, or how the document was written";

/** Our seal: the receipt's, and the one that the document carries. */
async function checkSeals(
  { canonicalForm }: Held,
  carriedSeal: string | undefined,
  { receipt, led, proof }: { readonly receipt: OpenReceipt | undefined; readonly led: LedTrust | undefined; readonly proof: SealProof },
): Promise<VerificationCheck[]> {
  const seals = [...new Set([...(receipt?.seals ?? []), ...(carriedSeal === undefined ? [] : [carriedSeal])])];
  if (canonicalForm === undefined) return [notMade("seal", "The repository's seal was not checked: the file cannot be read as a Bundle.")];
  if (seals.length === 0) {
    return [
      notMade("seal", "The repository's seal was not checked: the document carries none, and there is no receipt (--receipt) to take it from."),
    ];
  }
  const checks: VerificationCheck[] = [];
  for (const seal of seals) {
    checks.push(...sealLines(await checkSeal(seal, canonicalForm, led?.trust.seals, "trust-file", proof), readSeal(seal)?.certificate, led));
  }
  if (receipt && receipt.otherSeals > 0)
    checks.push(
      notMade("seal", `${receipt.otherSeals} of the receipt's seals are of a form that this version does not know: they were not checked.`),
    );
  return checks;
}

/** Our seals over the document in XML, which were made behind its deposit. */
async function checkXmlSeals(
  bundle: JsonObject,
  { leaf, xmlSeals, noXmlSeal }: OpenReceipt,
  led: LedTrust | undefined,
  definitions: Definitions,
): Promise<VerificationCheck[]> {
  if (noXmlSeal !== undefined) return [{ name: "seal", result: "info", text: `There is no XML seal, as the receipt says: ${noXmlSeal}` }];
  const checks: VerificationCheck[] = [];
  const form = xmlSeals.length === 0 ? "" : canonicalXmlDocument(bundle, definitions);
  for (const seal of xmlSeals) {
    const facts = readXmlSeal(seal);
    const time = facts && (await sealTimeLine(facts, led?.trust));
    const check = await checkXmlSeal(seal, form, led?.trust.seals, "trust-file", { stampedAt: time?.provenAt });
    checks.push(...xmlSealLines(check, facts?.certificate, led));
    if (time) checks.push(time.line);
    if (facts && facts.documentId !== leaf.id) checks.push(fail("seal", "The XML seal names another document than the log's entry."));
  }
  return checks;
}
