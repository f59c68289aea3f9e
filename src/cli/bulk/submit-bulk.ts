/** `chartulary submit --bulk`: documents by the million, each with an outcome of its own. */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { AppError } from "../../core/errors.ts";
import { treeOf } from "../../core/fhir/tree/tree.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { EXIT, type Arguments, type Tools } from "../command.ts";
import { depositAt, repositoryAt, toldDeposit, type DepositAnswer } from "../deposit-call.ts";
import { unreadable } from "../files.ts";
import { bulkSources, hasLines, type BulkDocument } from "./documents.ts";
import { BulkProgress } from "./progress.ts";
import { Sending } from "./sending.ts";

const AT_ONCE = 8;
const MOST_AT_ONCE = 64;
/** Milliseconds for which the repository may take nothing. */
const PATIENCE = 600_000;
/** Refusals that are told where no file takes them. */
const TOLD = 20;

export async function submitBulk(given: Arguments, { io, config }: Pick<Tools, "io" | "config">): Promise<number> {
  const atOnce = numberOf(given, "at-once", MOST_AT_ONCE) ?? AT_ONCE;
  const from = numberOf(given, "from", Number.MAX_SAFE_INTEGER) ?? 1;
  if (from > 1 && (given.files.length > 1 || !hasLines(given.files[0] ?? ""))) throw new AppError("unsupported", "--from is for one file of lines");
  const call = { base: repositoryAt(given.text("url"), config), tokenFile: given.text("token-file") };
  const progress = new BulkProgress(io);
  const sources = await bulkSources(given.files, { io, longest: config().maxDocumentBytes, onRead: (bytes) => progress.read(bytes) });
  progress.expect(sources.map(({ size }) => size));
  const errors = await errorsFile(given.text("errors"));
  const run = new BulkRun({ given, io, progress, errors });
  const sending = new Sending({
    ...{ atOnce, patience: PATIENCE, deposit: (bytes, mediaType) => depositAt(call, bytes, mediaType) },
    onPause: (reason, seconds) => io.tell(`chartulary: ${reason}; trying again in ${seconds} s`),
  });
  await run.all(sources, { sending, from });
  io.progress("");
  await run.sum();
  return run.exit;
}

function numberOf(given: Arguments, option: string, most: number): number | undefined {
  const text = given.text(option);
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most)
    throw new AppError("unsupported", `--${option} must be a number from 1${most < 1_000 ? ` to ${most}` : ""}, not ${text}`);
  return number;
}

interface ErrorsFile {
  write(line: string): Promise<void>;
  end(): Promise<void>;
}

async function errorsFile(name: string | undefined): Promise<ErrorsFile | undefined> {
  if (name === undefined) return undefined;
  const file = createWriteStream(name);
  await once(file, "open").catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  let fault: NodeJS.ErrnoException | undefined;
  file.on("error", (error) => (fault = error));
  const check = (): void => {
    if (fault) throw new AppError("unavailable", `${name} cannot be written (${fault.code ?? ""})`);
  };
  return {
    write: async (line) => {
      check();
      // Its error is heard above, and told by the check.
      if (!file.write(line)) await once(file, "drain").catch(() => undefined);
      check();
    },
    // What was not written is no list of what was refused.
    end: async () => {
      file.end();
      if (!file.closed) await once(file, "close").catch(() => undefined);
      check();
    },
  };
}

interface RunNeeds {
  readonly given: Arguments;
  readonly io: Tools["io"];
  readonly progress: BulkProgress;
  readonly errors: ErrorsFile | undefined;
}

/** One run over all that was given. */
class BulkRun {
  readonly #using: RunNeeds;
  readonly #counts = { deposited: 0, before: 0, refused: 0, failed: 0 };
  /** What is under way, the earliest first: everything before the first of them is done. */
  readonly #underWay = new Set<BulkDocument>();
  /** The first document of which nobody knows what became of it. */
  #left: BulkDocument | undefined;
  /** Why nothing more is sent. */
  #end: string | undefined;
  #told = 0;
  exit: number = EXIT.yes;

  constructor(using: RunNeeds) {
    this.#using = using;
  }

