import { randomBytes } from "node:crypto";
import { isKnown, type Asked, type Caller } from "../core/asked.ts";
import { newDocumentKey } from "../core/envelope.ts";
import { AppError } from "../core/errors.ts";
import type { JobFiles } from "./job-files.ts";
import type { Job, JobOrder, Jobs, Prepare, ToldJob } from "./job.ts";
import type { JobRows } from "./job-rows.ts";
import { isOver, ownerOf, type HeldJob, type JobStore } from "./job-store.ts";
import { KeptFiles } from "./kept-files.ts";

/** Jobs that one owner, and all, may have under way. */
export const MOST_OF_ONE_OWNER = 10;
export const MOST_OF_ALL = 1_000;
/** Those of all who did not say who they are: without access control nobody does, and all of them are one owner. */
export const MOST_OF_UNKNOWN = 200;
/** How long what came out of a job is kept, and why it failed, in milliseconds. */
export const KEPT_FOR = 86_400_000;
/** How long it may take until one is ready to be taken, in milliseconds: as long as a body may take to come, and be kept. */
const PREPARING = 420_000;
/** Seconds after which one that was refused may be asked for again. */
const RETRY_AFTER = 10;
const ID_BYTES = 32;
const ID = /^[A-Za-z0-9_-]{43}$/;
/** Compare-and-swaps that are tried before others were quicker too often. */
const ATTEMPTS = 20;

export interface JobDeskOptions {
  readonly store: JobStore;
  readonly rows: JobRows;
  /** Milliseconds until a job of a kind must be done; undefined: nobody does such here. */
  timeOf(kind: Job["kind"]): number | undefined;
  /** Told of what was begun, and of what was ended by its name. */
  onBegun(): void;
  onEnded(name: string): void;
}

/** Takes jobs on, and answers what is asked about them. Several instances of the service may overshoot a limit by one each. */
export class JobDesk implements Jobs {
  readonly #options: JobDeskOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: JobDeskOptions) {
    this.#options = options;
  }

  async begin(order: JobOrder, prepare?: Prepare): Promise<Job> {
    // One after the other: those that come at once are counted too.
    const entered = this.#last.then(() => this.#enter(order, prepare ? PREPARING : 0));
    this.#last = entered.catch(() => undefined);
    const held = await entered;
    const job = prepare ? await this.#prepared(held, prepare) : held.job;
    this.#options.onBegun();
    return job;
  }

  /** Whoever takes one that was never made ready, because its process ended, finds it without an order. */
  async #prepared(held: HeldJob, prepare: Prepare): Promise<Job> {
    const { store } = this.#options;
    try {
      const job = { ...held.job, order: await prepare(this.filesOf(held.job.id)) };
      if (!(await store.replace(held, { ...held, job, dueAt: Date.now() }))) throw new AppError("unavailable", "It was ended before it began.");
      return job;
    } catch (error) {
      await store.remove(held.name).catch(() => undefined);
      throw error;
    }
  }

  async find({ caller }: Pick<Asked, "caller">, id: string): Promise<Job | undefined> {
    const held = await this.#heldOf(caller, id);
    return held && settled(held.job);
  }

  async remove({ caller }: Pick<Asked, "caller">, id: string): Promise<boolean> {
    const held = await this.#heldOf(caller, id);
    if (!held || !(await this.#options.store.remove(held.name))) return false;
    this.#options.onEnded(held.name);
    return true;
  }

  async list(count: number, owner?: Caller): Promise<readonly ToldJob[]> {
    const all = await this.#options.store.list(owner, count);
    return all.filter(({ job }) => owner === undefined || isSame(owner, job.owner)).map(told);
  }

  async cancel(name: string): Promise<boolean> {
    const { store } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const held = await store.read(name);
      if (!held || isOver(settled(held.job))) return false;
      const job = {
        ...held.job,
        ...ended("cancelled"),
        failure: "It was ended by its name, on the page of jobs or by an operator of the service.",
        failureCode: "gone",
      } as const;
      if (!(await store.replace(held, { ...held, job }))) continue;
      this.#options.onEnded(name);
      await store.removeFiles(name);
      return true;
    }
    throw new AppError("unavailable", "others were quicker too often; try again");
  }

  filesOf(id: string): JobFiles {
    const { store, rows } = this.#options;
    const job = store.nameOf(id);
    let key: Promise<Uint8Array> | undefined;
    const read = async (): Promise<Uint8Array> => {
      const held = await store.read(job);
      if (!held) throw new AppError("gone", "The job is not there any more.");
      return Buffer.from(held.key, "base64");
    };
    return new KeptFiles({ rows, job, key: () => (key ??= read()) });
  }

  async #enter(order: JobOrder, pause: number): Promise<HeldJob> {
    const { store, timeOf } = this.#options;
    const time = timeOf(order.kind);
    if (time === undefined) throw new AppError("unavailable", "Nobody does this here: ask another instance of the service.");
    const { ofOwner, all } = await store.underWay(order.owner);
    const full = fullOf(order.owner, ofOwner, all);
    if (full !== undefined)
      throw new AppError("too-many-requests", `${full}: try again when one has ended, or end one of yours.`, { retryAfter: RETRY_AFTER });
    const now = Date.now();
    const job: Job = {
      ...order,
      ...{ id: randomBytes(ID_BYTES).toString("base64url"), state: "waiting", progress: { text: "waiting" }, attempts: 0 },
      ...{ createdAt: instant(now), deadline: instant(now + time), expires: instant(now + time + KEPT_FOR) },
    };
    return store.insert(job, Buffer.from(newDocumentKey()).toString("base64"), now + pause);
  }

  async #heldOf(caller: Caller, id: string): Promise<HeldJob | undefined> {
    if (!ID.test(id)) return undefined;
    const held = await this.#options.store.read(this.#options.store.nameOf(id));
    return held && isSame(caller, held.job.owner) ? held : undefined;
  }
}

