/** How one seal key vouches for the next: detached JWS by both over the entry that begins it. Any JOSE library checks them. docs/formats.md, "Seal keys". */
import { toBase64Url } from "../crypto/base64.ts";
import { isSameCertificate, thumbprintOf, type Certificate } from "../crypto/certificate.ts";
import type { SealSigner } from "../crypto/keys.ts";
import { beginningPayload, certificateDigest, formatSealKeyBegun, type SealKeyBegun, type SignedBeginning } from "../formats/seal-key.ts";
import { detachedJws, parseJws, protectedHeaderOf, signingInput, verifyJws } from "./jws.ts";

/** What they are, so that nobody takes one for a seal or the other way round. */
const TYPE = "chartulary-seal-key";

/** The leaf of an entry that begins a seal key, signed. @param previous undefined where the key before cannot sign any more */
export async function signedBeginning(
  begun: SealKeyBegun,
  { itself, previous }: { readonly itself: SealSigner; readonly previous: SealSigner | undefined },
): Promise<Uint8Array> {
  const payload = beginningPayload(begun);
  return formatSealKeyBegun(begun, {
    itself: await statementOf(payload, itself),
    ...(previous && { previous: await statementOf(payload, previous) }),
  });
}

async function statementOf(payload: Uint8Array, signer: SealSigner): Promise<string> {
  const [certificate] = signer.chain;
  const header = protectedHeaderOf({
    alg: signer.algorithm,
    typ: TYPE,
    kid: signer.kid,
    ...(certificate && { "x5t#S256": toBase64Url(thumbprintOf(certificate)) }),
  });
  return detachedJws(header, await signer.sign(signingInput(header, payload)));
}

/** Why a beginning does not lead from a certificate to its own, in words; undefined when both keys signed it. Never throws. */
export async function faultOfLink(begun: SignedBeginning, previous: Certificate): Promise<string | undefined> {
  const { signatures, payload, chain } = begun;
  if (begun.previous !== certificateDigest(previous)) return "it follows another key";
  if (isSameCertificate(chain[0], previous)) return "it follows itself";
  if (signatures.previous === undefined) return "the key before did not sign it";
  if (!(await isStatement(signatures.previous, payload, previous))) return "its signature is not that of the key before";
  return (await isItsOwn(begun)) ? undefined : "its signature is not that of the key that it begins";
}

/** Whether the key that is begun signed its own beginning. */
export function isItsOwn({ signatures, payload, chain }: SignedBeginning): Promise<boolean> {
  return isStatement(signatures.itself, payload, chain[0]);
}

async function isStatement(text: string, payload: Uint8Array, certificate: Certificate): Promise<boolean> {
  const jws = parseJws(text);
  if (jws?.payload !== "" || jws.header.string("typ") !== TYPE || jws.header.has("b64")) return false;
  if (jws.header.string("x5t#S256") !== toBase64Url(thumbprintOf(certificate))) return false;
  return (await verifyJws(jws, payload, certificate.publicKey)).kind === "valid";
}