  async all(
    sources: Awaited<ReturnType<typeof bulkSources>>,
    { sending, from }: { readonly sending: Sending; readonly from: number },
  ): Promise<void> {
    const { io } = this.#using;
    const told = io.interruption();
    told.addEventListener("abort", () => (this.#end ??= "it was told to stop"));
    const running = new Set<Promise<void>>();
    for (const source of sources) {
      try {
        for await (const document of source.documents()) {
          if (document.line !== undefined && document.line < from) continue;
          if ("bytes" in document.content) await sending.room(document.content.bytes.length);
          if (io.isAbandoned()) this.#end ??= "nobody reads on";
          if (this.#end !== undefined) {
            this.#left ??= document;
            break;
          }
          this.#underWay.add(document);
          const one = this.#one(document, sending, told).finally(() => running.delete(one));
          running.add(one);
        }
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        io.tell(`chartulary: ${error.message}`);
        this.exit = EXIT.couldNot;
      }
      if (this.#end !== undefined) break;
    }
    await Promise.all(running);
    await this.#using.errors?.end().catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      this.#end ??= error.message;
    });
    if (this.#end !== undefined) this.exit = EXIT.couldNot;
  }

  /** Says what came of it all, and whence it can be gone on with. */
  async sum(): Promise<void> {
    const { io, progress } = this.#using;
    const { deposited, before, refused, failed } = this.#counts;
    const words = [
      `${deposited} deposited`,
      `${before} there before`,
      `${refused} refused`,
      ...(failed > 0 ? [`${failed} that could not be sent`] : []),
    ];
    if (!this.#using.given.isSet("json")) await io.print(`${words.join(", ")}; ${progress.rate()} a second\n`);
    // What is under way when it ends was not acknowledged.
    const [first = this.#left] = this.#underWay;
    if (this.#end === undefined) return;
    const place =
      first === undefined
        ? ""
        : first.line === undefined
          ? ` Not done: ${first.file} and what comes behind it.`
          : ` Not done: ${first.file} from line ${first.line} on (--from ${first.line}).`;
    io.tell(`chartulary: ${this.#end}.${place} Sending all of it again is harmless, and quick.`);
  }

  async #one(document: BulkDocument, sending: Sending, signal: AbortSignal): Promise<void> {
    const { content } = document;
    try {
      if ("fault" in content) await this.#passedOver(document, content.fault);
      else await this.#answered(document, await sending.send(content.bytes, content.mediaType, signal));
      this.#underWay.delete(document);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AppError)) throw error;
      this.#end ??= error.message;
    }
  }

  async #answered(document: BulkDocument, answer: DepositAnswer): Promise<void> {
    const { given, io, progress, errors } = this.#using;
    const { status, location, outcome } = answer;
    if (status === 201) this.#counts.deposited++;
    else if (status === 200) this.#counts.before++;
    else if (status >= 500) this.#counts.failed++;
    else this.#counts.refused++;
    this.exit = Math.max(this.exit, status < 300 ? EXIT.yes : status >= 500 ? EXIT.couldNot : EXIT.no);
    const { file, line } = document;
    if (given.isSet("json")) await io.print(`${writeJson(treeOf({ file, line, status, location, outcome }))}\n`);
    if (status >= 300) {
      await errors?.write(`${writeJson(treeOf({ file, line, status, outcome }))}\n`);
      if (!errors && !given.isSet("json")) this.#tell(toldDeposit(nameOf(document), answer));
    }
    progress.done(this.#counts);
  }

  /** A line that can't be sent. */
  async #passedOver(document: BulkDocument, fault: string): Promise<void> {
    const { given, io, progress, errors } = this.#using;
    this.#counts.refused++;
    this.exit = Math.max(this.exit, EXIT.no);
    const { file, line } = document;
    const outcome = { resourceType: "OperationOutcome", issue: [{ severity: "error", code: "too-long", details: { text: fault } }] };
    if (given.isSet("json")) await io.print(`${writeJson(treeOf({ file, line, outcome }))}\n`);
    await errors?.write(`${writeJson(treeOf({ file, line, outcome }))}\n`);
    if (!errors && !given.isSet("json")) this.#tell(`${nameOf(document)}: passed over: ${fault}\n`);
    progress.done(this.#counts);
  }

  #tell(text: string): void {
    if (this.#told < TOLD) this.#using.io.tell(text.trimEnd());
    else if (this.#told === TOLD) this.#using.io.tell("chartulary: more are refused; --errors FILE keeps all of them");
    this.#told++;
  }
}

function nameOf({ file, line }: BulkDocument): string {
  return line === undefined ? file : `${file}:${line}`;
}
