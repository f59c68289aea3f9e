/** The audit trail as operators' commands look at it, beside a service or without. A part of the composition root. */
import { readdir, stat } from "node:fs/promises";
import { watermarkFile } from "../adapters/keys/watermark-file.ts";
import type { Config } from "../config.ts";
import type { AuditKeys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { checkpointUnder } from "../core/formats/new-origin.ts";
import { contradictsMark } from "../pipeline/trail/trail-mark.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import { openTrailStore, trailFile, trailMarkFile } from "./trail.ts";

const MARK = /^audit-watermark-(.+)$/;

/** The trail that is there; undefined where a folder has none: it is not made. AppErrors as of `openTrailStore`. */
export async function openKeptTrail(config: Config): Promise<TrailStore | undefined> {
  if (config.mongodbUrl === undefined && !(await stat(trailFile(config)).catch(() => undefined))) return undefined;
  return openTrailStore(config);
}

/** Does something with the trail that is there, and closes it. */
export async function withKeptTrail<Result>(config: Config, work: (store: TrailStore | undefined) => Promise<Result>): Promise<Result> {
  const store = await openKeptTrail(config);
  try {
    return await work(store);
  } finally {
    await store?.close();
  }
}

/** Names of the audit logs that are marked beside the keys. */
export async function markedLogs({ keysFolder }: Pick<Config, "keysFolder">): Promise<string[]> {
  return (await readdir(keysFolder).catch(() => [])).flatMap((name) => MARK.exec(name)?.[1] ?? []).sort();
}

/** What the trail lacks by the marks beside the keys, a sentence for each log. An absent trail lacks all that was marked. */
export async function lackingByMarks(
  config: Pick<Config, "keysFolder">,
  keys: AuditKeys,
  store: Pick<TrailStore, "checkpoint" | "batches"> | undefined,
): Promise<string[]> {
  const lacking: string[] = [];
  for (const log of await markedLogs(config)) {
    const file = trailMarkFile(config, log);
    try {
      const mark = await watermarkFile(file).read();
      if (mark === undefined) continue;
      const marked = checkpointUnder(mark, keys.signerOf(log).vkey).size;
      const size = (await store?.checkpoint(log))?.size ?? 0;
      if (size < marked) lacking.push(`${log}: the newest ${marked - size} of its ${marked} batches are missing${await since(log, size, store)}`);
      else if (store && (await contradictsMark(log, { store, keys, mark })))
        lacking.push(`${log}: its first ${marked} batches are not those that its mark was taken of: what came after an older copy is missing`);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "unavailable") throw error;
      lacking.push(`${log}: its mark ${file} cannot be read, so that nobody can say whether its newest batches are there: ${error.message}`);
    }
  }
  return lacking;
}

/** Of when the newest is that is there. */
async function since(log: string, size: number, store: Pick<TrailStore, "batches"> | undefined): Promise<string> {
  const [newest] = size === 0 ? [] : ((await store?.batches(log, size - 1, 1)) ?? []);
  return newest ? `, those after ${newest.to}` : "";
}
