/** What is asked of a time-stamp authority, and what it answers (RFC 3161 sections 2.4.1 and 2.4.2). */
import { contentOf, numberIn, readWholeDer, TAG, valuesIn } from "../crypto/read-der.ts";
import { boolean, integer, nothing, objectIdentifier, octetString, sequence } from "../der/write-der.ts";
import { OID } from "./identifiers.ts";

/** Asks for a stamp over a digest, with the authority's certificate in it. `policy`: an object identifier in dots; the authority's own where none is named. */
export function timeStampQuery(digest: Uint8Array, nonce: Uint8Array, policy?: string, hash: "sha256" | "sha512" = "sha256"): Uint8Array {
  // Authorities of all ages know the algorithm with its NULL.
  const imprint = sequence(sequence(objectIdentifier(OID[hash]), nothing()), octetString(digest));
  return sequence(integer(1), imprint, ...(policy === undefined ? [] : [objectIdentifier(policy)]), integer(...nonce), boolean(true));
}

/** The token of an answer (ContentInfo in DER), or in words why there is none. AppError `malformed`. */
export function tokenIn(answer: Uint8Array): Uint8Array | string {
  const [status, token] = valuesIn(readWholeDer(answer), TAG.sequence);
  const [code, ...details] = valuesIn(status, TAG.sequence);
  const number = numberIn(code);
  // Granted, or granted with other policy or accuracy than was asked for.
  if (token !== undefined && (number === 0n || number === 1n)) return token.whole;
  const words = details.find(({ tag }) => tag === TAG.sequence);
  const text = words ? valuesIn(words).map((each) => new TextDecoder().decode(contentOf(each, TAG.utf8String).subarray(0, 200))) : [];
  return `it refused (status ${number})${text.length > 0 ? `: ${text.join(" ").replace(/[^ -~]+/g, " ")}` : ""}`;
}
