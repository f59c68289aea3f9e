import { isValidAt } from "../../core/crypto/certificate.ts";
import type { Keys, SealCertificate, SealSigner } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { checkSeal, makeSeal } from "../../core/signatures/seal.ts";

const PROBE = new TextEncoder().encode('{"probe":"Chartulary seals this to see whether it can"}');

/** Seals something at a moment and verifies it, as everybody will verify the seals of documents. Why such a seal would not count; undefined when it does. */
export async function probeSeal(seal: SealSigner, certificates: readonly SealCertificate[], at: Date): Promise<string | undefined> {
  const period = outsidePeriod(seal, at);
  if (period !== undefined) return period;
  try {
    const check = await checkSeal(await makeSeal(PROBE, seal, at), PROBE, certificates);
    const isTrue = check.block === "valid" && check.content === "valid" && check.certificate === "valid";
    return isTrue ? undefined : `a seal made for a trial does not verify: ${check.explanation}`;
  } catch (error) {
    // Of a key that is elsewhere, whoever reaches for it says why.
    if (error instanceof AppError && error.code !== "internal") return error.message;
    return "a seal could not be made for a trial";
  }
}

/** Why a seal of this moment would not count because of its certificate's period; undefined when the moment lies within. */
export function outsidePeriod({ chain: [certificate] }: Pick<SealSigner, "chain">, at: Date): string | undefined {
  if (certificate === undefined) return "the seal key has no certificate";
  // A seal tells its time in whole seconds.
  const moment = new Date(Math.floor(at.getTime() / 1000) * 1000);
  if (isValidAt(certificate, moment)) return undefined;
  const [from, to] = [certificate.validFrom, certificate.validTo].map((date) => date.toISOString());
  return `the seal's certificate is valid from ${from} to ${to}, and this machine's clock says ${at.toISOString()}: set the clock right, or begin a new seal key (chartulary keys rotate)`;
}

/** How long before its end, in milliseconds, everybody who looks after the service is told of a seal's certificate. */
const TOLD_BEFORE = 60 * 86_400_000;

/** That the seal's certificate ends soon, and what to do; undefined when it does not. Once it has ended nothing can be sealed (`outsidePeriod`). */
export function endsSoon({ chain: [certificate] }: Pick<SealSigner, "chain">, now: Date): string | undefined {
  if (certificate === undefined || certificate.validTo.getTime() - now.getTime() > TOLD_BEFORE) return undefined;
  const end = certificate.validTo.toISOString();
  return `the seal's certificate ends on ${end.slice(0, 10)}: begin a new seal key (chartulary keys rotate) before then`;
}

/** By which is sealed at a moment; in words why there is none. */
export function sealerAt({ sealKeys }: Pick<Keys, "sealKeys">, at: Date): SealSigner | string {
  try {
    return sealKeys.signerAt(at);
  } catch (error) {
    if (error instanceof AppError && error.code === "unavailable") return error.message;
    throw error;
  }
}
