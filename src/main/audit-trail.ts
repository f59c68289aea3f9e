/** The audit trail held against itself, for the command line. A part of the composition root. */
import { watermarkFile } from "../adapters/keys/watermark-file.ts";
import type { AuditTold } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { TrailKeys } from "../pipeline/trail/trail-keys.ts";
import { verifyTrail, type VerifiedTrail } from "../pipeline/trail/verify-trail.ts";
import { markedLogs } from "./kept-trail.ts";
import { openTrailStore, spoolOf, trailMarkFile } from "./trail.ts";

/** Logs that were marked here are looked for too: one that was removed with all of its batches has a mark still. */
export async function auditTrailHere(config: Config, keys: Keys, told: AuditTold): Promise<VerifiedTrail & { readonly spooled: number }> {
  const store = await openTrailStore(config);
  try {
    const marked = await markedLogs(config);
    const spooled = (await spoolOf(config).waiting()).length;
    const verified = await verifyTrail({
      ...{ store, keys: keys.audit, dayKeys: new TrailKeys(keys, store), marked },
      mark: (log) => watermarkFile(trailMarkFile(config, log)).read(),
      onProgress: (done) => told.onProgress(done, done),
    });
    return { ...verified, spooled };
  } finally {
    await store.close();
  }
}
