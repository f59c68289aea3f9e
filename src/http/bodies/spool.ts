import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { mkdir, open, readdir, statfs, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";

/** Bytes that are read back at a time. */
const READ_AT_ONCE = 1 << 20;

/**
 * The folder where large bodies wait on disk while they arrive. Each is encrypted (AES-256-GCM) with a key of its own that exists in memory only, in a file without a name:
 * whatever becomes of the disk, nobody reads there what was sent, and a process that dies leaves nothing behind.
 */
export class SpoolFolder {
  readonly #path: string;
  readonly #leaves: number;

  private constructor(path: string, leaves: number) {
    this.#path = path;
    this.#leaves = leaves;
  }

  /**
   * Makes the folder, and deletes what a process left that died between making a file and taking its name away.
   *
   * @param leaves bytes of the disk that stay free
   */
  static async open(path: string, leaves: number): Promise<SpoolFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    for (const name of await readdir(path)) if (name.endsWith(".spool")) await unlink(join(path, name)).catch(() => undefined);
    return new SpoolFolder(path, leaves);
  }

  /** A new spool for up to `bytes`. AppError `unavailable` when the disk has no room. */
  async begin(bytes: number): Promise<Spool> {
    const disk = await statfs(this.#path);
    if (disk.bavail * disk.bsize < bytes + this.#leaves) throw noRoom();
    const file = join(this.#path, `${randomBytes(16).toString("hex")}.spool`);
    const handle = await open(file, "wx+", 0o600);
    await unlink(file).catch(() => undefined);
    return new Spool(handle);
  }
}

/** No folder: bodies wait in memory alone. */
export const NO_SPOOL: Pick<SpoolFolder, "begin"> = { begin: () => Promise.reject(noRoom()) };

/** One body on disk. Written once from start to end, then read once. */
export class Spool {
  readonly #file: FileHandle;
  readonly #key = randomBytes(32);
  // A key encrypts one stream only, so that a constant nonce never repeats under it.
  readonly #nonce = Buffer.alloc(12);
  readonly #cipher = createCipheriv("aes-256-gcm", this.#key, this.#nonce);
  #size = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** AppError `unavailable` when the disk takes no more. */
  async write(chunk: Uint8Array): Promise<void> {
    const sealed = this.#cipher.update(chunk);
    let done = 0;
    while (done < sealed.length) {
      const { bytesWritten } = await this.#file.write(sealed, done, sealed.length - done, this.#size + done).catch((cause: unknown) => {
        throw noRoom(cause);
      });
      done += bytesWritten;
    }
    this.#size += chunk.length;
  }

  /** Everything that was written. AppError `internal` when the disk gives something else back. */
  async read(): Promise<Uint8Array> {
    this.#cipher.final();
    const decipher = createDecipheriv("aes-256-gcm", this.#key, this.#nonce).setAuthTag(this.#cipher.getAuthTag());
    const whole = Buffer.allocUnsafeSlow(this.#size);
    const piece = Buffer.allocUnsafeSlow(Math.min(READ_AT_ONCE, this.#size));
    try {
      for (let at = 0; at < this.#size;) {
        const { bytesRead } = await this.#file.read(piece, 0, Math.min(piece.length, this.#size - at), at);
        if (bytesRead === 0) throw new AppError("internal", "a spooled body is shorter than it was");
        decipher.update(piece.subarray(0, bytesRead)).copy(whole, at);
        at += bytesRead;
      }
      decipher.final();
    } catch (cause) {
      throw new AppError("internal", "a spooled body could not be read back as it was written", { cause });
    }
    return whole;
  }

  /** Gives the room on the disk back. */
  async close(): Promise<void> {
    await this.#file.close().catch(() => undefined);
  }
}

function noRoom(cause?: unknown): AppError {
  return new AppError("unavailable", "There is no room for a body of that size now; try again in a moment.", { cause, retryAfter: 10 });
}
