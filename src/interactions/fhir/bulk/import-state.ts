/** What an import is asked to do, how far it has come, and what came of it: what its job keeps. */
import { FIRST_LINE, type LineStart } from "../../../core/streams/lines.ts";
import type { JobFile } from "../../../jobs/job-files.ts";
import type { Job } from "../../../jobs/job.ts";
import type { KeptFile } from "./export-files.ts";

/** A file that is fetched. */
export interface ImportInput {
  readonly url: string;
  /** What whoever asked knows the file by: of another one nothing is taken. */
  readonly etag?: string | undefined;
}

/** What it is asked to do: files that are fetched, or one that was uploaded. */
export interface ImportOrder {
  readonly inputs: readonly ImportInput[];
  readonly upload?: JobFile;
  /** `Authorization`, as the files' servers want it. */
  readonly authorization?: string | undefined;
}

/** Lines by what became of them. */
export interface LineCounts {
  readonly deposited: number;
  /** The same document was here before. */
  readonly repeated: number;
  readonly refused: number;
}

export const NO_LINES: LineCounts = { deposited: 0, repeated: 0, refused: 0 };

/** A file of OperationOutcomes, one a line. */
export interface OutcomeFile {
  readonly file: JobFile;
  /** Which of the inputs it is about, from 0. */
  readonly input: number;
  readonly isError: boolean;
  readonly count: number;
}

/** How far it has come. */
export interface ImportState {
  /** The input that is read, from 0, and where its next line begins: in the bytes unpacked. */
  readonly input: number;
  readonly place: LineStart;
  /** Of that input: what it was when its beginning was read, and whether it is packed. */
  readonly etag?: string | undefined;
  readonly isPacked?: boolean;
  /** How often in a row it broke off, and nothing came of it. */
  readonly failures: number;
  /** Of each input so far. */
  readonly counts: readonly LineCounts[];
  readonly files: readonly OutcomeFile[];
}

export const BEGINNING: ImportState = { input: 0, place: FIRST_LINE, failures: 0, counts: [], files: [] };

/** The same where the next input begins. */
export function nextInput({ input, counts, files }: ImportState): ImportState {
  return { input: input + 1, place: FIRST_LINE, failures: 0, counts, files };
}

/** With more lines of the input that is read. */
export function counted(state: ImportState, more: LineCounts): readonly LineCounts[] {
  const all = [...state.counts];
  const before = all[state.input] ?? NO_LINES;
  all[state.input] = {
    deposited: before.deposited + more.deposited,
    repeated: before.repeated + more.repeated,
    refused: before.refused + more.refused,
  };
  return all;
}

/** The files that an import has written by now, as those of exports are kept. */
export function outcomeFiles({ saved }: Pick<Job, "saved">): readonly KeptFile[] {
  const { files } = saved === undefined ? BEGINNING : (JSON.parse(saved) as ImportState);
  return files.map(({ file, count, isError }) => ({ role: isError ? "error" : "output", type: "OperationOutcome", count, file }));
}
