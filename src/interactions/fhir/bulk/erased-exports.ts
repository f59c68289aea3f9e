/** What is erased is gone from exports too: every file that holds it is removed, whether its export is done or goes on. */
import { AppError } from "../../../core/errors.ts";
import type { JobFile, JobFiles } from "../../../jobs/job-files.ts";
import type { Job } from "../../../jobs/job.ts";
import type { PublicLog } from "../../log/public-log.ts";
import { lineResources, type KeptFile, type SavedExport } from "./export-files.ts";
import { throughLog } from "./export-log.ts";

/** What a job has written by now; nothing of one that is no export. */
export function exportedFiles({ kind, saved }: Pick<Job, "kind" | "saved">): readonly KeptFile[] {
  return kind === "export" && saved !== undefined ? (JSON.parse(saved) as SavedExport).files : [];
}

/** Removes what holds one of the documents. */
export async function removeErased(kept: readonly KeptFile[], files: JobFiles, isErased: (documentId: string) => boolean): Promise<void> {
  for (const one of kept) if (one.places && (await holds(one.places, files, isErased))) await removeFile(one, files);
}

/** The same of a job, of one document whose erasure was entered. @param position of its entry in the log: what holds documents of other positions alone is not opened */
export async function removeFromExport(
  { documentId, position }: { readonly documentId: string; readonly position: number | undefined },
  job: Pick<Job, "kind" | "saved">,
  files: JobFiles,
): Promise<void> {
  const may = exportedFiles(job).filter(({ entered }) => !entered || position === undefined || (entered[0] <= position && position <= entered[1]));
  await removeErased(may, files, (one) => one === documentId);
}

/** Documents whose erasure was entered behind the first so many entries. */
export async function erasedBehind(size: number, log: Pick<PublicLog, "checkpoint" | "entries">): Promise<ReadonlySet<string>> {
  const erased = new Set<string>();
  const end = (await log.checkpoint())?.size ?? size;
  await throughLog({ from: size, size: end }, log, (entries) => {
    for (const { kind, documentId } of entries) if (kind === "erasure" && documentId !== undefined) erased.add(documentId);
    return Promise.resolve();
  });
  return erased;
}

export async function removeFile({ file, places }: Pick<KeptFile, "file" | "places">, files: Pick<JobFiles, "remove">): Promise<void> {
  // Which documents it held is known until the file is gone: who is interrupted finds it again.
  await files.remove(file);
  if (places) await files.remove(places);
}

async function holds(places: JobFile, files: JobFiles, isErased: (documentId: string) => boolean): Promise<boolean> {
  try {
    for await (const some of lineResources(places, files)) if (some.some(({ documentId }) => isErased(documentId))) return true;
    return false;
  } catch (error) {
    // It is gone already.
    if (error instanceof AppError && error.code === "gone") return false;
    throw error;
  }
}
