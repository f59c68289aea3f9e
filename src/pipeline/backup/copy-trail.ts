/** The audit trail made again in another store while it grows: docs/design/copy.md. */
import type { AuditKeys, Keys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { TrailKeys } from "../trail/trail-keys.ts";
import type { TrailStore } from "../trail/trail-store.ts";
import { verifyTrail } from "../trail/verify-trail.ts";
import { TrailReplay } from "./replay-trail.ts";
import { BATCHES, BYTES, upTo } from "./write-trail.ts";

export interface CopyTrailNeeds {
  readonly source: TrailStore;
  readonly target: TrailStore;
  readonly keys: Pick<Keys, "wrap" | "unwrap"> & { readonly audit: AuditKeys };
  /** Where the target is, for people. */
  readonly name: string;
  onProgress(done: number, all: number): void;
}

/** What was copied of the audit trail. `added`: batches that this run made; `ended`: how many of these are of days whose keys were destroyed. */
export interface CopiedTrail {
  readonly batches: number;
  readonly events: number;
  readonly added: number;
  readonly ended: number;
}

/** Brings batches over, as often as it is asked, and verifies what came since the last time. */
export class TrailCopy {
  readonly #needs: CopyTrailNeeds;
  readonly #replay: TrailReplay;
  /** Batches of each log that were verified where they are now, and the events of all. */
  readonly #verified = new Map<string, number>();
  #events = 0;

  constructor(needs: CopyTrailNeeds) {
    this.#needs = needs;
    const { source, target, keys, name } = needs;
    this.#replay = new TrailReplay({ store: target, keys, name, dayKey: (day) => source.key(day) });
  }

  /**
   * All that the source has by now is in the target then, and was read there again. Days that were ended in the source are ended in the target.
   *
   * @throws AppError `conflict` when the target has another trail, or more of one; `damaged` when a batch is not what was written.
   */
  async bring(): Promise<CopiedTrail> {
    const { source, target, keys, name, onProgress } = this.#needs;
    const logs: { readonly log: string; readonly size: number; readonly there: number }[] = [];
    for (const log of await source.logs()) {
      const [size, there] = [(await source.checkpoint(log))?.size ?? 0, (await target.checkpoint(log))?.size ?? 0];
      if (there > size) throw new AppError("conflict", `${name} has ${there} batches of the audit log ${log}, and the source has ${size}: the source's trail lost its newest, or something else wrote to that log. \`chartulary audit --trail\` tells more`); // prettier-ignore
      logs.push({ log, size, there });
    }
    const all = logs.reduce((sum, { size }) => sum + size, 0);
    let done = logs.reduce((sum, { there }) => sum + there, 0);
    for (const { log, size, there } of logs)
      // The last one that is there is compared.
      for (let from = Math.max(0, there - 1); from < size;) {
        const batches = upTo(BYTES, await source.batches(log, from, Math.min(BATCHES, size - from)));
        if (batches.length === 0) throw new AppError("damaged", `the audit log ${log} is not whole: the batch ${from} is missing`);
        await this.#replay.take(log, batches);
        done += batches.filter(({ index }) => index >= there).length;
        from += batches.length;
        onProgress(done, all);
      }
    await this.#endDays();
    await this.#verify(new TrailKeys(keys, target));
    return { batches: all, events: this.#events, ...this.#replay.made };
  }

  async #endDays(): Promise<void> {
    const { source, target } = this.#needs;
    await this.#replay.finish();
    const known = new Set(await target.endedDays());
    const days = (await source.endedDays()).filter((day) => !known.has(day));
    if (days.length > 0) await target.endDays(days);
  }

  async #verify(dayKeys: TrailKeys): Promise<void> {
    const { target, keys, name, onProgress } = this.#needs;
    const { findings, logs } = await verifyTrail({
      ...{ store: target, keys: keys.audit, dayKeys, marked: [], from: this.#verified },
      mark: () => Promise.resolve(undefined),
      onProgress: (done) => onProgress(done, done),
    });
    if (findings[0] !== undefined) throw new AppError("damaged", `the audit trail that has arrived in ${name} is not what was written (${findings.length} findings): ${findings[0]}`); // prettier-ignore
    for (const { log, size, events } of logs) {
      this.#verified.set(log, size);
      this.#events += events;
    }
  }
}
