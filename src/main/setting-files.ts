/** Files that settings name. A part of the composition root. */
import type { Certificate } from "../core/crypto/certificate.ts";
import { readFile } from "node:fs/promises";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import type { SignerTrust } from "../core/signatures/signer-trust.ts";
import type { TlogPolicy } from "../core/formats/tlog-policy.ts";
import type { RetentionPolicy } from "../pipeline/retention.ts";
import type { SignaturePolicy } from "../pipeline/signature-policy.ts";
import type { Policy } from "../pipeline/validate/policy.ts";
import { STANDARD_POLICY, type AccessPolicy } from "../security/policy/access-policy.ts";
import { codeOf } from "./surroundings.ts";

/** Whom TRUST_FILE trusts. AppError `invalid`. */
export async function readTrustedSigners({ trustFile }: Config): Promise<SignerTrust> {
  if (trustFile === undefined) return { signers: [] };
  const { readSigners } = await import("../interactions/signers.ts");
  return readSetting("TRUST_FILE", trustFile, readSigners);
}

/** The certificates of TSA_TRUST_FILE; none where no authority is configured. AppError `invalid`. */
export async function readTimeAuthorities({ timeAuthority }: Config): Promise<Certificate[]> {
  if (timeAuthority === undefined) return [];
  const { readCertificates } = await import("../interactions/signers.ts");
  return readSetting("TSA_TRUST_FILE", timeAuthority.trustFile, readCertificates);
}

/** The policy of WITNESS_POLICY; undefined where the log has no witnesses. AppError `invalid`. */
export async function readWitnessPolicy({ witnesses }: Pick<Config, "witnesses">): Promise<TlogPolicy | undefined> {
  if (witnesses === undefined) return undefined;
  const { parseTlogPolicy } = await import("../core/formats/tlog-policy.ts");
  return readSetting("WITNESS_POLICY", witnesses.policyFile, parseTlogPolicy);
}

/** The policy of POLICY, or of POLICY_FILE, which is its earlier name. AppError `invalid`. */
export async function openPolicy({ policy, policyFile }: Pick<Config, "policy" | "policyFile">): Promise<Policy> {
  const { openPolicyNamed } = await import("../interactions/policy-files.ts");
  if (policyFile !== undefined && policy !== "strict")
    throw new AppError("invalid", `POLICY (${policy}) and POLICY_FILE (${policyFile}) name two policies, and there is one: set POLICY alone`);
  const [name, given] = policyFile === undefined ? ["POLICY", policy] : ["POLICY_FILE", policyFile];
  return openPolicyNamed(given).catch((cause: unknown) => {
    throw cause instanceof AppError ? new AppError("invalid", `${name} ${given}: ${cause.message}`, { cause }) : cause;
  });
}

/** What SIGNATURE_POLICY demands: one of ours by its name, or that of a file. AppError `invalid`, also where nobody is trusted and somebody must be. */
export async function openSignaturePolicy({ signaturePolicy, trustFile }: Pick<Config, "signaturePolicy" | "trustFile">): Promise<SignaturePolicy> {
  const { namedSignaturePolicy, needsTrust, readSignaturePolicy } = await import("../pipeline/signature-policy.ts");
  const policy = namedSignaturePolicy(signaturePolicy) ?? (await readSetting("SIGNATURE_POLICY", signaturePolicy, readSignaturePolicy));
  if (needsTrust(policy) && trustFile === undefined)
    throw new AppError(
      "invalid",
      "SIGNATURE_POLICY takes documents of somebody who is trusted alone (require-trusted), and TRUST_FILE, which says who that is, is not set",
    );
  return policy;
}

/** The policy of ACCESS_POLICY; where none is named, the one for small houses. AppError `invalid`. */
export async function openAccessPolicy({ accessPolicyFile }: Pick<Config, "accessPolicyFile">): Promise<AccessPolicy> {
  if (accessPolicyFile === undefined) return STANDARD_POLICY;
  const { readAccessPolicy } = await import("../security/policy/read-access-policy.ts");
  return readSetting("ACCESS_POLICY", accessPolicyFile, readAccessPolicy);
}

/** The policy of RETENTION_POLICY. AppError `invalid`, also when there is none. */
export async function readRetention({ retentionPolicyFile }: Config): Promise<RetentionPolicy> {
  const { readRetentionPolicy } = await import("../pipeline/retention.ts");
  if (retentionPolicyFile === undefined)
    throw new AppError("invalid", "RETENTION_POLICY names no policy file: without one, documents are kept for ever");
  return readSetting("RETENTION_POLICY", retentionPolicyFile, readRetentionPolicy);
}

/** Reads the file that a setting names; a fault in it is told by the setting's name. */
async function readSetting<T>(name: string, file: string, parse: (text: string) => T): Promise<T> {
  try {
    return parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new AppError("invalid", `${name} ${file}: ${cause instanceof AppError ? cause.message : `it could not be read (${codeOf(cause)})`}`, {
      cause,
    });
  }
}
