/**
 * `chartulary/verify`: proves, with no store and no network, that a document is what was deposited. The same verdict as `chartulary verify --json`.
 *
 * What is exported here keeps to semantic versions (docs/design/library.md): its types stand in this file alone, and the compiler holds what the program finds against them.
 */
import { writeJson } from "../core/fhir/json/write-json.ts";
import { openR4 } from "../core/fhir/r4/open-r4.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { reportFields } from "../pipeline/verify/report.ts";
import { verifyHeld } from "../pipeline/verify/verify-pdf.ts";

/** Files as they are: bytes, or their text. */
export interface VerifyRequest {
  /** The submitted bytes, or the document as it was served, JSON or XML, or a PDF of it: then document and receipt are taken out of it. */
  readonly document: Uint8Array | string;
  /** The deposit's receipt (`GET /documents/{id}/receipt`): proves that the log holds the document. */
  readonly receipt?: Uint8Array | string | undefined;
  /** The repository's keys (`GET /trust.json`), and the senders that you trust: from before, from a source that you trust. Without it nothing is proven. */
  readonly trust?: Uint8Array | string | undefined;
  /** The deposit record (`GET /documents/{id}/record`): what it keeps about revocation counts beside the trust file. */
  readonly record?: Uint8Array | string | undefined;
  /** A document that nobody signed, or whose signer is not confirmed, counts as false. */
  readonly requireTrusted?: boolean;
  /** A document whose entry in the log not enough witnesses have seen is not confirmed. */
  readonly requireWitnessed?: boolean;
  /** When it is verified; now, where nothing is said. */
  readonly now?: Date;
}

/**
 * What it all comes to. `proven`: it is what was deposited, in the log of a repository that you trust. `false`: something about it is not what it says it is. `not-confirmed`: everything is intact, but the
 * repository or a signer is not confirmed. `incomplete`: nothing is false, but a check could not be made.
 */
export type Verdict = "proven" | "not-confirmed" | "false" | "incomplete";

/** One line of a verification. */
export interface VerificationCheck {
  /** What was checked: `digest`, `seal`, `inclusion`, … Later versions know more. */
  readonly name: string;
  /** `info` says something and decides nothing; `damaged`: something beside the document is false, which is proved without it. */
  readonly result: "pass" | "fail" | "not-confirmed" | "not-made" | "info" | "damaged";
  /** One sentence for a person. */
  readonly text: string;
}

/** `invalid` is for what is proven false; whatever could not be proved either way is `not-checked`. */
export type SignatureResult = "valid" | "invalid" | "not-checked";

/** What is known of one signature: four results, each by itself (docs/formats.md, Deposit record). */
export interface VerifiedSignature {
  /** Where it stands: `Bundle.signature`, `Bundle.entry[3].resource.signature[0]`. */
  readonly place: string;
  readonly form: "jws" | "xml-dsig" | "cms" | "picture" | "other";
  /** Whether the signature value is that of the key that it carries. */
  readonly block: SignatureResult;
  /** Whether what was signed is this document. */
  readonly content: SignatureResult;
  /** Whether the certificate leads to somebody whom the trust file names, and was valid. */
  readonly certificate: SignatureResult;
  /** Whether the party that the document names is the one in the certificate. */
  readonly signer: SignatureResult;
  readonly standing: "trusted" | "not-trusted" | "expired" | "none" | "unknown";
  readonly role: "attester" | "author" | "other" | "unknown";
  readonly signerName?: string;
  /** An instant with zone that the signature covers. */
  readonly signedAt?: string;
  /** What was signed, where that is not the whole document. */
  readonly covers?: string;
  /** Why each of the four is what it is. */
  readonly reasons?: Readonly<Record<"block" | "content" | "certificate" | "signer", string>>;
  /** By what the certificate was judged: `at`, an instant, by whom it is told, and the digests of the certificate and of the list of trusted ones. */
  readonly judged?: { readonly at: string; readonly basis: "signed" | "stamped" | "received"; readonly certificate: string; readonly trust: string };
  /** What it was signed for, as object identifiers: what the document claims, and what the signature covers. */
  readonly purpose?: { readonly claimed: readonly string[]; readonly signed: readonly string[]; readonly result: "agrees" | "differs" | "claimed" };
  /** One sentence for a person. */
  readonly explanation: string;
}

/** What came of a verification: what `chartulary verify --json` prints, without the file's name. */
export interface Verification {
  readonly verdict: Verdict;
  readonly signatures: readonly VerifiedSignature[];
  readonly checks: readonly VerificationCheck[];
}

/** Verifies a document or a PDF. Never throws for what the files hold: every fault is a line of `checks`. */
export async function verify({ document, receipt, trust, record, ...more }: VerifyRequest): Promise<Verification> {
  const { definitions } = openR4();
  const files = { bytes: bytesOf(document), receipt: given(receipt), trust: given(trust), record: given(record) };
  const report = await verifyHeld({ ...files, ...more, definitions });
  // Plain data, and nothing of what only the program knows.
  return JSON.parse(writeJson(treeOf(reportFields(report satisfies Verification)))) as Verification;
}

function given(file: Uint8Array | string | undefined): Uint8Array | undefined {
  return file === undefined ? undefined : bytesOf(file);
}

function bytesOf(file: Uint8Array | string): Uint8Array {
  return typeof file === "string" ? new TextEncoder().encode(file) : file;
}
