/** Who stamps the time of PDFs' signatures. A part of the composition root. */
import type { Config } from "../config.ts";
import type { TimeStamper } from "../core/cms/make-signature.ts";
import type { Certificate } from "../core/crypto/certificate.ts";
import { readTimeAuthorities } from "./setting-files.ts";

export interface Stamping {
  /** Certificates that time-stamps must lead to. */
  readonly timeAuthorities: readonly Certificate[];
  /** Undefined where no time-stamp authority is configured. */
  readonly stamp: TimeStamper | undefined;
}

/** @param onFault told why there is no stamp */
export async function openStamping(config: Config, onFault: (reason: string) => void): Promise<Stamping> {
  const timeAuthorities = await readTimeAuthorities(config);
  if (config.timeAuthority === undefined) return { timeAuthorities, stamp: undefined };
  const { openTimeAuthority } = await import("../adapters/tsa/time-authority.ts");
  const { url, policy } = config.timeAuthority;
  return { timeAuthorities, stamp: openTimeAuthority({ url, policy, anchors: timeAuthorities, onFault }) };
}
