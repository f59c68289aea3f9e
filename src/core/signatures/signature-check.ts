/** What is known of one signature, in the words that page, PDF, command line and interfaces share. */

/** `invalid` is for what is proven false; whatever could not be proved either way is `not-checked`, and the explanation says why. */
export type SignatureResult = "valid" | "invalid" | "not-checked";

/** The four separate results about one signature (after R4 datatypes, Signature), and whose it is. */
export interface SignatureCheck {
  /** `Bundle.signature`, `Bundle.entry[3].resource.signature[0]`, or `seal` for ours. */
  readonly place: string;
  /** `picture`: of a signature, which is none. */
  readonly form: "jws" | "xml-dsig" | "cms" | "picture" | "other";
  /** Whether the signature value is that of the key that it carries, over its own block. */
  readonly block: SignatureResult;
  /** Whether what was signed is this document. */
  readonly content: SignatureResult;
  /** Whether the certificate leads to the trust list and was valid when it was signed. Not judged where the block is not valid: anybody may copy a certificate. */
  readonly certificate: SignatureResult;
  /** Whether the party that Signature.who names is the one in the certificate; `not-checked`: it is claimed. */
  readonly signer: SignatureResult;
  /** More about the certificate. `unknown`: it was not judged, or no trust list was at hand. */
  readonly standing: "trusted" | "not-trusted" | "expired" | "none" | "unknown";
  /** Whether Signature.who, by what it says itself, is one of the document's attesters or authors. */
  readonly role: "attester" | "author" | "other" | "unknown";
  /** The name in the certificate; only where the block is valid under its key. */
  readonly signerName?: string;
  /** An instant with zone that the signature covers; only where the block is valid. */
  readonly signedAt?: string;
  /** One sentence for a person. */
  readonly explanation: string;
}

/** The four results, in the order in which they are told. */
export const SIGNATURE_RESULTS = ["block", "content", "certificate", "signer"] as const;

/** A signature of which nothing could be proved. */
export const NOTHING_CHECKED = {
  block: "not-checked",
  content: "not-checked",
  certificate: "not-checked",
  signer: "not-checked",
  standing: "unknown",
} as const satisfies Partial<SignatureCheck>;

/** Whether a signature was proved false, or could not be checked, or covers this content but its signer is not confirmed, or all of it is proved. */
export type SignatureState = "false" | "unchecked" | "unconfirmed" | "proven";

export function stateOf({
  block,
  content,
  certificate,
  signer,
}: Pick<SignatureCheck, "block" | "content" | "certificate" | "signer">): SignatureState {
  if (block === "invalid" || content === "invalid") return "false";
  if (block !== "valid" || content !== "valid") return "unchecked";
  return certificate === "valid" && signer === "valid" ? "proven" : "unconfirmed";
}
