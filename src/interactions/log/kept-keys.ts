import { X509Certificate } from "node:crypto";
import { fingerprintOf, isSameCertificate, pemOf, thumbprintOf, type Certificate } from "../../core/crypto/certificate.ts";
import { toHex } from "../../core/crypto/bytes.ts";
import { keyThumbprint } from "../../core/jwk.ts";
import { sealAlgorithmOf } from "../../core/crypto/seal-algorithms.ts";
import { formatKeySet } from "../../core/formats/key-set.ts";
import { trustOf } from "../../core/formats/trust.ts";
import type { ShownCertificate, ShownKeys } from "../../pipeline/render/pages/keys-page.ts";
import type { LogNeeds } from "./read-log.ts";

/** A certificate as a file. */
export interface CertificateFile {
  readonly bytes: string | Uint8Array;
  readonly contentType: string;
}

/** What anybody may ask of the keys by which the repository is checked. */
export interface KeyInteractions {
  /** A JWK set of the seals' keys (RFC 7517). */
  keySet(): string;
  /** Keys and certificates for people. */
  shown(): ShownKeys;
  /** By `FINGERPRINT.pem` (with those that lead to its root) or `.der`, the fingerprint in lower-case hex; undefined when there is none. */
  file(name: string): CertificateFile | undefined;
}

export function keyInteractions({ keys, witnesses }: Pick<LogNeeds, "keys" | "witnesses">): KeyInteractions {
  return {
    keySet: () => formatKeySet(keys.sealCertificates),
    shown: () => {
      const { log, pastLogs = [] } = trustOf(keys);
      return {
        seals: keys.sealCertificates.map(({ certificate, chain, isCurrent, ended }) => ({
          ...{ isCurrent, ended },
          ...shownOf(certificate),
          chain: (chain ?? []).filter((one) => !isSameCertificate(one, certificate)).map(shownOf),
        })),
        // Newest first, as everything there.
        logs: [log, ...pastLogs].map(({ origin, verifiers, keys: each }) => ({
          origin,
          vkeys: verifiers.map(({ vkey }) => vkey).reverse(),
          ...(each && { keys: each }),
        })),
        witnesses: witnesses && { rule: witnesses.rule, parties: witnesses.witnesses.map(({ name, verifier }) => ({ name, vkey: verifier.vkey })) },
      };
    },
    file: (name) => {
      const [, fingerprint, ending] = /^([0-9a-f]{64})\.(pem|der)$/.exec(name) ?? [];
      const chains = keys.sealCertificates.map(({ certificate, chain = [certificate] }) => chain);
      const found = chains
        .flatMap((chain) => chain.map((_, at) => chain.slice(at)))
        .find(([one]) => one !== undefined && nameOf(one) === fingerprint);
      const [certificate] = found ?? [];
      if (found === undefined || certificate === undefined) return undefined;
      return ending === "der"
        ? { bytes: certificate.raw, contentType: "application/pkix-cert" }
        : { bytes: found.map(pemOf).join(""), contentType: "application/pem-certificate-chain" };
    },
  };
}

function nameOf(certificate: Certificate): string {
  return toHex(thumbprintOf(certificate));
}

function shownOf(certificate: Certificate): ShownCertificate {
  const { issuer, serialNumber, publicKey } = new X509Certificate(certificate.raw);
  const { keyType, curve, modulusLength } = certificate.publicKey;
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    issuer: issuer.replaceAll("\n", ", "),
    serial: serialNumber.match(/../g)?.join(":") ?? serialNumber,
    fingerprint: fingerprintOf(certificate),
    from: certificate.validFrom,
    to: certificate.validTo,
    algorithm: [sealAlgorithmOf(certificate.publicKey), [keyType, curve, modulusLength].filter(Boolean).join(" ")].filter(Boolean).join(", "),
    kid: keyThumbprint(publicKey),
    file: nameOf(certificate),
  };
}
