/** What a responder is asked (OCSP, RFC 6960 section 4.1): about one certificate, by SHA-1 of its issuer's name and key, which every responder knows (RFC 5019); no secret rests on it. */
import { fieldsOf } from "../crypto/certificate-fields.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { hashOf } from "../crypto/digest.ts";
import { integer, nothing, objectIdentifier, octetString, sequence } from "../der/write-der.ts";

const SHA1 = "1.3.14.3.2.26";

/** OCSPRequest in DER, without a nonce: the same answer may be for many. */
export function statusQuery(certificate: Certificate, issuer: Certificate): Uint8Array {
  const { subjectDer, keyBits } = fieldsOf(issuer);
  const identifier = sequence(
    sequence(objectIdentifier(SHA1), nothing()),
    octetString(hashOf("sha1", subjectDer)),
    octetString(hashOf("sha1", keyBits)),
    integer(...fieldsOf(certificate).serial),
  );
  return sequence(sequence(sequence(sequence(identifier))));
}
