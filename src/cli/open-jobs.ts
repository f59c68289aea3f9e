import type { Jobs } from "../jobs/job.ts";

/** Jobs, beside a service that may run. */
export interface OpenJobTools extends Pick<Jobs, "list" | "cancel"> {
  close(): Promise<void>;
}
