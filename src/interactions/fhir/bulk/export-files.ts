/** The files of an export while they are written: one for each type in each part of the log, and beside each which resource each of its lines is, by which it is asked again who may have it. */
import { utf8 } from "../../../core/crypto/bytes.ts";
import type { JobFile, JobFiles, JobFileWriter } from "../../../jobs/job-files.ts";
import type { PlacedResource } from "../../../reader/persons.ts";
import { positionOf, type ResourceNumber } from "../../../search/resource-number.ts";

/** `output` is what was asked for, `error` OperationOutcomes, `deleted` what is erased, `log` leaves of the log. */
export type FileRole = "output" | "error" | "deleted" | "log";

/** A file of an export, as its job keeps it. */
export interface KeptFile {
  readonly role: FileRole;
  readonly type: string;
  readonly count: number;
  readonly file: JobFile;
  /** Which resource each line is, in order; undefined where nothing in it is anybody's. */
  readonly places?: JobFile;
  /** Between which positions in the log (both inclusive) their documents were entered: whoever looks for another need not open it. Undefined: it is not known. */
  readonly entered?: Span;
}

/** The first position and the last. */
export type Span = readonly [number, number];

/** What is written for good, and where it goes on. */
export interface SavedExport {
  /** Of what part is written next, from 1; the log itself comes before. */
  readonly part: number;
  /** Behind which resource it goes on; undefined: at the newest. */
  readonly after?: ResourceNumber;
  readonly isAtEnd: boolean;
  readonly files: readonly KeptFile[];
}

/** Which resource a line is about. */
export type LineResource = Pick<PlacedResource, "type" | "documentId" | "path">;

/** A part ends when a file of it has so many bytes or lines. One request tells the audit trail of 10,000 documents at most: a turn more than these are fewer. */
export const MOST_OF_PART: PartLimits = { bytes: 64 * 1024 * 1024, lines: 9_000 };

export interface PartLimits {
  readonly bytes: number;
  readonly lines: number;
}
/** Lines are handed on together. */
const TOGETHER = 256 * 1024;

interface Open {
  readonly role: FileRole;
  readonly type: string;
  readonly writer: JobFileWriter;
  readonly places: JobFileWriter;
  lines: string[];
  placed: string[];
  waiting: number;
  bytes: number;
  count: number;
  entered: Span | undefined;
}

export class PartFiles {
  readonly #files: JobFiles;
  readonly #part: number;
  readonly #limits: PartLimits;
  readonly #open = new Map<string, Open>();

  /** @param part names its files: what was begun of it before a crash is written anew */
  constructor(files: JobFiles, part: number, limits: PartLimits = MOST_OF_PART) {
    this.#files = files;
    this.#part = part;
    this.#limits = limits;
  }

  /** Whether it is to end. */
  isFull(): boolean {
    return [...this.#open.values()].some(({ bytes, count }) => bytes >= this.#limits.bytes || count >= this.#limits.lines);
  }

  async add(
    role: Exclude<FileRole, "log">,
    type: string,
    text: string,
    place: (LineResource & { readonly number: ResourceNumber }) | undefined,
  ): Promise<void> {
    const open = this.#opened(role, type);
    open.lines.push(text);
    open.placed.push(place ? `${place.documentId} ${place.type} ${place.path}` : "-");
    if (place) open.entered = widened(open.entered, positionOf(place.number));
    open.waiting += text.length;
    open.count++;
    if (open.waiting >= TOGETHER) await hand(open);
  }

  /** Durable when it resolves. */
  async finish(): Promise<KeptFile[]> {
    const kept: KeptFile[] = [];
    for (const open of this.#open.values()) {
      await hand(open);
      const { role, type, count, entered } = open;
      kept.push({ role, type, count, file: await open.writer.finish(), places: await open.places.finish(), ...(entered && { entered }) });
    }
    this.#open.clear();
    return kept;
  }

  #opened(role: FileRole, type: string): Open {
    const key = role === "output" ? type : role;
    const known = this.#open.get(key);
    if (known) return known;
    const name = `${key}-${this.#part}`;
    const [writer, places] = [this.#files.write(`${name}.ndjson`), this.#files.write(`${name}.places`)];
    const open: Open = { role, type, writer, places, lines: [], placed: [], waiting: 0, bytes: 0, count: 0, entered: undefined };
    this.#open.set(key, open);
    return open;
  }
}

function widened(span: Span | undefined, position: number): Span {
  return span ? [Math.min(span[0], position), Math.max(span[1], position)] : [position, position];
}

async function hand(open: Open): Promise<void> {
  if (open.lines.length === 0) return;
  const bytes = utf8(`${open.lines.join("\n")}\n`);
  const places = utf8(`${open.placed.join("\n")}\n`);
  open.bytes += bytes.length;
  [open.lines, open.placed, open.waiting] = [[], [], 0];
  await open.writer.append(bytes);
  await open.places.append(places);
}

/** Which resources the lines of a file are, so many at a time. */
export async function* lineResources(file: JobFile, files: Pick<JobFiles, "read">, together = 500): AsyncGenerator<LineResource[]> {
  const decoder = new TextDecoder();
  let [rest, places]: [string, LineResource[]] = ["", []];
  for await (const bytes of files.read(file)) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [documentId = "", type, path = ""] = line.split(" ");
      if (type === undefined) continue;
      places.push({ documentId, type, path });
      if (places.length < together) continue;
      yield places;
      places = [];
    }
  }
  if (places.length > 0) yield places;
}
