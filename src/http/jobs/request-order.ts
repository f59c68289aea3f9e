/** A request that is answered later: what is kept of it, and of its answer. */
import type { JobFile } from "../../jobs/job-files.ts";

/** What it takes to ask it again. */
export interface RequestOrder {
  readonly method: string;
  /** Path and query, as they came. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without Content-Encoding. */
  readonly body?: JobFile;
  readonly address: string;
  readonly requestId: string;
}

/** The headers that matter to an answer. */
export const KEPT_HEADERS = [
  ...["accept", "accept-language", "content-type", "if-match", "if-modified-since", "if-none-exist", "if-none-match", "prefer"],
  "user-agent",
];
