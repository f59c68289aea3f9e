/** Deposits lines of a file, several at once, each by itself: so that the log enters many with one commit. What became of them is written in their order. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Asked } from "../../../core/asked.ts";
import { AppError, ERROR_KINDS } from "../../../core/errors.ts";
import type { Line, LineStart } from "../../../core/streams/lines.ts";
import type { JobFile, JobFiles, JobFileWriter } from "../../../jobs/job-files.ts";
import type { CreateInteraction } from "../../interaction.ts";
import type { Turns } from "../../turns.ts";
import { NO_LINES, type LineCounts } from "./import-state.ts";
import { outcomeOf, outcomeOfError, type LineOutcome } from "./import-outcome.ts";

export interface ImportLimits {
  /** Lines, and bytes of lines, that are under way at once; one larger line goes alone. */
  readonly atOnce: number;
  readonly bytesAtOnce: number;
  /** After so many lines, bytes or milliseconds what came of them is saved: what is done again after a crash is no more than that. */
  readonly lines: number;
  readonly bytes: number;
  readonly time: number;
  /** How often a line is tried that the repository has no room for, and the milliseconds between, each time twice as many. */
  readonly attempts: number;
  readonly pause: number;
}

export const IMPORT_LIMITS: ImportLimits = {
  ...{ atOnce: 16, bytesAtOnce: 64_000_000 },
  ...{ lines: 5_000, bytes: 256_000_000, time: 60_000 },
  ...{ attempts: 6, pause: 250 },
};

export interface LinesNeeds {
  readonly deposit: Pick<CreateInteraction, "handle">;
  /** Work on documents begins in its turn, as that of every other deposit: nobody is passed by. */
  readonly turns: Turns;
  /** The longest line, in bytes. */
  readonly maxDocumentBytes: number;
  readonly limits: ImportLimits;
  /** The owner as of now. */
  asked(): Promise<Asked>;
  readonly signal: AbortSignal;
  readonly files: Pick<JobFiles, "write">;
  /** Told of what failed here. */
  onFault(error: unknown): void;
}

/** Lines that were deposited, or told to be no documents. */
export interface DepositedLines {
  /** Where the next one begins. */
  readonly place: LineStart;
  readonly counts: LineCounts;
  readonly files: readonly { readonly file: JobFile; readonly isError: boolean; readonly count: number }[];
  /** Whether there is no more. */
  readonly isEnd: boolean;
  /** Why the file could be read no further: what came before stands. */
  readonly fault?: Error;
}

/**
 * Deposits lines until there are no more, or enough to be saved.
 *
 * @param name of the files that outcomes are written to
 * @throws AppError `unavailable` when the repository takes nothing: the same lines are to be deposited again, which is harmless
 */
export async function depositLines(lines: AsyncIterator<Line>, from: LineStart, name: string, using: LinesNeeds): Promise<DepositedLines> {
  const { limits, signal } = using;
  const written = new Outcomes(name, using.files);
  const underWay: { readonly bytes: number; readonly outcome: Promise<LineOutcome> }[] = [];
  const begun = performance.now();
  let [place, count, bytes, bytesUnderWay] = [from, 0, 0, 0];
  const settleFirst = async (): Promise<void> => {
    const first = underWay.shift();
    if (!first) return;
    await written.add(await first.outcome);
    bytesUnderWay -= first.bytes;
  };
  const ending = async (end: Pick<DepositedLines, "isEnd" | "fault">): Promise<DepositedLines> => {
    while (underWay.length > 0) await settleFirst();
    return { place, counts: written.counts, files: await written.finish(), ...end };
  };
  try {
    while (count < limits.lines && bytes < limits.bytes && performance.now() - begun < limits.time) {
      signal.throwIfAborted();
      const next = await lines.next().catch((fault: unknown) => ({ fault }));
      if ("fault" in next)
        return await ending({ isEnd: false, fault: next.fault instanceof Error ? next.fault : new Error("it broke off", { cause: next.fault }) });
      if (next.done === true) return await ending({ isEnd: true });
      const line = next.value;
      const size = line.bytes?.length ?? 0;
      while (underWay.length >= limits.atOnce || (underWay.length > 0 && bytesUnderWay + size > limits.bytesAtOnce)) await settleFirst();
      const outcome = depositLine(line, using);
      // It is awaited when its turn has come; until then nobody minds that it failed.
      outcome.catch(() => undefined);
      underWay.push({ bytes: size, outcome });
      [place, count, bytes, bytesUnderWay] = [line.next, count + 1, bytes + size, bytesUnderWay + size];
    }
    return await ending({ isEnd: false });
  } catch (error) {
    await Promise.allSettled(underWay.map(({ outcome }) => outcome));
    throw error;
  }
}

async function depositLine({ number, bytes }: Line, using: LinesNeeds): Promise<LineOutcome> {
  const { maxDocumentBytes, turns, deposit, limits, signal, onFault } = using;
  if (!bytes) return outcomeOfError(number, new AppError("too-large", `It has more than ${maxDocumentBytes} bytes (MAX_DOCUMENT_BYTES).`));
  for (let attempt = 1; ; attempt++) {
    // That its owner is not let in any more is no fault of the line, and ends the job.
    const asked = await using.asked();
    try {
      const receivedAt = new Date();
      // Bytes are handed over, and may be needed again.
      const sent = { bytes: Uint8Array.from(bytes), mediaType: "application/fhir+json", receivedAt } as const;
      return outcomeOf(number, await turns.take(bytes.length, () => deposit.handle(asked, sent)));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppError)) {
        onFault(error);
        return outcomeOfError(number, new AppError("internal", "it failed"));
      }
      if (error.code !== "unavailable") {
        if (!ERROR_KINDS[error.code].isPublic || error.code === "damaged") onFault(error);
        return outcomeOfError(number, error);
      }
      if (attempt >= limits.attempts) throw error;
      await sleep(limits.pause * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

/** The files in which outcomes stand, begun when there is something to say. */
class Outcomes {
  readonly #name: string;
  readonly #files: Pick<JobFiles, "write">;
  readonly #open = new Map<boolean, { readonly writer: JobFileWriter; count: number }>();
  #counts = NO_LINES;

  constructor(name: string, files: Pick<JobFiles, "write">) {
    this.#name = name;
    this.#files = files;
  }

  get counts(): LineCounts {
    return this.#counts;
  }

  async add({ kind, text }: LineOutcome): Promise<void> {
    const isError = kind === "refused";
    const open = this.#open.get(isError) ?? { writer: this.#files.write(`${isError ? "refused" : "taken"}-${this.#name}.ndjson`), count: 0 };
    this.#open.set(isError, open);
    open.count++;
    this.#counts = { ...this.#counts, [kind]: this.#counts[kind] + 1 };
    await open.writer.append(Buffer.from(text));
  }

  async finish(): Promise<DepositedLines["files"]> {
    const files: DepositedLines["files"][number][] = [];
    for (const [isError, { writer, count }] of this.#open) files.push({ file: await writer.finish(), isError, count });
    return files;
  }
}
