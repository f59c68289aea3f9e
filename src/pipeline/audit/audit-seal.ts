import { X509Certificate, type KeyObject } from "node:crypto";
import { fromBase64Url } from "../../core/crypto/base64.ts";
import type { Certificate } from "../../core/crypto/certificate.ts";
import { verifyNumbers } from "../../core/crypto/platform/node-ecdsa.ts";
import type { SealCertificate } from "../../core/crypto/keys.ts";
import { signingInput } from "../../core/signatures/jws.ts";
import { checkSeal, readSeal, sealCertificateState } from "../../core/signatures/seal.ts";

interface Known {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** The time in a header: `iat`, or `sigT` of a seal of the first number. */
const SEALED_AT = /"(?:iat":(\d{1,12})|sigT":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")/;

/**
 * Checks seals; gives what is wrong with one, in words. The verifier of `core/signatures` judges the first with each certificate; of those that follow, with the same header but for its time, the signature is
 * verified and the time looked at, and nothing is read again: many thousands are checked one after another.
 */
export function createSealAuditor(
  sealCertificates: readonly SealCertificate[],
): (seal: string, canonicalForm: Uint8Array) => Promise<string | undefined> {
  const known = new Map<string, Known>();
  return async (seal, canonicalForm) => {
    const [header = "", payload, signature = ""] = seal.split(".");
    const text = new TextDecoder().decode(fromBase64Url(header));
    const [, seconds, sigT] = SEALED_AT.exec(text) ?? [];
    const sealedAt = seconds === undefined ? sigT : Number(seconds) * 1000;
    const form = text.replace(SEALED_AT, "");
    const same = payload === "" ? known.get(form) : undefined;
    if (
      same !== undefined &&
      sealedAt !== undefined &&
      sealCertificateState(same.certificate, new Date(sealedAt), sealCertificates) === "trusted" &&
      isVerified(header, canonicalForm, signature, same)
    )
      return undefined;
    const { block, standing, explanation } = await checkSeal(seal, canonicalForm, sealCertificates);
    if (block !== "valid" || standing !== "trusted") return explanation;
    const certificate = readSeal(seal)?.certificate;
    if (certificate !== undefined) known.set(form, { certificate, key: new X509Certificate(certificate.raw).publicKey });
    return undefined;
  };
}

function isVerified(header: string, canonicalForm: Uint8Array, signature: string, { key }: Known): boolean {
  const bytes = fromBase64Url(signature);
  return bytes?.length === 64 && verifyNumbers("sha256", signingInput(header, canonicalForm), key, bytes);
}
