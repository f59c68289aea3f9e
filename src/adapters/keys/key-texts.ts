import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { KeyWrapper } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { createFile, createFolder, isCode, replaceFile } from "../../core/files/durable-files.ts";
import { dyingName, replaceAndShred, shred } from "./shred.ts";
import { formatWrapped, isInClear, isWrapped, parseWrapped, textDigest } from "./wrapped-text.ts";

/** How a key's file is kept. */
export interface KeptKeyFile {
  readonly name: string;
  /** Who unwraps it, `vault transit/chartulary`, say; undefined: it is in clear. */
  readonly by: string | undefined;
  /** By which version of that key, where it says so. */
  readonly version: string | undefined;
}

/** A draft that a crash left is older, one that is being written younger: milliseconds. */
const DRAFT_AGE = 60_000;
const DRAFT = /^\.(.+\.(?:key|pem))\.[^.]+(?:\.new)?$/;
const KEY_FILE = /\.(?:key|pem)$/;

/**
 * The texts of the files in the folder of the keys, as if they were in clear. A file may be wrapped: then it is unwrapped when it is first read, and not again while what it holds stays the same, whoever wrapped
 * it anew meanwhile. So a service that runs needs nobody who unwraps.
 */
export class KeyTexts {
  readonly folder: string;
  readonly #wrapper: KeyWrapper | undefined;
  /** By file, what it held when it was last unwrapped or written, and the digest of that. */
  readonly #known = new Map<string, { readonly text: string; readonly digest: string }>();

  constructor(folder: string, wrapper?: KeyWrapper) {
    this.folder = folder;
    this.#wrapper = wrapper;
  }

  /** A folder by its path is one in which nothing is wrapped. */
  static at(folder: string | KeyTexts): KeyTexts {
    return typeof folder === "string" ? new KeyTexts(folder) : folder;
  }

  /** By which key new files are wrapped; undefined: they are in clear. */
  get by(): string | undefined {
    return this.#wrapper?.by;
  }

