/** What an import is answered when it is done: in the shape of Bulk Data Access 2.0 (Response - Complete Status), with files of OperationOutcomes in the place of resources. */
import type { Job } from "../../../jobs/job.ts";
import type { ImportOrder, ImportState, OutcomeFile } from "./import-state.ts";

export interface ImportManifestNeeds {
  /** Where a job is: an absolute address, without a slash at its end; its files are below it. */
  readonly jobAddress: (id: string) => string;
  /** Whether anybody may fetch a file who knows where it is: where there is no access control. */
  readonly isOpen: boolean;
}

/** JSON. `output` tells what was taken, a line each, and `error` what was not, and of files that were read no further. */
export function importManifest(
  job: Pick<Job, "id" | "url" | "createdAt">,
  { inputs }: ImportOrder,
  { files, counts }: ImportState,
  { jobAddress, isOpen }: ImportManifestNeeds,
): string {
  const named = (input: number): { readonly inputUrl?: string } => {
    const url = inputs[input]?.url;
    return url === undefined ? {} : { inputUrl: url };
  };
  const shown = ({ file, count, input }: OutcomeFile): object => ({
    ...{ type: "OperationOutcome", url: `${jobAddress(job.id)}/${file.name}`, count },
    ...named(input),
  });
  return JSON.stringify({
    transactionTime: job.createdAt,
    request: job.url,
    requiresAccessToken: !isOpen,
    output: files.filter(({ isError }) => !isError).map(shown),
    error: files.filter(({ isError }) => isError).map(shown),
    deleted: [],
    extension: { inputs: counts.map((count, at) => ({ ...named(at), ...count })) },
  });
}
