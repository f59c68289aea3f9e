/** The keys of the repository's logs in the folder of the keys: `log.key`, `log-0002.key` and following. Those of the newest one's origin are the present log's; which of them sign, the log says (docs/design/keys.md). */
import type { HeldLogKey, LogKey, LogKeys, LogKeysTold, LogName, TimedLogSigner } from "../../core/crypto/keys.ts";
import type { NoteSigner } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { newLogKey, parseLogKey, parseLogName } from "./key-files.ts";
import { KeyTexts, readAgain } from "./key-texts.ts";

/** The log's first key, with which every folder begins. */
export const LOG = "log.key";
const LATER = /^log-([0-9]{4})\.key$/;
const NOTHING: LogKeysTold = { begun: [], ended: [] };

interface Held extends HeldLogKey {
  readonly signer: NoteSigner | undefined;
}

/** The file of a log's key. */
export function logKeyName(number: number): string {
  return number === 1 ? LOG : `log-${String(number).padStart(4, "0")}.key`;
}

export class LogKeyFiles implements LogKeys {
  readonly #folder: KeyTexts;
  #held: readonly Held[] = [];
  #origin = "";
  #told: LogKeysTold = NOTHING;
  #begins: string | undefined;
  readonly #read = new Map<number, { readonly text: string; readonly key: Held }>();
  /** By file, why a key that was made meanwhile cannot be used. */
  readonly #faults = new Map<number, string>();

  private constructor(folder: KeyTexts) {
    this.#folder = folder;
  }

