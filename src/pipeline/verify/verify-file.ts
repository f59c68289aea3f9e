/**
 * The offline verifier: what somebody holds, a receipt, and the trust file that they had before, and nothing else. It says whether the file is what was deposited, whether its
 * signatures are good, and whether the log contains it. It knows neither the store nor the signer.
 */
import { coversServerFields, checkDocumentSignatures } from "../../core/crypto/document-signature.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { checkSeal } from "../../core/crypto/seal.ts";
import { sealIn } from "../../core/crypto/seal-in-document.ts";
import { AppError } from "../../core/errors.ts";
import { canonicalDocument } from "../../core/fhir/canonical.ts";
import { isError } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { STORED_READ_LIMITS, type ReadLimits } from "../../core/fhir/read-limits.ts";
import { readResource } from "../../core/fhir/read-resource.ts";
import { parseLeaf, type Leaf } from "../../core/formats/leaf.ts";
import { parseReceipt } from "../../core/formats/receipt.ts";
import { parseTrust, type Trust } from "../../core/formats/trust.ts";
import { checkCheckpoint, checkIdentifier, checkInclusion, checkOuter, type OpenReceipt } from "./log-checks.ts";
import { reportOf, type VerificationCheck, type VerificationReport } from "./report.ts";

/** What is verified: files as they are. */
export interface VerificationRequest {
  /** The submitted bytes, or the Bundle as it was served, in JSON or XML. */
  readonly bytes: Uint8Array;
  /** `GET /documents/{id}/receipt`. */
  readonly receipt?: Uint8Array | undefined;
  /** `GET /trust.json`, from before. */
  readonly trust?: Uint8Array | undefined;
  /** Whether a sender's signature without a trusted certificate counts as a failure. */
  readonly requireTrusted?: boolean;
  readonly limits?: ReadLimits;
}

/** The document, if it can be read at all. */
interface Held {
  readonly bytes: Uint8Array;
  readonly bundle: JsonObject | undefined;
  readonly canonicalForm: Uint8Array | undefined;
}

/** Verifies a document. Never throws for what the files hold: every fault is a line of the report. */
export async function verifyFile(request: VerificationRequest): Promise<VerificationReport> {
  const checks: VerificationCheck[] = [];
  const receipt = read("receipt", "fail", request.receipt, parseReceiptAndLeaf, checks);
  const trust = read("trust file", "not-made", request.trust, parseTrust, checks);
  const held = hold(request, receipt !== undefined, checks);
  // Our own seal in the place of a sender's signature: it is looked for once, since three checks depend on it.
  const carriedSeal = held.bundle && sealIn(held.bundle, receipt?.seal, trust?.seals);

  if (receipt) checks.push(checkDigest(held, receipt.leaf));
  if (held.bundle && carriedSeal === undefined)
    checks.push(...(await checkSenders(held.bundle, held.bytes, receipt, trust, request.requireTrusted ?? false)));
  checks.push(...(await checkSeals(held, carriedSeal, receipt, trust)));
  if (receipt)
    checks.push(
      checkInclusion(receipt),
      checkCheckpoint(receipt, trust),
      checkIdentifier(receipt, held.bundle),
      checkOuter(receipt, held.bundle, carriedSeal !== undefined),
    );
  else checks.push(notMade("inclusion", "Whether the log holds this document was not checked: that takes its receipt (--receipt)."));
  return reportOf(checks);
}

function parseReceiptAndLeaf(text: string): OpenReceipt {
  const { leaf, ...rest } = parseReceipt(text);
  return { ...rest, leaf: parseLeaf(leaf), leafBytes: leaf };
}

