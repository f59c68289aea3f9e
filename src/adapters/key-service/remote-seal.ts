/** Seals by a key that a signing service has (docs/formats.md, *Signing service*). */
import { createHash } from "node:crypto";
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import { parseCertificate, readCertificate, type Certificate } from "../../core/crypto/certificate.ts";
import type { SealAlgorithm, SealSigner } from "../../core/crypto/keys.ts";
import { platform } from "../../core/crypto/platform/here.ts";
import { SEAL_METHODS } from "../../core/crypto/seal-algorithms.ts";
import { AppError } from "../../core/errors.ts";
import type { Answered, KeyService } from "./key-service.ts";

/** Something to be signed, to see whether the service signs truly. */
const TRIAL = new TextEncoder().encode("Chartulary asks whether it can seal");
/** A service that did so within so many milliseconds is not asked. */
const LATELY = 15_000;
const MOST_CERTIFICATES = 8;

/** What is believed of the service's answers is signatures that are valid under the certificate that stands in the seal's file: a service with another key seals nothing. */
export function remoteSeal(
  service: KeyService,
  name: string,
  certificate: Certificate,
  algorithm: SealAlgorithm,
): Required<Pick<SealSigner, "sign" | "fault" | "look">> {
  const method = SEAL_METHODS[algorithm];
  let wellAt = -Infinity;
  const sign = (input: Uint8Array): Promise<Uint8Array> =>
    service.ask(`/keys/${encodeURIComponent(name)}/sign`, requestOf(algorithm, input), async (answered) => {
      const signature = signatureIn(answered);
      // Under another certificate than the one that is served everybody would call the seal false.
      if ((await platform.verify({ ...method, isPss: method.keyType === "rsa" }, certificate.publicKey, input, signature)) !== true)
        throw new AppError("unavailable", `gave a signature that is not by the key ${name} of the seal's certificate`);
      wellAt = performance.now();
      return signature;
    });
  return {
    sign,
    fault: () => service.fault(),
    look: async () => {
      if (service.fault() !== undefined || performance.now() - wellAt > LATELY) await sign(TRIAL);
    },
  };
}

/** The certificates of a key, its own first. AppError `unavailable`. */
export function remoteChain(service: KeyService, name: string): Promise<Certificate[]> {
  return service.ask(`/keys/${encodeURIComponent(name)}`, undefined, ({ bytes }) => {
    const blocks = new TextDecoder().decode(bytes).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const isChain = blocks.length > 0 && blocks.length <= MOST_CERTIFICATES && blocks.every((block) => readCertificate(block));
    if (!isChain) throw new AppError("unavailable", `does not give the certificate of the key ${name} in PEM`);
    return blocks.map(parseCertificate);
  });
}

/** ECDSA and RSA need the digest alone; Ed25519 hashes what it signs twice (RFC 8032), and is given it whole. */
function requestOf(algorithm: SealAlgorithm, input: Uint8Array): object {
  const { hash, keyType } = SEAL_METHODS[algorithm];
  return keyType === "ed25519" ? { algorithm, message: toBase64(input) } : { algorithm, digest: createHash(hash).update(input).digest("base64") };
}

function signatureIn({ bytes }: Answered): Uint8Array {
  const signature = fieldIn(bytes);
  if (signature === undefined) throw new AppError("unavailable", "gives an answer that is no signature");
  return signature;
}

function fieldIn(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const answer = JSON.parse(new TextDecoder().decode(bytes)) as { readonly signature?: unknown } | null;
    return typeof answer?.signature === "string" ? fromBase64(answer.signature) : undefined;
  } catch {
    return undefined;
  }
}
