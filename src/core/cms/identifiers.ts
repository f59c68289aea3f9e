/** Object identifiers of the Cryptographic Message Syntax (RFC 5652) and what stands in it. */
export const OID = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingTime: "1.2.840.113549.1.9.5",
  /** RFC 5035. */
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  signingCertificate: "1.2.840.113549.1.9.16.2.12",
  /** RFC 3161. */
  timeStampToken: "1.2.840.113549.1.9.16.2.14",
  timeStampInfo: "1.2.840.113549.1.9.16.1.4",
  /** RFC 5126; ETSI EN 319 122-1. */
  commitmentType: "1.2.840.113549.1.9.16.2.16",
  certificateValues: "1.2.840.113549.1.9.16.2.23",
  revocationValues: "1.2.840.113549.1.9.16.2.24",
  /** Archive time-stamps: ETSI EN 319 122-1 (version 3), RFC 5126 and what came before it. */
  archiveStamp: "0.4.0.1733.2.4",
  archiveStamp2: "1.2.840.113549.1.9.16.2.48",
  archiveStamp1: "1.2.840.113549.1.9.16.2.27",
  /** What an archive time-stamp of version 3 is over, as hashes: of ETSI EN 319 122-1, and of TS 101 733 and the draft before it. */
  hashIndex3: "0.4.0.19122.1.5",
  hashIndex2: "0.4.0.19122.1.4",
  hashIndex1: "0.4.0.1733.2.5",
  /** RFC 6211. */
  algorithmProtection: "1.2.840.113549.1.9.52",
  /** RFC 5940: an OCSP response among the revocation information, as OCSPResponse or BasicOCSPResponse. */
  ocspResponse: "1.3.6.1.5.5.7.16.2",
  ocspBasic: "1.3.6.1.5.5.7.48.1.1",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha512: "2.16.840.1.101.3.4.2.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;
