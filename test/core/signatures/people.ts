/** Signers for tests, with certificates from authorities for tests. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { issueCertificate } from "../../../src/adapters/keys/issue-certificate.ts";
import type { Certificate, PublicKey } from "../../../src/core/crypto/certificate.ts";

export interface Person {
  readonly name: string;
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

export interface PersonOptions {
  readonly by?: Person;
  readonly isAuthority?: boolean;
  readonly validFrom?: Date;
  readonly validTo?: Date;
  readonly curve?: "P-256" | "P-384" | "P-521";
  /** A key that somebody has already. */
  readonly key?: KeyObject;
}

/** Somebody with a key and a certificate: their own, or issued by another. */
export function person(name: string, options: PersonOptions = {}): Person {
  const { by, isAuthority = false, validFrom = new Date("2020-01-01"), validTo = new Date("2120-01-01"), curve = "P-256" } = options;
  const pair = generateKeyPairSync("ec", { namedCurve: curve });
  // A key that was made in another realm of the test runner is read into this one.
  const key = options.key ?? createPrivateKey(pair.privateKey.export({ type: "pkcs8", format: "pem" }));
  const certificate = issueCertificate({
    subject: name,
    publicKey: options.key ? createPublicKey(options.key) : pair.publicKey,
    issuer: by?.name ?? name,
    issuerKey: by?.key ?? key,
    validFrom,
    validTo,
    isAuthority,
  });
  return { name, key, certificate };
}

/** A public key as a certificate brings it. */
export function certifiedKey(publicKey: KeyObject): PublicKey {
  const { key } = person("Whoever");
  const period = { validFrom: new Date("2020-01-01"), validTo: new Date("2120-01-01") };
  return issueCertificate({ subject: "Whoever", publicKey, issuer: "Whoever", issuerKey: key, ...period, isAuthority: false }).publicKey;
}
