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
  /** What was signed, where that is not the whole document: `Bundle.entry[3].resource`. */
  readonly covers?: string;
  /** Why each of the four is what it is. Absent in records of earlier versions, and of a seal. */
  readonly reasons?: SignatureReasons;
  /** By what the certificate was judged; only where it was. */
  readonly judged?: Judgement;
  /** What a valid certificate rests on, so that it can be judged again: kept in the deposit record as a whole, and told nowhere else. */
  readonly restsOn?: readonly ReliedOn[];
  /** What it was signed for; absent where neither the signature nor the document says. */
  readonly purpose?: SigningPurpose;
  /** One sentence for a person. */
  readonly explanation: string;
}

/** The four results, in the order in which they are told. */
export const SIGNATURE_RESULTS = ["block", "content", "certificate", "signer"] as const;

/** A clause about each, without a full stop, the same wherever it is told. */
export type SignatureReasons = Readonly<Record<(typeof SIGNATURE_RESULTS)[number], string>>;

/** By what a certificate was judged (docs/formats.md, "Deposit record"). */
export interface Judgement {
  /** An instant: when it had to be valid. */
  readonly at: string;
  /** Who says so: `signed`, the signature covers it; `stamped`, a time-stamp authority; `received`, the moment of receipt stands in. */
  readonly basis: "signed" | "stamped" | "received";
  /** Digest of the signer's certificate (DER). */
  readonly certificate: string;
  /** Digest of the list of trusted certificates. */
  readonly trust: string;
}

/** A certificate of the way to the trust list, or a list (CRL) or answer (OCSP) that tells that nobody on it had been revoked. */
export interface ReliedOn {
  readonly kind: "certificate" | "revocation";
  /** Of its DER. */
  readonly digest: string;
  /** Absent where it is too large to be kept. */
  readonly der?: Uint8Array;
}

/** What a signature was made for, as object identifiers in dots (ASTM E1762, ETSI TS 119 172-1 annex B). */
export interface SigningPurpose {
  /** What the document says (Signature.type): nothing protects it. */
  readonly claimed: readonly string[];
  /** What the signature covers. */
  readonly signed: readonly string[];
  /** Whether what is claimed is among what is signed; `claimed`: nothing is signed, or it is of another vocabulary. */
  readonly result: "agrees" | "differs" | "claimed";
}

/** What came of the time-stamp of an XML seal, in the words of the verification. */
export interface SealTime {
  readonly result: "pass" | "fail" | "not-made" | "info";
  readonly text: string;
  /** What it says, where it is whole: an instant, and whose it is. */
  readonly says?: { readonly at: string; readonly by: string };
}

/** What the page of a document tells of its XML seal. */
export type XmlSealShown =
  | { readonly kind: "sealed"; readonly check: SignatureCheck; readonly time?: SealTime | undefined }
  /** It was not made so far, or is of a form that this version does not know. */
  | { readonly kind: "unknown" }
  /** In words why the document cannot have one. */
  | { readonly kind: "impossible"; readonly reason: string }
  /** In words what is wrong with what is kept of it. */
  | { readonly kind: "damaged"; readonly reason: string };

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
