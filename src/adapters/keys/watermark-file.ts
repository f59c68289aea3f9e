/**
 * The high-water mark in a file of two slots, written in turn and in place: a write that a crash tore leaves the other slot, which holds the mark before. One small write
 * and one fdatasync a mark; no name changes, so that no folder has to be synced. It is text, so that a person can read it.
 */
import { createHash } from "node:crypto";
import { closeSync, fdatasync, openSync, readSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { AppError } from "../../core/errors.ts";
import type { Watermark } from "../../pipeline/log/watermark.ts";
import { createFile, isCode, replaceFile } from "../../core/files/durable-files.ts";

/** A slot is a page of the disk and of the system's cache: no write to one touches the other. */
const SLOT = 4_096;
const synced = promisify(fdatasync);
const FORMAT = "chartulary-watermark/1";

/** What one slot holds: marks are numbered in the order in which they were written. */
interface Mark {
  readonly number: number;
  readonly note: string;
}

/** The mark in `file`, which is made with its folder at the first write. Safe for several processes, of which the last one wins but for a note that is further. */
export function watermarkFile(file: string): Watermark {
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: () => using(file, (opened) => readNewest(opened, file).note),
    // One after the other, so that an earlier note never lands on a later one.
    write: (note) => {
      const written = last.then(() => writeOrMake(file, note));
      last = written.catch(() => undefined);
      return written;
    },
    begin: (note) => {
      const written = last.then(() => attempt(file, () => replaceFile(file, fresh(note))));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

/** A whole file: one mark, and an empty slot. */
function fresh(note: string): string {
  return `${writeSlot(1, note)}${" ".repeat(SLOT - 1)}\n`;
}

async function writeOrMake(file: string, note: string): Promise<string> {
  const written = await using(file, (opened) => writeNext(opened, file, note));
  if (written !== undefined) return written;
  const isMade = await attempt(file, async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return createFile(file, fresh(note));
  });
  // Another process made it in the meantime.
  return isMade ? note : writeOrMake(file, note);
}

/**
 * Opened anew each time: a file that was moved away since is noticed, and made again. Undefined when there is none. Everything but the wait for the disk is done at once: two pages in the system's
 * cache take less than handing them to a thread does.
 */
async function using<Result>(file: string, work: (opened: number) => Result | Promise<Result>): Promise<Result | undefined> {
  return attempt(file, async () => {
    const opened = openIfThere(file);
    if (opened === undefined) return undefined;
    try {
      return await work(opened);
    } finally {
      closeSync(opened);
    }
  });
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, "r+");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function attempt<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("unavailable", `the log's mark cannot be read or written: ${file}`, { cause });
  }
}

async function writeNext(opened: number, file: string, note: string): Promise<string> {
  const standing = readNewest(opened, file);
  if (isFurther(standing.note, note)) return standing.note;
  const number = standing.number + 1;
  const slot = Buffer.from(writeSlot(number, note), "utf8");
  const written = writeSync(opened, slot, 0, SLOT, slotOf(number) * SLOT);
  if (written < SLOT) throw new AppError("unavailable", `the log's mark cannot be written whole: ${file}`);
  await synced(opened);
  return note;
}

/** The whole slot with the highest number. AppError `damaged` when the file holds something, but no whole slot. */
function readNewest(opened: number, file: string): Mark {
  const buffer = Buffer.alloc(2 * SLOT);
  const bytesRead = readSync(opened, buffer, 0, 2 * SLOT, 0);
  const marks = [0, 1].flatMap((slot) => {
    const mark = readSlot(buffer.subarray(slot * SLOT, Math.min((slot + 1) * SLOT, bytesRead)));
    return mark && slotOf(mark.number) === slot ? [mark] : [];
  });
  const [newest] = marks.sort((one, other) => other.number - one.number);
  if (newest === undefined) throw new AppError("damaged", `the log's mark is in no form that we know: ${file}`);
  return newest;
}

function slotOf(number: number): number {
  return (number + 1) % 2;
}

/** Four parts: the format and number, a digest of what follows the digest's line, the note, and blanks up to the slot's length. */
function writeSlot(number: number, note: string): string {
  const text = `${FORMAT} ${number} ${digestOf(number, note)}\n${note}`;
  const length = Buffer.byteLength(text, "utf8");
  if (length >= SLOT) throw new AppError("internal", "the log's checkpoint is too long for its mark");
  return `${text}${" ".repeat(SLOT - 1 - length)}\n`;
}

function readSlot(slot: Buffer): Mark | undefined {
  const [, digits, digest, note] = /^chartulary-watermark\/1 ([1-9][0-9]{0,15}) ([0-9a-f]{64})\n([^]*\n) *\n$/.exec(slot.toString("utf8")) ?? [];
  if (digits === undefined || note === undefined || digestOf(Number(digits), note) !== digest) return undefined;
  return { number: Number(digits), note };
}

function digestOf(number: number, note: string): string {
  return createHash("sha256").update(`${FORMAT} ${number}\n${note}`).digest("hex");
}

/** Whether a note is a checkpoint of the same log with more leaves: the first line is its origin, the second its size (c2sp.org/tlog-checkpoint). */
function isFurther(standing: string, note: string): boolean {
  const [origin, size] = standing.split("\n", 2);
  const [newOrigin, newSize] = note.split("\n", 2);
  return origin === newOrigin && Number(size) > Number(newSize);
}
