/** A tar archive (POSIX.1-1988 ustar) that members are only ever added to: as every `tar` lists and unpacks it. */
import { open, type FileHandle } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";

/** A member, and where it stands. */
export interface TarMember {
  readonly name: string;
  /** Where its bytes begin, and how many they are. */
  readonly at: number;
  readonly bytes: number;
}

const BLOCK = 512;
/** What ends an archive. */
const END = Buffer.alloc(2 * BLOCK);
/** Octal digits of a size: eight thousand million bytes. */
const SIZE_DIGITS = 11;

export class TarFile {
  readonly #handle: FileHandle;
  readonly #name: string;
  #members: TarMember[] = [];
  #end = 0;

  private constructor(handle: FileHandle, name: string) {
    this.#handle = handle;
    this.#name = name;
  }

  /**
   * Opens an archive. `w`: to add to it; it is made when there is none. What an interrupted writer left behind the last whole member is passed over, and written over by the next.
   *
   * @throws AppError `unavailable`, `damaged` for a file that is no such archive.
   */
  static async open(file: string, mode: "r" | "w"): Promise<TarFile> {
    const handle = await open(file, mode === "r" ? "r" : "a+", 0o600)
      .then(async (made) => {
        if (mode === "r") return made;
        // Opened for appending it was made; written to it is at places of our own.
        await made.close();
        return open(file, "r+");
      })
      .catch((cause: unknown) => {
        throw new AppError("unavailable", `${file} can't be opened`, { cause });
      });
    const tar = new TarFile(handle, file);
    try {
      await tar.#scan();
      return tar;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get members(): readonly TarMember[] {
    return this.#members;
  }

  async read({ at, bytes }: Pick<TarMember, "at" | "bytes">): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await this.#handle.read(buffer, 0, bytes, at);
    if (bytesRead !== bytes) throw this.#damaged("it ends within a member");
    return buffer;
  }

  /** Adds members, and makes them durable together. AppError `unavailable` when they can't be written; then none of them is there. */
  async add(members: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<void> {
    const start = this.#end;
    const known = this.#members.length;
    try {
      const blocks = members.flatMap(({ name, bytes }) => {
        this.#members.push({ name, at: this.#end + BLOCK, bytes: bytes.length });
        this.#end += BLOCK + padded(bytes.length);
        return [header(name, bytes.length), bytes, Buffer.alloc(padded(bytes.length) - bytes.length)];
      });
      await writeAll(this.#handle, Buffer.concat([...blocks, END]), start);
      await this.#handle.truncate(this.#end + END.length);
      await this.#handle.sync();
    } catch (cause) {
      this.#end = start;
      this.#members = this.#members.slice(0, known);
      await this.#handle.truncate(start).catch(() => undefined);
      throw new AppError("unavailable", `${this.#name} can't be written`, { cause });
    }
  }

  /** Forgets the members from number `from` on; they are written over by the next. */
  cut(from: number): void {
    const member = this.#members[from];
    if (member === undefined) return;
    this.#members = this.#members.slice(0, from);
    this.#end = member.at - BLOCK;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #scan(): Promise<void> {
    const { size } = await this.#handle.stat();
    for (let at = 0; at + BLOCK <= size;) {
      const block = Buffer.alloc(BLOCK);
      await this.#handle.read(block, 0, BLOCK, at);
      if (block.every((byte) => byte === 0)) return;
      const member = parseHeader(block);
      if (member === undefined) {
        // Before the first whole member it is somebody else's file; behind one, what was torn.
        if (this.#members.length === 0) throw this.#damaged("it is no archive of ours");
        return;
      }
      if (at + BLOCK + member.bytes > size) return;
      this.#members.push({ ...member, at: at + BLOCK });
      at += BLOCK + padded(member.bytes);
      this.#end = at;
    }
  }

  #damaged(what: string): AppError {
    return new AppError("damaged", `${this.#name} can't be read: ${what}`);
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

async function writeAll(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

function header(name: string, bytes: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (text: string, at: number): void => void block.write(text, at, "latin1");
  put(name, 0);
  put("0000600\0", 100);
  put("0000000\0", 108);
  put("0000000\0", 116);
  put(`${bytes.toString(8).padStart(SIZE_DIGITS, "0")}\0`, 124);
  put("00000000000\0", 136);
  put("        ", 148);
  put("0", 156);
  put("ustar\0" + "00", 257);
  put(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return block;
}

function parseHeader(block: Buffer): { readonly name: string; readonly bytes: number } | undefined {
  const sum = Number.parseInt(block.toString("latin1", 148, 154), 8);
  const blank = Buffer.from(block);
  blank.fill(" ", 148, 156);
  const size = block.toString("latin1", 124, 124 + SIZE_DIGITS);
  if (block.toString("latin1", 257, 262) !== "ustar" || blank.reduce((all, byte) => all + byte, 0) !== sum || !/^[0-7]{11}$/.test(size))
    return undefined;
  return { name: block.toString("latin1", 0, 100).replace(/\0.*$/s, ""), bytes: Number.parseInt(size, 8) };
}
