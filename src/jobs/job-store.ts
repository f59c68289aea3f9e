import { keyedHash } from "../core/crypto/digest.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { isKnown, type Caller } from "../core/asked.ts";
import { isDamage } from "../core/errors.ts";
import { closeValue, openValue } from "../pipeline/store/closed-value.ts";
import type { Job } from "./job.ts";
import type { JobRow, JobRows, UnderWay } from "./job-rows.ts";

/** A job with what only its keeping needs. */
export interface HeldJob {
  readonly job: Job;
  /** By what engines and operators know it: a keyed hash of its id, which is a secret. */
  readonly name: string;
  /** Of its files, base64. */
  readonly key: string;
  /** How often it was begun since it saved something. */
  readonly fruitless: number;
  /** From when on it may be taken: milliseconds since 1970. */
  readonly dueAt: number;
  readonly revision: number;
}

/** What is kept of one, closed. */
type Kept = Pick<HeldJob, "job" | "key" | "fruitless">;

/**
 * Jobs as they are kept: their ids and owners as keyed hashes, and each value encrypted under a key of its own, which the master key wraps. One that cannot be opened (the epoch of its key has ended, or it was
 * altered) is not there: it is asked for anew.
 */
export class JobStore {
  readonly #rows: JobRows;
  readonly #keys: Pick<Keys, "wrap" | "unwrap">;
  readonly #secret: Uint8Array;

  private constructor(rows: JobRows, keys: Pick<Keys, "wrap" | "unwrap">, secret: Uint8Array) {
    this.#rows = rows;
    this.#keys = keys;
    this.#secret = secret;
  }

  static async open(rows: JobRows, keys: Pick<Keys, "wrap" | "unwrap" | "secretFor">): Promise<JobStore> {
    return new JobStore(rows, keys, await keys.secretFor("jobs"));
  }

  /** By what engines and operators know a job. */
  nameOf(id: string): string {
    return keyedHash(this.#secret, `id\n${id}`);
  }

  async read(name: string): Promise<HeldJob | undefined> {
    const row = await this.#rows.read(name, Date.now());
    return row && this.#opened(row);
  }

  /** Of an owner, or all; those under way first, each the newest first: however many have ended since, none that goes on is passed over. */
  async list(owner: Caller | undefined, count: number): Promise<HeldJob[]> {
    const name = owner && this.#ownerName(owner);
    const found = new Map<string, JobRow>();
    for (const isOver of [false, true]) for (const row of await this.#rows.list(name, Date.now(), count, isOver)) found.set(row.id, row);
    const rows = [...found.values()].slice(0, count);
    return (await Promise.all(rows.map((row) => this.#opened(row)))).flatMap((held) => held ?? []);
  }

  underWay(owner: Caller): Promise<UnderWay> {
    return this.#rows.underWay(this.#ownerName(owner), Date.now());
  }

  /** What may be taken by now. */
  async due(kind: string, count: number): Promise<HeldJob[]> {
    const found: HeldJob[] = [];
    for (const row of await this.#rows.due(kind, Date.now(), count)) {
      const held = await this.#opened(row);
      if (held) found.push(held);
      // It would stand before all others until it expires.
      else await this.#rows.remove(row.id);
    }
    return found;
  }

  async insert(job: Job, key: string, dueAt: number): Promise<HeldJob> {
    const kept = { job, key, fruitless: 0 };
    const row = await this.#closed(kept, dueAt);
    await this.#rows.insert(row);
    return { ...kept, name: row.id, dueAt, revision: 1 };
  }

  /** In the place of what was read: as it is then; undefined when somebody else was quicker. */
  async replace(held: HeldJob, change: Kept & Pick<HeldJob, "dueAt">): Promise<HeldJob | undefined> {
    const row = await this.#closed(change, change.dueAt);
    if (!(await this.#rows.replace(row, held.revision))) return undefined;
    return { ...change, name: held.name, revision: held.revision + 1 };
  }

  /** Whether it is there still as it was read. */
  async isAsRead({ name, revision }: HeldJob): Promise<boolean> {
    return (await this.#rows.read(name, Date.now()))?.revision === revision;
  }

  remove(name: string): Promise<boolean> {
    return this.#rows.remove(name);
  }

  /** All of a job that stays without them. */
  removeFiles(name: string): Promise<void> {
    return this.#rows.removeFiles(name);
  }

  sweep(): Promise<number> {
    return this.#rows.sweep(Date.now());
  }

  async #closed({ job, key, fruitless }: Kept, dueAt: number): Promise<Omit<JobRow, "revision">> {
    const name = this.nameOf(job.id);
    const value = await closeValue(JSON.stringify({ job, key, fruitless }), { purpose: "job", id: name }, this.#keys);
    return {
      ...{ id: name, owner: this.#ownerName(job.owner), kind: job.kind, isOver: isOver(job), dueAt, value },
      ...{ createdAt: Date.parse(job.createdAt), expiresAt: Date.parse(job.expires) },
    };
  }

  async #opened({ id, value, dueAt, revision }: JobRow): Promise<HeldJob | undefined> {
    try {
      const kept = JSON.parse(await openValue(value, { purpose: "job", id }, this.#keys)) as Kept;
      return { ...kept, name: id, dueAt, revision };
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  #ownerName(owner: Caller): string {
    return keyedHash(this.#secret, `owner\n${ownerOf(owner)}`);
  }
}

/** Names whoever owns a job among others: the same person or system, by the same client, is the same. */
export function ownerOf(caller: Caller): string {
  return isKnown(caller)
    ? JSON.stringify([caller.kind, caller.issuer, caller.subject, caller.client])
    : JSON.stringify([caller.kind, ...(caller.kind === "program" ? [caller.name] : [])]);
}

export function isOver({ state }: Pick<Job, "state">): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
