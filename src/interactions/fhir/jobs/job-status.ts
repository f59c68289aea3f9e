/** How jobs stand, for whoever ordered them (R4 async.html). */
import { callerName, type Asked, type Caller } from "../../../core/asked.ts";
import { AppError, ERROR_KINDS, type ErrorCode } from "../../../core/errors.ts";
import type { Job, Jobs } from "../../../jobs/job.ts";
import type { Reader } from "../../../reader/reader.ts";
import { askAgain, type KeptBeside } from "./answered-documents.ts";
import { writeAnswered, type AnsweredRequest, type WrittenResult } from "./answered-request.ts";

export interface JobNeeds {
  readonly jobs: Pick<Jobs, "find" | "remove" | "filesOf">;
  readonly reader: Pick<Reader, "standing">;
  readonly kept: KeptBeside;
  /** Who somebody is by now; undefined of somebody who is not let in any more. */
  ownerNow(owner: Caller): Promise<Caller | undefined>;
}

/** How a job stands. */
export type JobStanding =
  | { readonly kind: "under-way"; readonly progress: string; readonly retryAfter: number }
  | { readonly kind: "failed"; readonly status: number; readonly code: ErrorCode; readonly text: string }
  | { readonly kind: "done"; readonly expires: Date; readonly result: WrittenResult };

export interface JobInteractions {
  /** AppError `not-found` also for what is another's: nobody learns of it. */
  standing(asked: Asked, id: string): Promise<JobStanding>;
  /** Ends and removes it. AppError `not-found` */
  remove(asked: Asked, id: string): Promise<void>;
}

/** Seconds. A job is asked about again after a tenth of its age. */
const [SOONEST, LATEST, SHARE] = [1, 60, 10];

export function jobInteractions(using: JobNeeds): JobInteractions {
  const { jobs } = using;
  return {
    standing: async (asked, id) => {
      const job = await jobs.find(asked, id);
      if (!job) throw notHere();
      switch (job.state) {
        case "waiting":
        case "running":
          return { kind: "under-way", progress: job.progress.text, retryAfter: retryAfter(job) };
        case "failed":
        case "cancelled": {
          const code = job.failureCode ?? "internal";
          return { kind: "failed", status: ERROR_KINDS[code].status, code, text: job.failure ?? "It failed." };
        }
        case "done":
          return { kind: "done", expires: new Date(job.expires), result: await resultOf(job, asked, using) };
      }
    },
    remove: async (asked, id) => {
      if (!(await jobs.remove(asked, id))) throw notHere();
    },
  };
}

/** Of a kind that has no more to say than its result: JSON, as it is. */
async function resultOf(job: Job, asked: Asked, { jobs, reader, kept, ownerNow }: JobNeeds): Promise<WrittenResult> {
  const text = job.result ?? "{}";
  if (job.kind !== "request") return { contentType: "application/json", pieces: once(text) };
  const answered = JSON.parse(text) as AnsweredRequest;
  const caller = await ownerNow(asked.caller);
  if (!caller || callerName({ ...asked, caller, glass: [] }) !== answered.as)
    throw new AppError("forbidden", "What you may has changed since this was answered: ask again.");
  const files = jobs.filesOf(job.id);
  await askAgain({ ...asked, caller }, answered, files, { reader, kept });
  return writeAnswered(answered, files, job.endedAt ?? job.createdAt);
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

function retryAfter({ createdAt }: Job): number {
  const age = (Date.now() - Date.parse(createdAt)) / 1_000;
  return Math.min(LATEST, Math.max(SOONEST, Math.ceil(age / SHARE)));
}

function notHere(): AppError {
  return new AppError("not-found", "There is no such job: it has expired, was ended, or never was.");
}
