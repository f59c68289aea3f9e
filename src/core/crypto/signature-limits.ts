/**
 * What a signature may measure, so that none costs more than a small multiple of its size. What is larger is not checked, and says so; it is kept and shown all the same.
 * docs/formats.md, "Signatures that are checked", names them.
 */
export const SIGNATURE_LIMITS = {
  /** Signatures of one document that are told of. */
  signatures: 20,
  /** How many times the extent of the document all that its signatures within entries cover may have together. */
  extentWithin: 3,
  /** Characters of Signature.data. One that embeds its document is as large as that, twice in base64. */
  data: 32_000_000,
  /** Characters of a JWS's protected header. */
  header: 100_000,
  /** Certificates that a signature brings along, and the bytes of each. */
  certificates: 10,
  certificate: 32_000,
  /** Checks of a certificate's signature in the search for a way to the trust list. */
  pathChecks: 30,
  /** Certificates from the signer's to the trust list's, steps of the search for a way, and names held against what their authorities are limited to. */
  pathLength: 8,
  pathSteps: 300,
  nameComparisons: 20_000,
  /** Lists of revoked certificates and answers about one that a signature brings along, and the bytes of each. */
  revocations: 10,
  revocation: 200_000,
  /** Lists of changes (delta CRL) with which one complete list is read, the newest. */
  listChanges: 10,
  /** Bytes of a certificate, list or answer that is kept in the deposit record because a valid certificate rests on it, and of all of them together. */
  reliedOn: 50_000,
  reliedOnTogether: 100_000,
  /** Extensions of a certificate or a list, names of one place of lists, and certificates that one answer is about or brings. */
  extensions: 100,
  listNames: 100,
  answers: 50,
  /** Time-stamps of a signature that are asked about. */
  timeStamps: 5,
  /** Bits of an RSA key. */
  shortestRsaKey: 2048,
  longestRsaKey: 8192,
  /** References of an XML signature, and how many of them may be to the document. */
  xmlReferences: 10,
  xmlDocumentReferences: 3,
  /** How many times its size an XML signature may have in canonical forms, all its references together. */
  xmlForms: 10,
  /** Certificates, and lists or answers about revocation, that stand beside an XML signature for later. */
  xmlEvidence: 20,
  /** Characters, elements, attributes and namespace declarations of an XML signature, which may hold its document. */
  xml: 2_000_000,
  xmlElements: 20_000,
  xmlAttributes: 20_000,
  /** Signatures of one JWS in JSON serialisation: each may cost a few sums over the whole document. */
  jwsSignatures: 5,
  /** Of a signed message (CMS): its signers, certificates, and attributes of each signer. */
  signers: 10,
  messageCertificates: 30,
  messageAttributes: 50,
  /** How far a signing time may lie after the moment of receipt, in milliseconds: clocks differ. */
  clockSkew: 300_000,
} as const;
