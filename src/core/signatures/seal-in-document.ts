import type { JsonObject } from "../fhir/tree/tree.ts";
import { isSameCertificate } from "../crypto/certificate.ts";
import type { SealCertificate } from "../crypto/keys.ts";
import { readSeal, VERIFICATION } from "./seal.ts";
import { signatureText } from "./signature-text.ts";

/**
 * The seal that a document carries as its Bundle.signature, because it came unsigned; undefined when that is the sender's own or absent. It is ours when its certificate
 * is that of a known seal; only where none is known does what it says of itself decide. (A sender may well send what another such repository sealed.)
 */
export function sealIn(bundle: JsonObject, others: readonly string[] = [], known: readonly SealCertificate[] | undefined): string | undefined {
  const signature = bundle.object("signature");
  const text = signatureText(signature);
  const facts = text === undefined ? undefined : readSeal(text);
  if (text === undefined || facts === undefined) return undefined;
  const certificates = [...(known ?? []), ...others.flatMap((seal) => readSeal(seal) ?? [])].map(({ certificate }) => certificate);
  if (certificates.length > 0) return certificates.some((certificate) => isSameCertificate(certificate, facts.certificate)) ? text : undefined;
  const isVerification = signature?.objects("type").some((type) => type.string("code") === VERIFICATION.code);
  return isVerification && facts.name.startsWith("Chartulary seal ") ? text : undefined;
}
