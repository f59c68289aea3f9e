/** How long events of the audit trail can be read: the keys of earlier days are destroyed when an operator says so. A part of the composition root. */
import type { TrailRetention } from "../cli/told.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { dayOf } from "../pipeline/trail/trail-keys.ts";
import { openKeptTrail } from "./kept-trail.ts";

const DAY = 86_400_000;

/** @param keptDays how many days' keys are kept, besides today's: at least 1. AppError `conflict` where there is no trail */
export async function openTrailRetention(config: Config, keptDays: number): Promise<TrailRetention> {
  const store = await openKeptTrail(config);
  if (!store) throw new AppError("conflict", "there is no audit trail here");
  const before = new Date(Date.now() - keptDays * DAY).toISOString().slice(0, 10);
  return {
    before,
    due: async () => [...new Set((await store.keys()).map(({ name }) => dayOf(name)))].filter((day) => day < before).sort(),
    end: (days) => store.endDays(days),
    close: () => store.close(),
  };
}
