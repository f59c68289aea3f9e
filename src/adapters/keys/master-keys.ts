/**
 * The master keys in the folder of the keys: `master.key` is that of the first epoch, `master-0002.key` and following those of the epochs after it. Of an epoch that ended the file keeps the id of
 * its key alone.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { masterKeyIdOf, unwrapKey, wrapKey, wrapperOf } from "../../core/envelope.ts";
import type { MasterEpoch, MasterKeys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { syncFolder } from "../../core/files/durable-files.ts";
import { newSecret, parseSecret } from "./key-files.ts";
import { KeyTexts, readAgain } from "./key-texts.ts";
import { dyingName, keepDying, shred } from "./shred.ts";

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
  readonly #folder: KeyTexts;
  #held: readonly HeldEpoch[] = [];
  #current = 0;
  /** The key that was not there last, and when it was looked for. A look for anything else says nothing of it: it may have been made since. */
  #missed = { keyId: "", at: -Infinity };

  /** By epoch, why a key that was made meanwhile cannot be used. */
  readonly #faults = new Map<number, string>();

  private constructor(folder: KeyTexts) {
    this.#folder = folder;
  }

  /** AppError `damaged` when a file is missing or is no key, or all have ended; `unavailable` when one cannot be unwrapped. */
  static async open(folder: string | KeyTexts): Promise<MasterKeyFiles> {
    const keys = new MasterKeyFiles(KeyTexts.at(folder));
    await keys.refresh();
    return keys;
  }

  get current(): number {
    return this.#current;
  }

  epochs(): readonly MasterEpoch[] {
    return this.#held.map(({ epoch, keyId, isEnded }) => ({ epoch, keyId, isEnded }));
  }

  faultOf(epoch: number): string | undefined {
    return this.#faults.get(epoch);
  }

  use(epoch: number): void {
    this.#keyOf(epoch);
    this.#current = epoch;
  }

  async refresh(): Promise<void> {
    const names = await this.#folder.present();
    const numbers = names.flatMap((name) => numberOf(name) ?? []);
    // Without it the folder is not whole, whatever else is there.
    const wanted = [...new Set([1, ...numbers])].sort((a, b) => a - b);
    const before = this.#held;
    this.#faults.clear();
    const read = (epoch: number): Promise<readonly HeldEpoch[]> =>
      readAgain(readEpoch(this.#folder, epoch), before, (one) => one.epoch === epoch, (text) => this.#faults.set(epoch, text)); // prettier-ignore
    const held = (await Promise.all(wanted.map(read))).flat();
    const live = held.filter(({ isEnded }) => !isEnded);
    const [fault] = this.#faults.values();
    if (live[0] === undefined && fault !== undefined) throw new AppError("unavailable", fault);
    if (live[0] === undefined)
      throw new AppError("damaged", `all master keys in ${this.#folder.folder} have ended: restore the folder from its backup`);
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
    if (key === undefined)
      throw new AppError("unavailable", `the master key of epoch ${epoch} is not in ${this.#folder.folder} (${masterKeyName(epoch)})`);
    return key;
  }
}

/** Whether the text of a file of a master key says that its epoch has ended. */
export function isEndedKey(text: string): boolean {
  return ENDED.test(text);
}

/** Makes the master key of an epoch. False when there is one. */
export function beginMasterKey(folder: string | KeyTexts, epoch: number): Promise<boolean> {
  return KeyTexts.at(folder).create(masterKeyName(epoch), newSecret());
}

/**
 * Destroys the master key of an epoch: its id alone stays. The bytes on the disk are written over, as far as the file system writes in place. After an interruption it is run again; nothing happens
 * when it was done.
 */
export async function endMasterKey(at: string | KeyTexts, epoch: number): Promise<void> {
  const folder = KeyTexts.at(at);
  const name = masterKeyName(epoch);
  const { isEnded, keyId } = await readEpoch(folder, epoch);
  const file = join(folder.folder, name);
  if (!isEnded) {
    await keepDying(file);
    await folder.replace(name, `ended ${keyId}\n`);
  }
  for (const draft of await readdir(folder.folder)) {
    const text = DRAFT.test(draft) ? await folder.readDraft(draft, name) : undefined;
    if (text !== undefined && isKey(text, keyId)) await shred(join(folder.folder, draft));
  }
  await shred(dyingName(file));
  await syncFolder(folder.folder);
}

function isKey(text: string, keyId: string): boolean {
  try {
    return masterKeyIdOf(parseSecret(text)) === keyId;
  } catch {
    return false;
  }
}

async function readEpoch(folder: KeyTexts, epoch: number): Promise<HeldEpoch> {
  const text = await folder.read(masterKeyName(epoch));
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
