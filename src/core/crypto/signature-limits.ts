/**
 * What a signature may measure, so that none costs more than a small multiple of its size. What is larger is not checked, and says so; it is kept and shown all the same.
 * docs/formats.md, "Signatures that are checked", names them.
 */
export const SIGNATURE_LIMITS = {
  /** Signatures of one document that are told of. */
  signatures: 20,
  /** Characters of Signature.data. One that embeds its document is as large as that, twice in base64. */
  data: 32_000_000,
  /** Characters of a JWS's protected header. */
  header: 100_000,
  /** Certificates that a signature brings along, and the bytes of each. */
  certificates: 10,
  certificate: 32_000,
  /** Checks of a certificate's signature in the search for a way to the trust list. */
  pathChecks: 30,
  /** Bits of an RSA key. */
  shortestRsaKey: 2048,
  longestRsaKey: 8192,
  /** Characters, elements, attributes and namespace declarations of an XML signature. */
  xml: 500_000,
  xmlElements: 3000,
  xmlAttributes: 2000,
  /** Signatures of one JWS in JSON serialisation: each may cost a few sums over the whole document. */
  jwsSignatures: 5,
  /** Of a signed message (CMS): its signers, certificates, attributes of each signer, and what it brings to tell what was revoked. */
  signers: 10,
  messageCertificates: 30,
  messageAttributes: 50,
  revocations: 20,
  /** How far a signing time may lie after the moment of receipt, in milliseconds: clocks differ. */
  clockSkew: 300_000,
} as const;
