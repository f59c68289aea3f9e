/** The three separate results about one signature (R4 datatypes, Signature), and whose it claims to be. */
export interface SignatureCheck {
  /** `Bundle.signature`, or `seal` for ours. */
  readonly place: string;
  readonly form: "jws" | "xml-dsig" | "other";
  /** The signature block is intact and covers this content. `unsupported`: a form or algorithm that we do not know; nothing is claimed. */
  readonly integrity: "valid" | "invalid" | "unsupported";
  /** Whether the signer's certificate leads to the trust list and was valid at the signing time. `unknown`: no trust list was at hand. */
  readonly certificate: "trusted" | "not-trusted" | "expired" | "none" | "unknown";
  /** Whether the signer is one of the document's attesters or authors. */
  readonly signer: "attester" | "author" | "other" | "unknown";
  /** The common name in the certificate, or Signature.who's display or reference. */
  readonly signerName?: string;
  /** An instant with zone, from the protected header or Signature.when. */
  readonly signedAt?: string;
  /** One sentence for a person. */
  readonly explanation: string;
}
