import { isSignedMessage } from "../../cms/signed-message.ts";

/** The two forms in which FHIR resources travel (R4 http.html, content types). */
export type FhirMediaType = "application/fhir+json" | "application/fhir+xml";

/** A signed message (CMS, RFC 8551 section 3.2) with a document within. */
export const SIGNED_MESSAGE = "application/pkcs7-mime";

/** The forms in which a document may be submitted. */
export type DocumentMediaType = FhirMediaType | typeof SIGNED_MESSAGE;

const LESS_THAN = 0x3c;
const CURLY_BRACKET = 0x7b;
/** Space, tab, line feed, carriage return; the bytes of a byte order mark in UTF-8. */
const BEFORE_CONTENT = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/**
 * The form of bytes of which nobody says it, or says it as they please: by the first byte behind white space and a byte order mark, as only one of them can begin so.
 *
 * @param name of the file, whose end decides where the content is neither
 */
export function fhirMediaTypeOf(bytes: Uint8Array, name = ""): DocumentMediaType {
  if (isSignedMessage(bytes)) return SIGNED_MESSAGE;
  const first = bytes.find((byte) => !BEFORE_CONTENT.has(byte));
  if (first === LESS_THAN) return "application/fhir+xml";
  return first !== CURLY_BRACKET && /\.xml$/i.test(name) ? "application/fhir+xml" : "application/fhir+json";
}