/** Why one more is not taken on; undefined where it is. */
function fullOf(owner: Caller, ofOwner: number, all: number): string | undefined {
  const [own, whose] = isKnown(owner) ? [MOST_OF_ONE_OWNER, "yours"] : [MOST_OF_UNKNOWN, "people who did not say who they are"];
  if (ofOwner >= own) return `${ofOwner} jobs of ${whose} are under way, and at most ${own} may be`;
  return all >= MOST_OF_ALL ? `${all} jobs are under way here, and at most ${MOST_OF_ALL} may be` : undefined;
}

/** What changes in a job that comes to its end now: what it was to do may be a search by a name, or have a password. */
export function ended<State extends "done" | "failed" | "cancelled">(
  state: State,
): Pick<Job, "order" | "endedAt" | "expires"> & { readonly state: State } {
  return { state, order: "", endedAt: instant(Date.now()), expires: instant(Date.now() + KEPT_FOR) };
}

/** What becomes of one whose deadline has come. */
export function outOfTime(job: Job): Job {
  return {
    ...job,
    state: "failed",
    order: "",
    endedAt: job.deadline,
    failure: "It was not done in the time that it had.",
    failureCode: "too-costly",
  };
}

/** As it is by now, though nobody may have had the time to write it down: nothing is under way for ever. */
function settled(job: Job): Job {
  return !isOver(job) && Date.parse(job.deadline) <= Date.now() ? outOfTime(job) : job;
}

/** By the same client, and narrowed in the same way: a token that may less is given nothing that was found with more. */
function isSame(caller: Caller, owner: Caller): boolean {
  return ownerOf(caller) === ownerOf(owner) && narrowing(caller) === narrowing(owner);
}

function narrowing(caller: Caller): string {
  if (!isKnown(caller)) return "";
  const scopes = caller.scopes?.map(({ level, type, rights, query }) => JSON.stringify([level, type, [...rights].sort().join(""), query])).sort();
  return JSON.stringify([scopes, caller.patient]);
}

function told({ job, name, fruitless, dueAt }: HeldJob): ToldJob {
  const now = settled(job);
  const { kind, owner, state, progress, failure, createdAt, endedAt, deadline, expires, attempts, url } = now;
  return {
    ...{ name, fruitless, kind, owner, state, progress, createdAt, deadline, expires, attempts, address: url.split("?", 1)[0] ?? "" },
    ...(failure !== undefined && { failure }),
    ...(endedAt !== undefined && { endedAt }),
    ...(!isOver(now) && dueAt <= Date.now() && { dueSince: instant(dueAt) }),
  };
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
