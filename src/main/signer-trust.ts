/** Whom this installation trusts for senders' signatures, and what it knows of revocations. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Certificate } from "../core/crypto/certificate.ts";
import type { LogNeeds } from "../interactions/log/read-log.ts";
import type { SignerTrust } from "../core/signatures/signer-trust.ts";
import { readTrustedSigners } from "./setting-files.ts";

export interface SenderTrust {
  /** What is said to auditors: without a trust file, that nobody is trusted. */
  readonly senders: Omit<SignerTrust, "source"> & Pick<LogNeeds, "heldRevocations">;
  /** By which deposits are judged: without a trust file nothing is said about certificates; with an empty one, that they are not trusted. */
  readonly trust: SignerTrust | undefined;
}

/**
 * AppError `invalid`: TRUST_FILE cannot be read, or is none.
 *
 * @param stamping certificates of the authority that stamps for us
 * @param onFault told why nothing could be fetched, without an error
 */
export async function openSenderTrust(
  config: Config,
  stamping: readonly Certificate[],
  onFault: (error: unknown, what: string) => void,
): Promise<SenderTrust> {
  const { signers, revocations, parties, timeAuthorities = [] } = await readTrustedSigners(config);
  const { folder, hosts, isRequired } = config.revocation;
  // Auditors get the same authorities of time: else a signature that its time-stamp proves at the deposit would not be proved to them.
  const senders = { signers, revocations, parties, needsRevocation: isRequired, timeAuthorities: [...timeAuthorities, ...stamping] };
  if (config.trustFile === undefined) return { senders, trust: undefined };
  if (hosts.size === 0 && folder === undefined) return { senders, trust: senders };
  const { openRevocationSource, REVOCATION_LIMITS } = await import("../adapters/revocation/revocation-source.ts");
  const { watchFolder } = await import("../adapters/revocation/revocation-folder.ts");
  const told = (where: string, reason: string): void => onFault(undefined, `nothing about revocation was had of ${where}: ${reason}`);
  const held = folder === undefined ? undefined : watchFolder(folder, REVOCATION_LIMITS, told);
  const source = openRevocationSource({ held, hosts, onFault: told });
  return { senders: { ...senders, heldRevocations: held }, trust: { ...senders, source } };
}
