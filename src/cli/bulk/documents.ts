/** What `submit --bulk` reads: documents one a line, or one a file, of any number; one of them is held at a time. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";
import { fhirMediaTypeOf, type DocumentMediaType } from "../../core/fhir/reading/fhir-media-type.ts";
import { linesOf } from "../../core/streams/lines.ts";
import { unpacked } from "../../core/streams/unpacked.ts";
import { DOCUMENT_FILE, filesOf, unreadable } from "../files.ts";
import type { Io } from "../io.ts";

/** One document, or why there is none. */
export interface BulkDocument {
  /** The file's name, or the address. */
  readonly file: string;
  /** From 1; undefined where the file is the document. */
  readonly line: number | undefined;
  readonly content: { readonly bytes: Uint8Array; readonly mediaType: DocumentMediaType } | { readonly fault: string };
}

/** One thing that is read from its beginning to its end. */
export interface BulkSource {
  readonly name: string;
  /** Bytes to be read; undefined where nobody knows. */
  readonly size: number | undefined;
  /** AppErrors of what can't be read to its end; what comes before was given. */
  documents(): AsyncIterable<BulkDocument>;
}

export interface BulkReading {
  readonly io: Pick<Io, "input">;
  /** The longest document, in bytes. */
  readonly longest: number;
  /** Told of bytes that were read. */
  onRead(bytes: number): void;
}

const LINES_FILE = /\.(ndjson|jsonl)(\.gz)?$/i;
const IN_FOLDERS = new RegExp(`${DOCUMENT_FILE.source}|${LINES_FILE.source}`, "i");
const STDIN = "-";

/** Whether what an argument stands for has lines: one that begins in the middle makes sense. */
export function hasLines(name: string): boolean {
  return name === STDIN || isAddress(name) || LINES_FILE.test(name) || !DOCUMENT_FILE.test(name);
}

/** What arguments stand for: `-`, addresses, files, folders with all their files. AppError `not-found` for what can't be opened. */
export async function bulkSources(given: readonly string[], reading: BulkReading): Promise<BulkSource[]> {
  return (await Promise.all(given.map((name) => sourcesOf(name, reading)))).flat();
}

async function sourcesOf(name: string, reading: BulkReading): Promise<BulkSource[]> {
  if (name === STDIN) return [{ name, size: undefined, documents: () => lines(name, reading.io.input(), reading) }];
  if (isAddress(name)) return [{ name, size: undefined, documents: () => lines(name, fetched(name), reading) }];
  const found = await stat(name).catch((cause: unknown) => {
    throw unreadable(name, cause);
  });
  if (!found.isDirectory()) return [fileSource(name, found.size, reading)];
  const { files, faults } = await filesOf(name, IN_FOLDERS);
  const [fault] = faults;
  if (fault) throw fault;
  if (files.length === 0) throw new AppError("not-found", `${name}: there is no .ndjson, .json, .xml or .p7m file in this folder`);
  const sources: BulkSource[] = [];
  for (const file of files) sources.push(fileSource(file, (await stat(file).catch(() => ({ size: 0 }))).size, reading));
  return sources;
}

function fileSource(name: string, size: number, reading: BulkReading): BulkSource {
  const documents = hasLines(name)
    ? () => lines(name, createReadStream(name, { highWaterMark: 1 << 18 }), reading)
    : () => whole(name, size, reading);
  return { name, size, documents };
}

async function* whole(file: string, size: number, { longest, onRead }: BulkReading): AsyncGenerator<BulkDocument> {
  if (size > longest) return void (yield { file, line: undefined, content: { fault: tooLong(longest) } });
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  onRead(bytes.length);
  yield { file, line: undefined, content: { bytes, mediaType: fhirMediaTypeOf(bytes, file) } };
}

async function* lines(file: string, stream: AsyncIterable<Uint8Array>, { longest, onRead }: BulkReading): AsyncGenerator<BulkDocument> {
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of stream) {
      onRead(piece.length);
      yield piece;
    }
  }
  try {
    for await (const { number, bytes } of linesOf(unpacked(counted()), longest))
      yield { file, line: number, content: bytes ? { bytes, mediaType: "application/fhir+json" } : { fault: tooLong(longest) } };
  } catch (cause) {
    throw cause instanceof AppError ? new AppError(cause.code, `${file}: ${cause.message}`) : unreadable(file, cause);
  }
}

async function* fetched(url: string): AsyncGenerator<Uint8Array> {
  const answer = await fetch(url, { headers: { Accept: "application/fhir+ndjson, application/ndjson;q=0.9, */*;q=0.1" } }).catch((cause: unknown) => {
    throw new AppError("unavailable", "it can't be reached", { cause });
  });
  if (!answer.ok || !answer.body) throw new AppError("unavailable", `it answered ${answer.status}`);
  try {
    yield* answer.body;
  } catch (cause) {
    throw new AppError("unavailable", "it broke off", { cause });
  }
}

function isAddress(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

function tooLong(longest: number): string {
  return `it has more than ${longest} bytes (MAX_DOCUMENT_BYTES)`;
}
