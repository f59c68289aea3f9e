/**
 * Seal keys whose file does not hold the private key as it is: it is in PKCS #12 under a password, or a signing service has it. The file (`seal-0002.pem`) holds the certificates all the same, so that whatever is made of
 * seals' files goes for these too.
 */
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import { pemOf, type Certificate } from "../../core/crypto/certificate.ts";
import type { SealAlgorithm } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";

/** Where a private key is. */
export type KeyHolding = { readonly kind: "pkcs12"; readonly bytes: Uint8Array } | { readonly kind: "service"; readonly name: string };

/** What can be done with one. */
export interface SealDeed {
  sign(input: Uint8Array): Promise<Uint8Array>;
  /** Why it cannot sign now, in words; undefined when the last that was asked for was done. */
  fault(): string | undefined;
  /** Looks whether it can. AppError `unavailable`. */
  look(): Promise<void>;
}

/** Signs by keys that are elsewhere. */
export interface SealsElsewhere {
  deedOf(place: KeyHolding, certificate: Certificate, algorithm: SealAlgorithm): SealDeed;
}

const PKCS12 = /-----BEGIN PKCS12-----([^-]+)-----END PKCS12-----/;
const SERVICE = /^Signer-Key: ([A-Za-z0-9._~-]{1,100})\s*$/m;

/** What a service may call a key. */
export const SERVICE_KEY = /^[A-Za-z0-9._~-]{1,100}$/;

/** Where the private key of a seal's file is; undefined when it says nothing of it. AppError `damaged`. */
export function holdingIn(text: string): KeyHolding | undefined {
  const [, encoded] = PKCS12.exec(text) ?? [];
  if (encoded !== undefined) {
    const bytes = fromBase64(encoded.replace(/\s/g, ""));
    if (bytes === undefined) throw new AppError("damaged", "a seal's file holds PKCS12 that is not base64");
    return { kind: "pkcs12", bytes };
  }
  const [, name] = SERVICE.exec(text) ?? [];
  return name === undefined ? undefined : { kind: "service", name };
}

/** The text of a seal's file. */
export function sealText(chain: readonly Certificate[], place: KeyHolding): string {
  const certificates = chain.map(pemOf).join("");
  if (place.kind === "service") return `${certificates}Signer-Key: ${place.name}\n`;
  const lines = toBase64(place.bytes).match(/.{1,64}/g) ?? [];
  return `${certificates}-----BEGIN PKCS12-----\n${lines.join("\n")}\n-----END PKCS12-----\n`;
}
