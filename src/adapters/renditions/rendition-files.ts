/** Renditions as files of one folder, the least recently used given up first. The folder may be deleted at any time, and other processes may use it too. */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { RenditionShelf } from "../../pipeline/store/rendition-shelf.ts";

export interface RenditionFilesOptions {
  readonly folder: string;
  /** Bytes of all of them together. */
  readonly most: number;
  /** Bytes of the disk that stay free. */
  readonly leaves: number;
  /** Told once of each kind of failure of the disk, by the system's word for it. */
  onFault(code: string): void;
}

/** One takes at most this part of the room, so that a single one does not drive out all others. */
export const LARGEST_PART = 8;
/** After so large a part of the room was written the folder is looked at anew: other processes write too. */
const LOOK_AGAIN = 16;
/** A file that is being written is whole after this, in milliseconds, or nobody writes it any more. */
const STALE = 600_000;
const NAME = /^[0-9a-f]{64}$/;

interface Kept {
  readonly bytes: number;
  usedAt: number;
}

/** Opens the shelf; its folder is made when something is kept. */
export function openRenditionFiles(options: RenditionFilesOptions): RenditionShelf {
  return new RenditionFiles(options);
}

class RenditionFiles implements RenditionShelf {
  readonly #options: RenditionFilesOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #told = new Set<string>();
  #bytes = 0;
  /** Bytes that may be written before the folder is looked at; at first none. */
  #unlooked = 0;
  /** Keeping waits for its turn: the room is counted by one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RenditionFilesOptions) {
    this.#options = options;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const file = this.#fileOf(name);
    try {
      const bytes = await readFile(file);
      const now = Date.now();
      const known = this.#kept.get(name);
      if (known) known.usedAt = now;
      // Its time is its place in the order, after a restart and for other processes.
      await utimes(file, now / 1_000, now / 1_000).catch(() => undefined);
      return bytes;
    } catch (error) {
      this.#forget(name);
      this.#tell(error);
      return undefined;
    }
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#options.most / LARGEST_PART) return;
    const turn = this.#last.then(() => this.#keep(name, bytes)).catch((error: unknown) => this.#tell(error));
    this.#last = turn;
    await turn;
  }

  async drop(name: string): Promise<void> {
    this.#forget(name);
    await unlink(this.#fileOf(name)).catch((error: unknown) => this.#tell(error));
  }

  async #keep(name: string, bytes: Uint8Array): Promise<void> {
    const { folder, most, leaves } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (this.#unlooked < bytes.length) await this.#look();
    this.#unlooked -= bytes.length;
    await this.#makeRoom(most - bytes.length);
    const disk = await statfs(folder);
    if (disk.bavail * disk.bsize < bytes.length + leaves) return;
    const draft = join(folder, `${randomUUID()}.new`);
    try {
      const handle = await open(draft, "wx", 0o600);
      try {
        await handle.writeFile(bytes);
      } finally {
        await handle.close();
      }
      // Without a sync: what a power cut leaves half written is found to be altered, and made again.
      await rename(draft, this.#fileOf(name));
    } catch (error) {
      await unlink(draft).catch(() => undefined);
      throw error;
    }
    this.#forget(name);
    this.#kept.set(name, { bytes: bytes.length, usedAt: Date.now() });
    this.#bytes += bytes.length;
  }

  /** Counts what is there, and removes what nobody finished. */
  async #look(): Promise<void> {
    const { folder, most } = this.#options;
    this.#kept.clear();
    this.#bytes = 0;
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      const facts = await stat(file).catch(() => undefined);
      if (!facts?.isFile()) continue;
      if (NAME.test(name)) {
        this.#kept.set(name, { bytes: facts.size, usedAt: facts.mtimeMs });
        this.#bytes += facts.size;
      } else if (name.endsWith(".new") && Date.now() - facts.mtimeMs > STALE) await unlink(file).catch(() => undefined);
    }
    this.#unlooked = most / LOOK_AGAIN + most / LARGEST_PART;
  }

  async #makeRoom(most: number): Promise<void> {
    if (this.#bytes <= most) return;
    const oldest = [...this.#kept].sort(([, one], [, other]) => one.usedAt - other.usedAt);
    for (const [name] of oldest) {
      if (this.#bytes <= most) return;
      await this.drop(name);
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#kept.get(name)?.bytes ?? 0;
    this.#kept.delete(name);
  }

  #fileOf(name: string): string {
    if (!NAME.test(name)) throw new TypeError("not the name of a rendition");
    return join(this.#options.folder, name);
  }

  #tell(error: unknown): void {
    const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT" || this.#told.has(code)) return;
    this.#told.add(code);
    this.#options.onFault(code);
  }
}
