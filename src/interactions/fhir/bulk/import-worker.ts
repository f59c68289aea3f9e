/** Does imports: files of documents, one after the other, each line a deposit by the owner as of now. Whoever goes on with one that was ended begins where it was saved last. */
import { AppError } from "../../../core/errors.ts";
import { FIRST_LINE, linesOf, type Line } from "../../../core/streams/lines.ts";
import { behind, unpacked } from "../../../core/streams/unpacked.ts";
import type { FileFetcher } from "../../../jobs/fetched-files.ts";
import type { JobProgress, JobWorker, RunningJob } from "../../../jobs/job.ts";
import type { CreateInteraction } from "../../interaction.ts";
import type { Turns } from "../../turns.ts";
import { depositLines, IMPORT_LIMITS, type DepositedLines, type ImportLimits, type LinesNeeds } from "./import-lines.ts";
import { importManifest, type ImportManifestNeeds } from "./import-manifest.ts";
import { outcomeOfFile } from "./import-outcome.ts";
import { BEGINNING, counted, nextInput, NO_LINES, type ImportInput, type ImportOrder, type ImportState } from "./import-state.ts";

export interface ImportNeeds extends ImportManifestNeeds {
  readonly deposit: Pick<CreateInteraction, "handle">;
  readonly turns: Turns;
  readonly fetcher: FileFetcher;
  readonly maxDocumentBytes: number;
  /** The largest file, unpacked. */
  readonly maxImportBytes: number;
  readonly limits?: ImportLimits;
  onFault(error: unknown, what: string): void;
}

/** Imports at once in one process: each has many documents under way. */
const AT_ONCE = 2;
/** A million documents take hours. */
const TIME = 172_800_000;
/** How often in a row a file may be away, or break off before a line of it was had. */
const MOST_FAILURES = 8;

export function importWorker(using: ImportNeeds): JobWorker {
  return {
    kind: "import",
    atOnce: AT_ONCE,
    time: TIME,
    sent: (order) => orderIn(order).upload,
    run: async (running) => new Import(running, using).run(),
  };
}

class Import {
  readonly #running: RunningJob;
  readonly #using: ImportNeeds;
  readonly #order: ImportOrder;
  #state: ImportState;

  constructor(running: RunningJob, using: ImportNeeds) {
    const { job } = running;
    this.#running = running;
    this.#using = using;
    if (job.order === "") throw new AppError("gone", "What was to be imported was not sent to its end.");
    this.#order = orderIn(job.order);
    this.#state = job.saved === undefined ? BEGINNING : (JSON.parse(job.saved) as ImportState);
  }

