/**
 * The cases of x509-limbo (C2SP): chains for TLS, judged here for the purposes that they name. They are read from `x509-limbo/limbo.json` in CASES; without it nothing is tested. What is about the
 * name of a host alone is no question of a path, and left out.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CheckedSums, checkPath, type CheckedPath } from "../../../src/core/crypto/certificate-path.ts";
import { readCertificate, type Certificate } from "../../../src/core/crypto/certificate.ts";
import { revocationOf } from "../../../src/core/revocation/path-revocation.ts";
import { shelfOf } from "../../../src/core/revocation/revocation-shelf.ts";

const FILE = join(process.env["CASES"] ?? "../shared/cases", "x509-limbo/limbo.json");
/** Undefined where the cases are not at hand. */
export const LIMBO = existsSync(FILE) ? FILE : undefined;

export interface LimboCase {
  readonly id: string;
  readonly expected_result: "SUCCESS" | "FAILURE";
  readonly validation_kind: "SERVER" | "CLIENT";
  readonly validation_time: string | null;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly crls: readonly string[];
  readonly max_chain_depth: number | null;
}

export function readCases(file: string): readonly LimboCase[] {
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly testcases: readonly LimboCase[] }).testcases;
}

const PURPOSES = { SERVER: "1.3.6.1.5.5.7.3.1", CLIENT: "1.3.6.1.5.5.7.3.2" } as const;
const ANY_USE = 0xffff;

export function checkLimbo(one: LimboCase): Promise<CheckedPath> {
  const read = (pems: readonly string[]): Certificate[] => pems.flatMap((pem) => readCertificate(pem) ?? []);
  const signer = readCertificate(one.peer_certificate);
  const others = read(one.untrusted_intermediates);
  const moment = one.validation_time === null ? new Date() : new Date(one.validation_time);
  const sums = new CheckedSums();
  const shelf = shelfOf(one.crls.map((pem) => new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64"))));
  return checkPath({
    ...{ chain: signer ? [signer, ...others] : [], anchors: read(one.trusted_certs), moment, sums },
    use: { usage: ANY_USE, purposes: new Set([PURPOSES[one.validation_kind]]), mayBeAuthority: false },
    objection: async (path) => {
      const isRequired = one.crls.length > 0;
      const found = await revocationOf(path, { shelves: [shelf], moment, existedBy: moment, now: moment, isRequired, others, sums });
      return "state" in found ? found : undefined;
    },
  });
}
