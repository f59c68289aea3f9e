/**
 * The keys of the log in the folder of the keys: `log.key`, and those of the same log that came after it, `log-0001-02.key` and following. Of a later origin `log-0002.key` is the first. Which of them sign,
 * the log says (docs/design/keys.md).
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogKeys, LogKeysTold, TimedLogSigner } from "../../core/crypto/keys.ts";
import type { NoteSigner } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { createFile, replaceFile } from "../../core/files/durable-files.ts";
import { newLogKey, parseLogKey, parseLogName } from "./key-files.ts";

interface HeldLogKey {
  readonly number: number;
  readonly vkey: string;
  /** Undefined once its private key was destroyed. */
  readonly signer: NoteSigner | undefined;
}

/** The file of a key of a log: of the `origin`th log of this repository the `number`th key. */
export function logKeyName(origin: number, number = 1): string {
  const first = String(origin).padStart(4, "0");
  if (number > 1) return `log-${first}-${String(number).padStart(2, "0")}.key`;
  return origin === 1 ? "log.key" : `log-${first}.key`;
}

export class LogKeyFiles implements LogKeys {
  readonly #folder: string;
  readonly #origin: number;
  #held: readonly HeldLogKey[] = [];
  #told: LogKeysTold = [];

  private constructor(folder: string, origin: number) {
    this.#folder = folder;
    this.#origin = origin;
  }

  /** @param origin the number of the log. AppError `damaged` when a file is no key, or none can sign */
  static async open(folder: string, origin: number): Promise<LogKeyFiles> {
    const keys = new LogKeyFiles(folder, origin);
    await keys.refresh();
    if (!keys.#held.some(({ signer }) => signer))
      throw new AppError("damaged", `no key of the log in ${folder} can sign: restore the folder from its backup`);
    return keys;
  }

  async refresh(): Promise<void> {
    this.#held = await readLogKeys(this.#folder, this.#origin);
  }

  follow(told: LogKeysTold): void {
    this.#told = told;
  }

  /** That nobody has destroyed, of those that the log does not say were begun: the next one. */
  get pending(): string | undefined {
    const counted = this.#counted();
    return this.#held.find(({ vkey, signer }) => signer && !counted.includes(vkey))?.vkey;
  }

  get missing(): string | undefined {
    const newest = this.#told.at(-1);
    if (newest === undefined || this.#held.some(({ vkey, signer }) => vkey === newest.vkey && signer)) return undefined;
    return `the log's key ${newest.vkey}, which began on ${newest.at.toISOString()}, is not in KEYS_DIR: copy ${logKeyName(this.#origin, this.#told.length + 1)} there from the machine on which \`chartulary keys rotate --log\` was run`;
  }

  async make(): Promise<boolean> {
    const number = Math.max(...this.#held.map((one) => one.number)) + 1;
    const name = this.#held[0]?.vkey.split("+")[0] ?? "";
    const isMade = await createFile(join(this.#folder, logKeyName(this.#origin, number)), newLogKey(name));
    await this.refresh();
    return isMade;
  }

  async retire(now: Date): Promise<void> {
    const active = this.#active(now);
    const over = this.#held.filter(({ vkey, signer }) => signer && this.#told.some(({ previous }) => previous === vkey) && !active.includes(vkey));
    if (over.length === 0 || this.missing !== undefined) return;
    for (const { number, vkey } of over) await replaceFile(join(this.#folder, logKeyName(this.#origin, number)), `${vkey}\n`);
    await this.refresh();
  }

  /** The log's signer. Its keys change while it is used: each signature is by those that sign at that moment. */
  signer(): TimedLogSigner {
    const signing = (): NoteSigner[] => {
      const active = this.#active(new Date());
      const signers = this.#held.flatMap(({ vkey, signer }) => (active.includes(vkey) && signer ? [signer] : []));
      if (signers.length === 0) throw new AppError("unavailable", this.missing ?? "the log's key is not in KEYS_DIR");
      return signers;
    };
    const vkeys = (): readonly [string, ...string[]] => {
      const [first, ...others] = [...new Set([...this.#active(new Date()), ...this.#counted(), ...this.#held.map(({ vkey }) => vkey)])];
      if (first === undefined) throw new AppError("damaged", "the log has no key");
      return [first, ...others];
    };
    const told = (): LogKeysTold => this.#told;
    /* eslint-disable @typescript-eslint/require-await -- async, so that a failure is a rejection */
    return {
      origin: this.#held[0]?.vkey.split("+")[0] ?? "",
      get vkey() {
        return vkeys()[0];
      },
      get otherVkeys() {
        return vkeys().slice(1);
      },
      get periods() {
        return told();
      },
      sign: async (text) => joined(text, signing()),
      signTime: async (text, at) =>
        signing()
          .map((signer) => signer.signTime(text, at))
          .join(""),
    };
    /* eslint-enable @typescript-eslint/require-await */
  }

  /** Those that count: what the log says, and before it says anything the oldest that can sign, with those before it. */
  #counted(): readonly string[] {
    const begun = this.#told.flatMap(({ previous, vkey }) => [previous, vkey]);
    if (begun.length > 0) return [...new Set(begun)];
    const at = this.#held.findIndex(({ signer }) => signer);
    return this.#held.slice(0, at + 1).map(({ vkey }) => vkey);
  }

  /** Those that sign at a moment, the oldest first. */
  #active(now: Date): readonly string[] {
    const newest = this.#told.at(-1);
    if (newest === undefined) return this.#counted().slice(-1);
    return newest.until > now ? [newest.previous, newest.vkey] : [newest.vkey];
  }
}

/** A note with a signature line of each. */
function joined(text: string, signers: readonly NoteSigner[]): string {
  return signers.map((signer, at) => (at === 0 ? signer.sign(text) : signer.sign(text).slice(text.length + 1))).join("");
}

/** Oldest first; the first is always among them. */
export async function readLogKeys(folder: string, origin: number): Promise<HeldLogKey[]> {
  const prefix = `log-${String(origin).padStart(4, "0")}-`;
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new AppError("unavailable", `the keys in ${folder} cannot be read (KEYS_DIR)`, { cause });
  });
  const later = names.flatMap((name) => (name.startsWith(prefix) ? Number(/^([0-9]{2})\.key$/.exec(name.slice(prefix.length))?.[1] ?? []) : []));
  const numbers = [1, ...later.filter((number) => number > 1).sort((a, b) => a - b)];
  return Promise.all(
    numbers.map(async (number) => {
      const text = await readLogKey(folder, logKeyName(origin, number));
      const signer = text.startsWith("PRIVATE") ? parseLogKey(text) : undefined;
      return { number, vkey: signer?.vkey ?? parseLogName(text).vkey, signer };
    }),
  );
}

async function readLogKey(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (cause) {
    throw new AppError("damaged", `${name} cannot be read in the key folder ${folder}: restore it from its backup`, { cause });
  }
}