function read<Value>(
  name: string,
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

function hold({ bytes, limits = STORED_READ_LIMITS }: VerificationRequest, hasReceipt: boolean, checks: VerificationCheck[]): Held {
  const isXml = beginsAsXml(bytes);
  const { resource, issues } = readResource(bytes, isXml ? "application/fhir+xml" : "application/fhir+json", limits);
  const fault = issues.find(isError);
  if (resource === undefined || resource.string("resourceType") !== "Bundle") {
    checks.push(notMade("document", `The file cannot be read as a Bundle${fault ? `: ${fault.text}` : "."}`));
    return { bytes, bundle: undefined, canonicalForm: undefined };
  }
  // Two readers could make different things of it, so that no digest of ours could speak for what another shows.
  const isDoubtful = fault !== undefined && !hasReceipt;
  checks.push(
    fault
      ? { name: "document", result: isDoubtful ? "not-made" : "fail", text: `The file breaks the rules of its format: ${fault.text}` }
      : { name: "document", result: "info", text: `A Bundle in ${isXml ? "XML" : "JSON"}.` },
  );
  return { bytes, bundle: resource, canonicalForm: new TextEncoder().encode(canonicalDocument(resource)) };
}

/** Whether the first byte behind white space and a byte order mark is `<`. */
function beginsAsXml(bytes: Uint8Array): boolean {
  return bytes.find((byte) => !BEFORE_CONTENT.has(byte)) === 0x3c;
}

/** Space, tab, line feed, carriage return; the bytes of a byte order mark in UTF-8. */
const BEFORE_CONTENT = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

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

/** The signature that the document came with. Not asked of a document that carries our own seal in its place. */
async function checkSenders(
  bundle: JsonObject,
  bytes: Uint8Array,
  receipt: OpenReceipt | undefined,
  trust: Trust | undefined,
  requireTrusted: boolean,
): Promise<VerificationCheck[]> {
  const isAsSubmitted = receipt === undefined || digestOf(bytes) === receipt.leaf.submittedDigest;
  const results = await checkDocumentSignatures(bundle, trust);
  return results.flatMap((check): VerificationCheck[] => {
    if (check.integrity === "invalid" && !isAsSubmitted && coversServerFields(bundle)) {
      return [
        notMade(
          "signature",
          "The sender's signature was not checked: it may cover the Bundle's id and meta, which the repository sets. Verify the file as it was submitted.",
        ),
      ];
    }
    if (check.integrity === "invalid") return [fail("signature", check.explanation)];
    if (check.integrity === "unsupported") return [notMade("signature", check.explanation)];
    return [pass("signature", check.explanation), signerLine(check.certificate, check.signerName, requireTrusted)];
  });
}

function signerLine(state: string, signerName: string | undefined, requireTrusted: boolean): VerificationCheck {
  const name = signerName ?? "The signer";
  if (state === "trusted") return pass("signer", `${name} is trusted by the trust file.`);
  if (state === "unknown")
    return {
      name: "signer",
      result: requireTrusted ? "not-made" : "info",
      text: `Whether ${name} is trusted was not checked: that takes a trust file (--trust).`,
    };
  const text =
    state === "expired"
      ? `${name} is not trusted: the certificate was not valid when it was signed.`
      : `${name} is not trusted: the trust file does not vouch for the certificate.`;
  return { name: "signer", result: requireTrusted ? "fail" : "info", text };
}

/** Our seal: the receipt's, and the one that the document carries. */
async function checkSeals(
  { canonicalForm }: Held,
  carriedSeal: string | undefined,
  receipt: OpenReceipt | undefined,
  trust: Trust | undefined,
): Promise<VerificationCheck[]> {
  const seals = [...new Set([receipt?.seal, carriedSeal].filter((seal) => seal !== undefined))];
  if (seals.length === 0 || canonicalForm === undefined) {
    return [
      notMade("seal", "The repository's seal was not checked: the document carries none, and there is no receipt (--receipt) to take it from."),
    ];
  }
  const checks: VerificationCheck[] = [];
  for (const seal of seals) {
    const check = await checkSeal(seal, canonicalForm, trust?.seals);
    checks.push(check.integrity === "valid" ? pass("seal", check.explanation) : fail("seal", check.explanation), certificateLine(check.certificate));
  }
  return checks;
}

function certificateLine(state: string): VerificationCheck {
  const name = "seal certificate";
  if (state === "trusted") return pass(name, "The seal's certificate is the repository's and was valid when it was made.");
  if (state === "unknown")
    return notMade(name, "Whether the seal's certificate is the repository's was not checked: that takes a trust file (--trust).");
  return fail(
    name,
    state === "expired"
      ? "The seal's certificate is the repository's, but was not valid when the seal was made."
      : "The seal's certificate is not the repository's.",
  );
}

function pass(name: string, text: string): VerificationCheck {
  return { name, result: "pass", text };
}

function fail(name: string, text: string): VerificationCheck {
  return { name, result: "fail", text };
}

function notMade(name: string, text: string): VerificationCheck {
  return { name, result: "not-made", text };
}
