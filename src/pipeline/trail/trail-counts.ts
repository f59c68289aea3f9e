import type { TrailEvent } from "../../core/formats/audit-trail.ts";

/** What this process wrote of the audit trail, for an operator's figures: counts that only grow, and how long the newest batch took. Nothing of patients. */
export class TrailCounts {
  readonly #events = new Map<string, number>();
  readonly #batches = { written: 0, spooled: 0, "brought-in": 0, failed: 0 };
  #seconds: number | undefined;

  /** @param became `written` to the trail; `spooled`, because it could not be; `brought-in` from the spool; `failed`: nowhere, and whoever told it was refused */
  batch(became: keyof TrailCounts["batches"]): void {
    this.#batches[became] += 1;
  }

  /** Events that are durable, each once, and how many seconds that took. */
  durable(events: readonly TrailEvent[], seconds: number): void {
    for (const { kind } of events) this.#events.set(kind, (this.#events.get(kind) ?? 0) + 1);
    this.#seconds = seconds;
  }

  get events(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#events);
  }

  get batches(): Readonly<Record<"written" | "spooled" | "brought-in" | "failed", number>> {
    return { ...this.#batches };
  }

  /** Undefined before the first. */
  get seconds(): number | undefined {
    return this.#seconds;
  }
}