  async run(): Promise<string> {
    while (this.#state.input < this.#size) await this.#read();
    return importManifest(this.#running.job, this.#order, this.#state, this.#using);
  }

  get #size(): number {
    return this.#order.upload ? 1 : this.#order.inputs.length;
  }

  /** Reads one input to its end, or as far as it can be read. AppError `unavailable` where it is away. */
  async #read(): Promise<void> {
    const { signal } = this.#running;
    let lines: AsyncGenerator<Line> | undefined;
    try {
      lines = await this.#lines();
      for (let isEnd = false; !isEnd;) {
        const done = await depositLines(lines, this.#state.place, this.#fileName(), this.#lineNeeds());
        await this.#save(done);
        if (done.fault !== undefined) throw done.fault;
        isEnd = done.isEnd;
      }
      await this.#keep(nextInput(this.#state));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FileFault)) throw error;
      await this.#failed(error);
    } finally {
      await lines?.return(undefined).catch(() => undefined);
    }
  }

  /** The lines from the place on that was saved last. FileFaults of what is read. */
  async #lines(): Promise<AsyncGenerator<Line>> {
    const { maxDocumentBytes, maxImportBytes } = this.#using;
    const from = this.#state.isPacked === true ? 0 : this.#state.place.start;
    const { upload } = this.#order;
    const file = upload ? { from, bytes: this.#running.files.read(upload, from) } : await this.#fetched(from);
    const { place } = this.#state;
    const isWhole = file.from === 0;
    const onPacked = (): void => void (this.#state = { ...this.#state, isPacked: true });
    const all = unpacked(file.bytes, { most: maxImportBytes - (isWhole ? 0 : place.start), ...(isWhole && { onPacked }) });
    return linesOf(ofFile(behind(all, place.start - file.from)), maxDocumentBytes, place);
  }

  /** From that byte on, or from the first. */
  async #fetched(from: number): Promise<{ readonly from: number; readonly bytes: AsyncIterable<Uint8Array> }> {
    const { signal } = this.#running;
    const input = this.#order.inputs[this.#state.input] ?? { url: "" };
    const { etag } = this.#state;
    const fetched = await this.#using.fetcher
      .fetch({ url: input.url, from, etag, authorization: this.#order.authorization, signal })
      .catch(throwOfFile);
    if (input.etag !== undefined && fetched.etag !== undefined && bare(input.etag) !== bare(fetched.etag))
      throw new FileFault(new AppError("not-found", "it is another file by now than etag says"));
    // Another file than was begun with is read from its beginning: what it shares with that is deposited already.
    const isOther = this.#state.place.start > 0 && fetched.etag !== etag;
    if (isOther && fetched.from > 0) throw new FileFault(new AppError("unavailable", "it is another file by now"));
    this.#state = { ...this.#state, etag: fetched.etag, ...(isOther && { place: FIRST_LINE, isPacked: false }) };
    return fetched;
  }

  /** Keeps what was done, and where to go on. */
  async #save({ place, counts, files }: DepositedLines): Promise<void> {
    const { input, failures } = this.#state;
    const isFurther = place.number > this.#state.place.number;
    await this.#keep({
      ...this.#state,
      ...{ place, failures: isFurther ? 0 : failures, counts: counted(this.#state, counts) },
      files: [...this.#state.files, ...files.map((file) => ({ ...file, input }))],
    });
  }

  async #keep(state: ImportState): Promise<void> {
    this.#state = state;
    await this.#running.save(JSON.stringify(state), this.#progress());
  }

  #progress(): JobProgress {
    const { counts, place, input, isPacked } = this.#state;
    const { upload } = this.#order;
    const sum = counts.reduce((all, one) => ({ taken: all.taken + one.deposited + one.repeated, refused: all.refused + one.refused }), {
      taken: 0,
      refused: 0,
    });
    const text = `${sum.taken + sum.refused} lines: ${sum.taken} taken, ${sum.refused} refused${this.#size > 1 ? `; file ${Math.min(input + 1, this.#size)} of ${this.#size}` : ""}`;
    const ofFile = input > 0 || upload === undefined || upload.length === 0 || isPacked === true ? 0 : place.start / upload.length;
    return { text, share: Math.min(1, (input + ofFile) / Math.max(1, this.#size)) };
  }

  /** What is away is asked for again; what will not be had is told, and the next file is read. */
  async #failed({ fault }: FileFault): Promise<void> {
    const failures = this.#state.failures + 1;
    if (fault.code === "unavailable" && failures < MOST_FAILURES) {
      await this.#keep({ ...this.#state, failures });
      throw fault;
    }
    const { input } = this.#state;
    const outcome = outcomeOfFile(this.#nameOf(this.#order.inputs[input]), fault.message);
    const writer = this.#running.files.write(`refused-${this.#fileName()}-file.ndjson`);
    await writer.append(Buffer.from(outcome.text));
    const files = [...this.#state.files, { file: await writer.finish(), input, isError: true, count: 1 }];
    await this.#keep(nextInput({ ...this.#state, counts: counted(this.#state, NO_LINES), files }));
  }

  #nameOf(input: ImportInput | undefined): string {
    return input?.url ?? "The file";
  }

  /** Of the outcomes of the lines to come. A file that was another by then is read from its beginning a second time. */
  #fileName(): string {
    const { input, place, files } = this.#state;
    const name = `${input + 1}-${place.number}`;
    return files.some(({ file }) => file.name.endsWith(`-${name}.ndjson`)) ? `${name}-${files.length}` : name;
  }

  #lineNeeds(): LinesNeeds {
    const { deposit, turns, maxDocumentBytes, limits = IMPORT_LIMITS, onFault } = this.#using;
    return {
      ...{ deposit, turns, maxDocumentBytes, limits, signal: this.#running.signal, files: this.#running.files },
      asked: () => this.#running.asked(),
      onFault: (error) => onFault(error, "a line of an import could not be deposited"),
    };
  }
}

/** What speaks against a file, and not against the repository. */
class FileFault extends Error {
  readonly fault: AppError;

  constructor(fault: AppError) {
    super(fault.message, { cause: fault });
    this.fault = fault;
  }
}

function throwOfFile(error: unknown): never {
  throw error instanceof AppError ? new FileFault(error) : error;
}

async function* ofFile(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throwOfFile(error);
  }
}

/** An entity tag as one writes it and as another does: without quotes. */
function bare(etag: string): string {
  return etag.replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
}

function orderIn(text: string): ImportOrder {
  return JSON.parse(text) as ImportOrder;
}
