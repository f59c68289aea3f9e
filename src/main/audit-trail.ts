/** The audit trail held against itself, for the command line. A part of the composition root. */
import { watermarkFile } from "../adapters/keys/watermark-file.ts";
import type { AuditTold } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { TrailKeys } from "../pipeline/trail/trail-keys.ts";
import { verifyTrail, type VerifiedTrail } from "../pipeline/trail/verify-trail.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import { markedLogs, withKeptTrail } from "./kept-trail.ts";
import { spoolOf, trailMarkFile } from "./trail.ts";

/** Logs that were marked here are looked for too: one that was removed with all of its batches has a mark still. Where there is no trail none is made. */
export async function auditTrailHere(config: Config, keys: Keys, told: AuditTold): Promise<VerifiedTrail & { readonly spooled: number }> {
  return withKeptTrail(config, async (kept) => {
    const marked = await markedLogs(config);
    const spooled = (await spoolOf(config).waiting()).length;
    const verified = await verifyTrail({
      ...{ store: kept ?? NO_TRAIL, keys: keys.audit, dayKeys: new TrailKeys(keys, kept ?? NO_TRAIL), marked },
      mark: (log) => watermarkFile(trailMarkFile(config, log)).read(),
      onProgress: (done) => told.onProgress(done, done),
    });
    return { ...verified, spooled };
  });
}

/** What is seen where there is none. */
const NO_TRAIL: Pick<TrailStore, "logs" | "batches" | "nodes" | "checkpoint" | "key" | "keepKey"> = {
  logs: () => Promise.resolve([]),
  batches: () => Promise.resolve([]),
  nodes: () => Promise.resolve([]),
  checkpoint: () => Promise.resolve(undefined),
  key: () => Promise.resolve(undefined),
  keepKey: ({ wrapped }) => Promise.resolve(wrapped),
};
