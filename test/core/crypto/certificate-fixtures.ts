/** The certificates of fixtures/certificates, which OpenSSL made and judged (make.sh). */
import { readFileSync } from "node:fs";
import { parseCertificate, type Certificate } from "../../../src/core/crypto/certificate.ts";

const FOLDER = new URL("../../../fixtures/certificates/", import.meta.url);

/** At which OpenSSL was asked. */
export const MOMENT = new Date("2025-07-01T12:00:00Z");

export function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, FOLDER)));
}

export function certificateOf(name: string): Certificate {
  return parseCertificate(bytesOf(`${name}.pem`));
}

export const ROOT = certificateOf("root");
export const BRAIN = certificateOf("brain");
export const AUTHORITIES = ["brain", "below", "not-authority", "no-cert-sign", "limited", "servers", "explicit", "late", "elder"].map(certificateOf);

/** By name, what OpenSSL said: `OK`, or the number of its error. */
export const VERDICTS: readonly (readonly [string, string])[] = readFileSync(new URL("verdicts.tsv", FOLDER), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t") as [string, string]);
