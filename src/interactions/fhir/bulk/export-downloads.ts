/** Files of exports and imports as their owner fetches them: of exports it is asked again who may have what stands in each, as of now. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { JobFiles } from "../../../jobs/job-files.ts";
import type { Job, Jobs } from "../../../jobs/job.ts";
import type { Reader } from "../../../reader/reader.ts";
import { exportedFiles, removeFile } from "./erased-exports.ts";
import { lineResources, type KeptFile } from "./export-files.ts";
import { outcomeFiles } from "./import-state.ts";

/** A file that may be fetched. */
export interface ExportDownload {
  readonly mediaType: string;
  /** Bytes, unpacked. */
  readonly length: number;
  /** Lower-case hex: of the same name there is never another file. */
  readonly sha256: string;
  /** From a byte on, to another (exclusive). */
  read(from?: number, to?: number): AsyncIterable<Uint8Array>;
  /** All of it as one gzip file. */
  readPacked(): AsyncIterable<Uint8Array>;
}

export interface ExportDownloads {
  /** AppErrors `not-found`; `gone` when it held what was erased since, `forbidden` when it holds what the owner may not have any more. */
  file(asked: Asked, jobId: string, name: string): Promise<ExportDownload>;
}

export interface DownloadNeeds {
  readonly jobs: Pick<Jobs, "find" | "filesOf">;
  readonly reader: Pick<Reader, "standing">;
}

/** Leaves of the log are no lines. */
const MEDIA_TYPES: Readonly<Record<KeptFile["role"], string>> = {
  output: "application/fhir+ndjson",
  error: "application/fhir+ndjson",
  deleted: "application/fhir+ndjson",
  log: "application/octet-stream",
};

export function exportDownloads({ jobs, reader }: DownloadNeeds): ExportDownloads {
  return {
    file: async (asked, jobId, name) => {
      const job = await jobs.find(asked, jobId);
      const kept = job && writtenFiles(job).find(({ file }) => file.name === name);
      if (!job || job.state !== "done" || !kept)
        throw new AppError("not-found", "There is no such file: its job has expired, was ended, or never was.");
      const files = jobs.filesOf(job.id);
      await askAgain(asked, kept, files, reader).catch((error: unknown) => {
        throw error instanceof AppError && error.code === "gone" ? goneError() : error;
      });
      const { file } = kept;
      return {
        ...{ mediaType: MEDIA_TYPES[kept.role], length: file.length, sha256: file.sha256 },
        read: (from, to) => files.read(file, from, to),
        readPacked: () => files.readPacked(file),
      };
    },
  };
}

/** Of an import, what became of each line: its owner's own documents. */
function writtenFiles(job: Pick<Job, "kind" | "saved">): readonly KeptFile[] {
  return job.kind === "import" ? outcomeFiles(job) : exportedFiles(job);
}

async function askAgain(asked: Asked, { file, places }: KeptFile, files: JobFiles, reader: Pick<Reader, "standing">): Promise<void> {
  if (!places) return;
  for await (const some of lineResources(places, files)) {
    const standing = await reader.standing(asked, some);
    if (standing.includes("gone")) {
      await removeFile({ file, places }, files);
      throw goneError();
    }
    if (standing.includes("withheld"))
      throw new AppError("forbidden", "This file holds what you may not have any more: ask for a new export, which leaves it out.");
  }
}

function goneError(): AppError {
  return new AppError("gone", "This file held a document that was erased since, and is gone with it: ask for a new export.");
}
