/** Work that goes on after its request was answered (docs/design/jobs.md). A part of the composition root. */
import { randomUUID } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { OwnerNow } from "../events/subscription.ts";
import type { PreparingNeeds } from "../interactions/fhir/subscriptions/prepare-notifications.ts";
import { removeFromExport } from "../interactions/fhir/bulk/erased-exports.ts";
import { removeFromAnswer } from "../interactions/fhir/jobs/answered-documents.ts";
import { JobDesk } from "../jobs/job-desk.ts";
import { JobRunner } from "../jobs/job-runner.ts";
import { JobStore } from "../jobs/job-store.ts";
import type { Job, Jobs, JobWorker } from "../jobs/job.ts";
import type { JobRows } from "../jobs/job-rows.ts";
import type { AskedAs } from "../jobs/running-job.ts";
import type { KeptRecord } from "./kept-record.ts";
import type { OpenJobTools } from "../cli/open-jobs.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { Notes } from "../security/trail/notes.ts";
import type { ServedJobs } from "../http/served.ts";
import type { Look } from "../telemetry/figures.ts";

export interface JobsRecord {
  readonly keys: Pick<Keys, "wrap" | "unwrap" | "secretFor">;
  readonly store: Pick<RecordStore, "entry">;
  openJobs(): Promise<JobRows>;
  onFault(error: unknown, what: string): void;
}

/** What is there once the service has its address. */
export interface JobsStart extends Asking {
  readonly workers: readonly JobWorker[];
}

/** By what jobs ask as their owners. */
interface Asking {
  readonly ownerNow: OwnerNow;
  readonly disclosing: PreparingNeeds["disclosing"];
}

/** Everything that works for jobs in a service. */
export interface OpenJobs {
  readonly jobs: Jobs;
  /** What the HTTP interface has of them, and begins them with. */
  servedWith(options: JobsStart): ServedJobs;
  /** Figures about them. */
  readonly looks: readonly Look[];
  /** A document was erased: what holds it of what jobs made is removed. */
  erased(documentId: string): Promise<void>;
  /** Gives back what is under way: before the record is closed. */
  close(): Promise<void>;
}

/** More than are kept at any time. */
const MOST_LISTED = 100_000;

/** Nobody: for counting all. */
const NOBODY = { kind: "anonymous" } as const;

export async function openJobs({ keys, store: record, openJobs: openRows, onFault }: JobsRecord): Promise<OpenJobs> {
  const rows = await openRows();
  const store = await JobStore.open(rows, keys);
  let workers: readonly JobWorker[] = [];
  let runner: JobRunner | undefined;
  const jobs = new JobDesk({
    ...{ store, rows },
    timeOf: (kind) => workers.find((one) => one.kind === kind)?.time,
    onBegun: () => runner?.wake(),
    onEnded: (name) => runner?.ended(name),
  });
  return {
    jobs,
    looks: jobLooks(store, () => runner),
    servedWith: ({ workers: given, ...asking }) =>
      Object.assign(jobs, {
        start: (more: readonly JobWorker[]): void => {
          workers = [...given, ...more];
          runner = new JobRunner({ ...{ store, jobs, workers, onFault }, askAs: (job) => askAs(job, asking) });
          runner.start();
        },
        stop: async () => runner?.close(),
      }),
    erased: async (documentId) => {
      const position = (await record.entry(documentId))?.index;
      for (const { job, name } of await store.list(undefined, MOST_LISTED)) {
        try {
          const files = jobs.filesOf(job.id);
          await removeFromAnswer(job, files, documentId);
          await removeFromExport({ documentId, position }, job, files);
        } catch (error) {
          if (error instanceof AppError && error.code === "unavailable") throw error;
          // It may hold the document, and must hold up no erasure.
          await store.removeFiles(name);
          onFault(error, "what a job made could not be searched for an erased document: all files of it were removed");
        }
      }
    },
    close: async () => {
      await runner?.close();
      await rows.close();
    },
  };
}

/** The same for the command line, beside a service that may run: whoever works upon what is ended here sees it. */
export async function openJobsBeside({ keys, engine, store: record }: Pick<KeptRecord, "keys" | "engine" | "store">): Promise<OpenJobTools> {
  const rows = await engine.openJobs();
  const jobs = await deskBeside(rows, keys);
  return {
    list: (count) => jobs.list(count),
    cancel: (name) => jobs.cancel(name),
    close: async () => {
      await rows.close();
      await record.close();
    },
  };
}

/** Tells of jobs and ends them; it takes none on. */
export async function deskBeside(rows: JobRows, keys: JobsRecord["keys"]): Promise<Jobs> {
  const store = await JobStore.open(rows, keys);
  return new JobDesk({ store, rows, timeOf: () => undefined, onBegun: () => undefined, onEnded: () => undefined });
}

/** AppError `forbidden` when the owner is not let in any more. */
async function askAs({ kind, owner, purpose, url }: Job, { ownerNow, disclosing }: Asking): Promise<AskedAs> {
  const caller = await ownerNow(owner);
  if (!caller) throw new AppError("forbidden", "Whoever asked for it is not let in any more.");
  const notes = new Notes();
  return {
    asked: { caller, channel: "program", requestId: randomUUID(), noted: notes, ...(purpose !== undefined && { purpose }) },
    tell: async () => {
      if (!disclosing) return;
      const at = new Date().toISOString();
      const text = `job (${kind}) that was asked for at ${url.split("?", 1)[0] ?? ""}`;
      const told = { caller, kind: "operation", action: "E", outcome: 0, at, text, ...(purpose !== undefined && { purpose }) } as const;
      const events = await notes.events(told, disclosing.patientOf);
      // Of a step that met nothing nothing is told.
      const telling = events.filter(({ documents, consents, resources, patient }) => [documents, consents, resources, patient].some(Boolean));
      if (telling.length > 0) await disclosing.record(telling);
    },
  };
}

function jobLooks(store: JobStore, runner: () => JobRunner | undefined): readonly Look[] {
  return [
    {
      ...{ name: "chartulary_jobs_total", label: "result", isCount: true },
      help: "Jobs that came to their end in this process.",
      values: () => {
        const { done = 0, failed = 0, cancelled = 0 } = runner()?.figures ?? {};
        return Promise.resolve({ done, failed, cancelled });
      },
    },
    {
      name: "chartulary_jobs_running",
      help: "Jobs that this process works upon.",
      values: () => Promise.resolve({ value: runner()?.figures.running ?? 0 }),
    },
    {
      name: "chartulary_jobs_under_way",
      help: "Jobs that have not come to their end, of all processes.",
      values: async () => ({ value: (await store.underWay(NOBODY)).all }),
    },
  ];
}
