import type { JobRows } from "../../../jobs/job-rows.ts";
import { openRowsThread } from "./rows-thread.ts";

const METHODS = [
  ...(["read", "list", "underWay", "due", "insert", "replace", "remove"] as const),
  ...(["putChunk", "readChunk", "removeChunks", "removeFiles", "sweep", "close"] as const),
];

/** As `openJobRows`, in a thread of its own. */
export function openJobThread(file: string, options: { readonly patience?: number } = {}): Promise<JobRows> {
  return openRowsThread<JobRows>(file, options, { what: "jobs", on: "job-rows", methods: METHODS, called: "the jobs", verb: "are" });
}