  /** What is in the folder, without the drafts of an interrupted writer; nothing when there is no folder. */
  async names(): Promise<string[]> {
    return (await this.#all()).filter((name) => !name.startsWith("."));
  }

  /** The same of a folder that must be there. AppError `unavailable`. */
  async present(): Promise<string[]> {
    const names = await this.names().catch((cause: unknown) => {
      throw new AppError("unavailable", `the keys in ${this.folder} cannot be read (KEYS_DIR)`, { cause });
    });
    if (names.length === 0) throw new AppError("unavailable", `the keys in ${this.folder} cannot be read (KEYS_DIR)`);
    return names;
  }

  /** @throws AppError `damaged` when there is none, or it is no wrapped text that could be; `unavailable` when it cannot be unwrapped now */
  async read(name: string): Promise<string> {
    return this.#know(name, await this.#textOf(await this.#stored(name), name));
  }

  /** What is in a draft of a file, as `read` has it; undefined when it is gone, or nothing that can be read. */
  async readDraft(draft: string, name: string): Promise<string | undefined> {
    return this.#stored(draft)
      .then((stored) => this.#textOf(stored, name))
      .catch(() => undefined);
  }

  /** Makes the folder with these files; false when there is one that is not empty. */
  async createAll(texts: Readonly<Record<string, string>>): Promise<boolean> {
    const stored = await Promise.all(Object.entries(texts).map(async ([name, text]) => [name, await this.#storedOf(text, name)] as const));
    return createFolder(this.folder, Object.fromEntries(stored));
  }

  /** False when there is one. */
  async create(name: string, text: string): Promise<boolean> {
    const isMade = await createFile(join(this.folder, name), await this.#storedOf(text, name));
    if (isMade) this.#know(name, text);
    return isMade;
  }

  async replace(name: string, text: string): Promise<void> {
    return replaceFile(join(this.folder, name), await this.#storedOf(text, name));
  }

  /** How each file is kept that holds a secret key. AppErrors for one that is wrapped in no form that we know. */
  async kept(): Promise<KeptKeyFile[]> {
    const files = await Promise.all(
      (await this.#all()).map(async (name) => {
        const text = await this.#stored(name).catch(() => "");
        if (!isWrapped(text)) return isInClear(text) ? { name, by: undefined, version: undefined } : [];
        const { by, wrapped } = parseWrapped(text, name);
        return { name, by, version: /^vault:v([0-9]+):/.exec(wrapped)?.[1] };
      }),
    );
    return files.flat().sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /**
   * Keeps every file that holds a secret key as new ones are kept, wrapped by the newest version of the key; it stays the same key. What was in clear is written over. Interrupted, it is run again.
   *
   * @returns the files that were wrapped anew, or put in clear. AppError `unavailable`, and then the files that it had not come to are as they were
   */
  async keepAnew(): Promise<string[]> {
    const done: string[] = [];
    for (const { name, by } of await this.kept()) {
      if (!KEY_FILE.test(name) || name.startsWith(".") || (by === undefined && this.by === undefined)) continue;
      const before = await this.#stored(name);
      const after = await this.#storedOf(await this.#textOf(before, name), name);
      // Meanwhile a service may have destroyed it.
      if ((await this.#stored(name)) !== before) continue;
      await (isInClear(before) ? replaceAndShred : replaceFile)(join(this.folder, name), after);
      done.push(name);
    }
    if (this.by !== undefined) await this.#shredDrafts();
    return done;
  }

  /** What a writer that was interrupted left in clear. */
  async #shredDrafts(): Promise<void> {
    for (const name of await this.#all()) {
      const file = join(this.folder, name);
      const [, of] = DRAFT.exec(name) ?? [];
      if (of === undefined || !isInClear(await readFile(file, "utf8").catch(() => ""))) continue;
      const { mtimeMs } = await stat(file);
      // As long as the file itself is in clear, both may be names of one.
      const isDead = file === dyingName(join(this.folder, of)) && !isInClear(await this.#stored(of).catch(() => ""));
      if (isDead || Date.now() - mtimeMs > DRAFT_AGE) await shred(file);
    }
  }

  async #all(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if (isCode(error, "ENOENT")) return [];
      throw error;
    }
  }

  async #stored(name: string): Promise<string> {
    try {
      return await readFile(join(this.folder, name), "utf8");
    } catch (cause) {
      throw new AppError("damaged", `${name} cannot be read in the key folder ${this.folder}: restore it from its backup`, { cause });
    }
  }

  async #textOf(stored: string, name: string): Promise<string> {
    if (!isWrapped(stored)) return stored;
    const { by, digest, wrapped } = parseWrapped(stored, name);
    const known = this.#known.get(name);
    if (known?.digest === digest) return known.text;
    if (this.#wrapper === undefined)
      throw new AppError("unavailable", `${name} in ${this.folder} is wrapped by ${by}, and nobody who unwraps it is named (VAULT_URL)`);
    const text = await this.#wrapper.unwrap(wrapped, by).catch((cause: unknown) => {
      if (!(cause instanceof AppError)) throw cause;
      throw new AppError(cause.code, `${name} in ${this.folder} cannot be unwrapped: ${cause.message}`, { cause });
    });
    // Somebody who answers in another's name knows no such text, and neither does one file pass for another.
    if (textDigest(name, text) !== digest)
      throw new AppError("unavailable", `${name} in ${this.folder} cannot be unwrapped: what ${by} gives for it is not what was wrapped`);
    return text;
  }

  #know(name: string, text: string): string {
    if (isInClear(text)) this.#known.set(name, { text, digest: textDigest(name, text) });
    else this.#known.delete(name);
    return text;
  }

  /** The text as it is stored. It is seen to that it can be read again before anybody relies on it. */
  async #storedOf(text: string, name: string): Promise<string> {
    const wrapper = this.#wrapper;
    if (wrapper?.by === undefined || !isInClear(text)) return text;
    const wrapped = await wrapper.wrap(text);
    if ((await wrapper.unwrap(wrapped, wrapper.by)) !== text)
      throw new AppError("unavailable", `${name} was not wrapped: ${wrapper.by} does not give back what it was given`);
    return formatWrapped({ by: wrapper.by, digest: textDigest(name, text), wrapped });
  }
}

/**
 * A key that is read again by whoever has the folder open, who goes on with the keys that it has when this one cannot be unwrapped: it was made meanwhile, or made anew.
 *
 * @param held what it has; of nothing the failure is thrown. @param onFault told why
 */
export async function readAgain<Held>(
  read: Promise<Held>,
  held: readonly Held[],
  isIt: (one: Held) => boolean,
  onFault: (text: string) => void = () => undefined,
): Promise<readonly Held[]> {
  try {
    return [await read];
  } catch (error) {
    if (held.length === 0 || !(error instanceof AppError) || error.code !== "unavailable") throw error;
    onFault(error.message);
    return held.filter(isIt);
  }
}
