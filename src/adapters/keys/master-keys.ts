/**
 * The master keys in the folder of the keys: `master.key` is that of the first epoch, `master-0002.key` and following those of the epochs after it. Of an epoch that ended the file keeps the id of
 * its key alone.
 */
import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { masterKeyIdOf, unwrapKey, wrapKey, wrapperOf } from "../../core/envelope.ts";
import type { MasterEpoch, MasterKeys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { createFile, isCode, replaceFile, syncFolder } from "../../core/files/durable-files.ts";
import { newSecret, parseSecret } from "./key-files.ts";

const FIRST = "master.key";
const NAME = /^master(?:-([0-9]{4}))?\.key$/;
const ENDED = /^ended ([0-9a-f]{8})\s*$/;
/** Drafts that a crash may have left: other names of a key, or keys that never were any. */
const DRAFT = /^\.master.*\.new$/;
/** A key that is not there is looked for in the folder at once, and again after so many milliseconds. */
const LOOK_AGAIN = 1_000;

interface HeldEpoch extends MasterEpoch {
  /** Undefined when it has ended. */
  readonly key: Uint8Array | undefined;
}

/** The file of an epoch's key. */
export function masterKeyName(epoch: number): string {
  return epoch === 1 ? FIRST : `master-${String(epoch).padStart(4, "0")}.key`;
}

export class MasterKeyFiles implements MasterKeys {
  readonly #folder: string;
  #held: readonly HeldEpoch[] = [];
  #current = 0;
  /** The key that was not there last, and when it was looked for. A look for anything else says nothing of it: it may have been made since. */
  #missed = { keyId: "", at: -Infinity };

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** AppError `damaged` when a file is missing or is no key, or all have ended. */
  static async open(folder: string): Promise<MasterKeyFiles> {
    const keys = new MasterKeyFiles(folder);
    await keys.refresh();
    return keys;
  }

  get current(): number {
    return this.#current;
  }

  epochs(): readonly MasterEpoch[] {
    return this.#held.map(({ epoch, keyId, isEnded }) => ({ epoch, keyId, isEnded }));
  }

  use(epoch: number): void {
    this.#keyOf(epoch);
    this.#current = epoch;
  }

  async refresh(): Promise<void> {
    const names = await readdir(this.#folder).catch((cause: unknown) => {
      throw new AppError("unavailable", `the keys in ${this.#folder} cannot be read (KEYS_DIR)`, { cause });
    });
    const numbers = names.flatMap((name) => numberOf(name) ?? []);
    // Without it the folder is not whole, whatever else is there.
    const wanted = [...new Set([1, ...numbers])].sort((a, b) => a - b);
    const held = await Promise.all(wanted.map((epoch) => readEpoch(this.#folder, epoch)));
    const live = held.filter(({ isEnded }) => !isEnded);
    if (live[0] === undefined) throw new AppError("damaged", `all master keys in ${this.#folder} have ended: restore the folder from its backup`);
    for (const { epoch, key } of this.#held) if (!live.some((one) => one.epoch === epoch)) key?.fill(0);
    this.#held = held;
    // Until the log says that another epoch was begun, it is the oldest that can be used.
    if (!live.some(({ epoch }) => epoch === this.#current)) this.#current = live[0].epoch;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a failure is a rejection
  async wrapUnder(epoch: number, documentKey: Uint8Array, id: string): Promise<Uint8Array> {
    return wrapKey(documentKey, this.#keyOf(epoch), id);
  }

  /** The document's key. AppError `damaged`. */
  async unwrap(wrappedKey: Uint8Array, id: string): Promise<Uint8Array> {
    const keyId = wrapperOf(wrappedKey);
    const known = (): HeldEpoch | undefined => this.#held.find((one) => one.keyId === keyId);
    const isTooSoon = this.#missed.keyId === keyId && performance.now() - this.#missed.at <= LOOK_AGAIN;
    if (keyId !== "" && known() === undefined && !isTooSoon) {
      this.#missed = { keyId, at: performance.now() };
      await this.refresh();
    }
    const by = known();
    if (by?.isEnded === true)
      throw new AppError(
        "damaged",
        `the key of document ${id} was wrapped by the master key of epoch ${by.epoch}, which has ended: nobody can open it`,
      );
    // Of a key that is not there, whichever we have says so.
    return unwrapKey(wrappedKey, by?.key ?? this.#keyOf(this.#current), id);
  }

  #keyOf(epoch: number): Uint8Array {
    const key = this.#held.find((one) => one.epoch === epoch)?.key;
    if (key === undefined) throw new AppError("unavailable", `the master key of epoch ${epoch} is not in ${this.#folder} (${masterKeyName(epoch)})`);
    return key;
  }
}

/** Whether the text of a file of a master key says that its epoch has ended. */
export function isEndedKey(text: string): boolean {
  return ENDED.test(text);
}

/** Makes the master key of an epoch. False when there is one. */
export function beginMasterKey(folder: string, epoch: number): Promise<boolean> {
  return createFile(join(folder, masterKeyName(epoch)), newSecret());
}

/**
 * Destroys the master key of an epoch: its id alone stays. The bytes on the disk are written over, as far as the file system writes in place. After an interruption it is run again; nothing happens
 * when it was done.
 */
export async function endMasterKey(folder: string, epoch: number): Promise<void> {
  const file = join(folder, masterKeyName(epoch));
  const dying = join(folder, `.${masterKeyName(epoch)}.ending`);
  const { isEnded, keyId } = await readEpoch(folder, epoch);
  if (!isEnded) {
    // By this name it is found again when we are interrupted after its own name is another's.
    await link(file, dying).catch((cause: unknown) => {
      if (!isCode(cause, "EEXIST")) throw cause;
    });
    await replaceFile(file, `ended ${keyId}\n`);
  }
  for (const name of await readdir(folder)) if (DRAFT.test(name) && (await keyIdIn(join(folder, name))) === keyId) await shred(join(folder, name));
  await shred(dying);
  await syncFolder(folder);
}

/** The id of the key in a file; undefined when it holds none, or is gone. */
async function keyIdIn(file: string): Promise<string | undefined> {
  try {
    return masterKeyIdOf(parseSecret(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Writes over a file, and removes it; nothing happens when there is none. */
async function shred(file: string): Promise<void> {
  const handle = await open(file, "r+").catch((cause: unknown) => {
    if (!isCode(cause, "ENOENT")) throw cause;
    return undefined;
  });
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    await handle.write(randomBytes(size), 0, size, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await unlink(file).catch((cause: unknown) => {
    // Another process was at it too.
    if (!isCode(cause, "ENOENT")) throw cause;
  });
}

async function readEpoch(folder: string, epoch: number): Promise<HeldEpoch> {
  const name = masterKeyName(epoch);
  const text = await readFile(join(folder, name), "utf8").catch((cause: unknown) => {
    throw new AppError("damaged", `${name} cannot be read in the key folder ${folder}: restore it from its backup`, { cause });
  });
  const [, ended] = ENDED.exec(text) ?? [];
  if (ended !== undefined) return { epoch, keyId: ended, isEnded: true, key: undefined };
  const key = parseSecret(text);
  return { epoch, keyId: masterKeyIdOf(key), isEnded: false, key };
}

function numberOf(name: string): number | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const number = Number(match[1] ?? "1");
  return masterKeyName(number) === name ? number : undefined;
}