  /** AppError `damaged` when a file is none, or no key of the log can sign; `unavailable` when one cannot be unwrapped. */
  static async open(at: string | KeyTexts): Promise<LogKeyFiles> {
    const folder = KeyTexts.at(at);
    const keys = new LogKeyFiles(folder);
    await keys.refresh();
    keys.#origin = keys.#held.at(-1)?.origin ?? "";
    if (!keys.#own().some(({ canSign }) => canSign))
      throw new AppError("damaged", `no key of the log in ${folder.folder} has a private part: restore the folder from its backup`);
    return keys;
  }

  /** Signs the log's checkpoints by all its keys that sign at the moment. */
  get log(): TimedLogSigner {
    const lines = (text: string): string => this.#signers().map((signer) => linesOf(signer, text)).join(""); // prettier-ignore
    const now = (): LogName => nameOf(this.#origin, this.#keysOf(this.#origin));
    /* eslint-disable @typescript-eslint/require-await -- async, so that a failure is a rejection */
    return {
      origin: this.#origin,
      get vkey() {
        return now().vkey;
      },
      get keys() {
        return now().keys;
      },
      sign: async (text) => `${text}\n${lines(text)}`,
      signTime: async (text, at) =>
        this.#signers()
          .map((signer) => signer.signTime(text, at))
          .join(""),
    };
    /* eslint-enable @typescript-eslint/require-await */
  }

  /** The logs that ended before this one began, newest first. */
  get pastLogs(): readonly LogName[] {
    const origins = [...new Set(this.#held.map(({ origin }) => origin))].filter((origin) => origin !== this.#origin);
    return origins.reverse().map((origin) => nameOf(origin, this.#keysOf(origin)));
  }

  get missing(): string | undefined {
    const keys = this.#keysOf(this.#origin).filter(({ after }) => after !== Infinity);
    const newest = keys.at(-1);
    if (newest === undefined || this.#signerOf(newest.vkey)) return undefined;
    const begun = this.#told.begun.findLast(({ vkey }) => vkey === newest.vkey);
    if (begun === undefined)
      return `the log's key ${newest.vkey} has been destroyed here, and the database does not say by which another one followed it: it is older than these keys`;
    const fault = this.#faults.get(begun.number);
    if (fault !== undefined) return `the log's key ${newest.vkey}, by which its checkpoints are signed, cannot be used here: ${fault}`;
    return `the log's key ${newest.vkey}, by which its checkpoints are signed, is not in KEYS_DIR: copy ${logKeyName(begun.number)} there from the machine on which \`chartulary keys rotate log\` was run`;
  }

  held(): readonly HeldLogKey[] {
    return this.#held;
  }

  async refresh(): Promise<void> {
    const names = await this.#folder.present();
    const later = names.flatMap((name) => Number(LATER.exec(name)?.[1] ?? [])).filter((number) => number > 1);
    // Without the first the folder is damaged.
    const numbers = [1, ...later.sort((one, other) => one - other)];
    const held = this.#held;
    this.#faults.clear();
    const read = (number: number): Promise<readonly Held[]> => readAgain(this.#readKey(number), held, (one) => one.number === number, (text) => this.#faults.set(number, text)); // prettier-ignore
    this.#held = (await Promise.all(numbers.map(read))).flat();
  }

  follow(told: LogKeysTold): void {
    this.#told = told;
  }

  begin(vkey: string | undefined): void {
    this.#begins = vkey;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a failure is a rejection
  async signedBy(text: string, vkeys: readonly string[]): Promise<string> {
    return vkeys.map((vkey) => linesOf(this.#signerOf(vkey) ?? refuse(`the log's key ${vkey} is not in KEYS_DIR`), text)).join("");
  }

  #own(): readonly Held[] {
    return this.#held.filter(({ origin }) => origin === this.#origin);
  }

  #signerOf(vkey: string): NoteSigner | undefined {
    return this.#held.find((key) => key.vkey === vkey)?.signer;
  }

  /** Those that sign now: the newest, without which nothing is signed, and those before it whose time is not over. */
  #signers(): readonly NoteSigner[] {
    const { missing } = this;
    if (missing !== undefined) refuse(missing);
    const now = new Date();
    const keys = this.#keysOf(this.#origin);
    const newest = keys.findLast(({ after }) => after !== Infinity);
    const signing = keys.filter(({ vkey, after, until, ended }) =>
      after === Infinity ? vkey === this.#begins : ended === undefined && (until === undefined || until > now),
    );
    // Nothing is ever signed without it, whatever is told of it.
    if (newest === undefined || !signing.includes(newest)) refuse(`the log's key ${newest?.vkey ?? ""} signs no more, and none followed it`);
    return signing.flatMap(({ vkey }) => this.#signerOf(vkey) ?? []);
  }

  /** A log's keys as its entries tell them, and those that lie here and were not begun. */
  #keysOf(origin: string): readonly LogKey[] {
    const held = this.#held.filter((key) => key.origin === origin).map(({ vkey }) => vkey);
    const begun = this.#told.begun.filter((one) => one.origin === origin);
    const told = [{ vkey: begun[0]?.previous ?? held[0] ?? "", after: 0 }, ...begun.map(({ vkey, index }) => ({ vkey, after: index }))];
    const others = held.filter((vkey) => !told.some((key) => key.vkey === vkey)).map((vkey) => ({ vkey, after: Infinity }));
    return [...told, ...others].map((key) => {
      const until = begun.find(({ previous }) => previous === key.vkey)?.until;
      // One that none followed cannot be ended: no key that came after it could have said so.
      const ended = until === undefined ? undefined : this.#told.ended.find(({ vkey }) => vkey === key.vkey);
      return { ...key, until, ended };
    });
  }

  async #readKey(number: number): Promise<Held> {
    const text = await this.#folder.read(logKeyName(number));
    const known = this.#read.get(number);
    if (known?.text === text) return known.key;
    const signer = text.startsWith("PRIVATE") ? parseLogKey(text) : undefined;
    const key = { number, ...nameIn(text, number), signer, canSign: signer !== undefined };
    this.#read.set(number, { text, key });
    return key;
  }
}

/** Makes the next key: of a log under another origin, or another one of a log. AppError `conflict` when somebody else did so at the same moment. */
export async function makeLogKey(at: string | KeyTexts, origin?: string): Promise<number> {
  const folder = KeyTexts.at(at);
  const numbers = (await folder.names()).flatMap((name) => Number(LATER.exec(name)?.[1] ?? []));
  const number = Math.max(1, ...numbers) + 1;
  if (!(await folder.create(logKeyName(number), newLogKey(origin))))
    throw new AppError("conflict", "another key of the log was made by somebody else at the same moment");
  return number;
}

/** Destroys a private key: nobody signs by it any more. Its name stays, so that what it signed can be checked. Nothing happens when it was done. */
export async function retireLogKey(at: string | KeyTexts, number: number): Promise<void> {
  const folder = KeyTexts.at(at);
  const text = await folder.read(logKeyName(number));
  if (text.startsWith("PRIVATE")) await folder.replace(logKeyName(number), `${parseLogName(text).vkey}\n`);
}

/** The same of all keys of logs that ended before the present one began. */
export async function retirePastLogs(folder: string | KeyTexts): Promise<void> {
  const keys = await LogKeyFiles.open(folder);
  const { origin } = keys.log;
  for (const key of keys.held()) if (key.origin !== origin) await retireLogKey(folder, key.number);
}

function nameIn(text: string, number: number): LogName {
  try {
    return parseLogName(text);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code === "damaged") throw cause;
    throw new AppError("damaged", `${logKeyName(number)} holds no key of a log: restore it from its backup`, { cause });
  }
}

function nameOf(origin: string, keys: readonly LogKey[]): LogName {
  const vkey = keys.findLast(({ after }) => after !== Infinity)?.vkey ?? "";
  // Of a log that had one key all its life nothing more is to be said.
  return keys.length === 1 ? { origin, vkey } : { origin, vkey, keys };
}

function linesOf(signer: NoteSigner, text: string): string {
  return signer.sign(text).slice(text.length + 1);
}

function refuse(text: string): never {
  throw new AppError("unavailable", `The log signs nothing: ${text}`);
}
