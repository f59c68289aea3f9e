/**
 * Work that goes on after its request was answered (R4 async.html; Bulk Data Access 2.0): it has an owner, a lease and a deadline, is finished by any instance, and ends in every case: done, failed, or cancelled.
 */
import type { Asked, Caller } from "../core/asked.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { JobFile, JobFiles } from "./job-files.ts";

export type JobKind = "request" | "export" | "import";

/** What somebody wants done. */
export interface JobOrder {
  readonly kind: JobKind;
  /** Who asked, as it was proved then; what they may by now is asked anew. */
  readonly owner: Caller;
  readonly purpose?: string;
  /** The request that began it, in full (Bulk Data 2.0, `request`); shown to its owner and to operators without its query. */
  readonly url: string;
  /** What the kind needs to do it: JSON; empty once the job is over, as nobody needs it any more. */
  readonly order: string;
}

export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";

/** How far it has come. */
export interface JobProgress {
  /** As people read it, at most 99 characters (`X-Progress`). */
  readonly text: string;
  /** From 0 to 1; undefined when it is not known. */
  readonly share?: number;
}

/** A job as it stands. */
export interface Job extends JobOrder {
  /** Unguessable: whoever knows it and is its owner may ask about it. */
  readonly id: string;
  readonly state: JobState;
  readonly progress: JobProgress;
  /** What the kind saved last, to go on from: JSON. */
  readonly saved?: string;
  /** What came out of it: JSON of the kind, once it is done. */
  readonly result?: string;
  /** Why it failed, or who ended it, for its owner. */
  readonly failure?: string;
  readonly failureCode?: ErrorCode;
  /** Instants. */
  readonly createdAt: string;
  readonly endedAt?: string;
  /** Until when it must be done. */
  readonly deadline: string;
  /** When it and its files are gone. */
  readonly expires: string;
  /** How often it was begun: one that ends its process again and again is given up. */
  readonly attempts: number;
}

/** What operators see of one, and its owner in a list: neither what its address has, which is a secret, nor what was asked and found. */
export interface ToldJob extends Pick<
  Job,
  "kind" | "owner" | "state" | "progress" | "failure" | "createdAt" | "endedAt" | "deadline" | "expires" | "attempts"
> {
  /** By what operators call it: 64 hex digits, of which any beginning will do that no other has. */
  readonly name: string;
  /** The address that began it, without its query. */
  readonly address: string;
  /** Since when it may be taken and nobody has, while it is under way: an instant. Whoever works upon one renews their lease before. */
  readonly dueSince?: string;
  /** How often it was begun since it came further: after five it is given up. */
  readonly fruitless: number;
}

/** For so many milliseconds a job that is due may wait before anybody is told: services look every 2 seconds, and a lease that is not renewed ends after 30. */
export const LATE = 120_000;

/** What a kind of job is given while it works. */
export interface RunningJob {
  readonly job: Job;
  /** Aborted when it is cancelled, its deadline has come, another took it, or the process ends. Work stops then, wherever it stands; what was not saved is done again. */
  readonly signal: AbortSignal;
  readonly files: JobFiles;
  /** The owner as of now, to ask as; AppError `forbidden` when they are nobody any more. The audit trail is told of all that is decided with it. */
  asked(): Promise<Asked>;
  /** Durable when it resolves, and keeps the lease; what was decided so far is in the audit trail by then. `saved`: some hundred kilobytes at most, it is written whole each time. AppError when the job is not ours any more. */
  save(saved: string, progress: JobProgress): Promise<void>;
}

/** Does jobs of one kind. What it throws is told to the owner as the job's failure (AppErrors that are public), but for what is away: that is tried again until the deadline. */
export interface JobWorker {
  readonly kind: JobKind;
  /** How many at once in this process. */
  readonly atOnce: number;
  /** Milliseconds until a new one must be done. */
  readonly time: number;
  /** The file in which stands what its client sent, by its order: it is gone once the job has ended, whatever came of it. */
  sent?(order: string): JobFile | undefined;
  /** @returns the result: JSON of the kind */
  run(running: RunningJob): Promise<string>;
}

/** Keeps what a job needs besides its order, before anybody takes it; gives the order. */
export type Prepare = (files: JobFiles) => Promise<string>;

/** What others ask of jobs. */
export interface Jobs {
  /** Takes it on: durable when it resolves. AppError `too-many-requests` when the owner has as many under way as one may, or all have. */
  begin(order: JobOrder, prepare?: Prepare): Promise<Job>;
  /** Of whoever asks; undefined when there is none, it is another's, or it has expired: nobody learns which. */
  find(asked: Pick<Asked, "caller">, id: string): Promise<Job | undefined>;
  /** Ends it if it is under way, and removes it with its files. False when there is none. */
  remove(asked: Pick<Asked, "caller">, id: string): Promise<boolean>;
  /** All, or those of one owner; those under way first, each the newest first. */
  list(count: number, owner?: Caller): Promise<readonly ToldJob[]>;
  /** For operators: ends one that is under way; its owner is told so. False when there is none under way of this name. */
  cancel(name: string): Promise<boolean>;
  /** The files of a job that is done. */
  filesOf(id: string): JobFiles;
}
