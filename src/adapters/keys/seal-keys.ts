/** The seal keys in the folder of the keys: `seal-0001.pem` and following. Which of them seals when, the log says (docs/design/keys.md). */
import { isSameCertificate, pemOf } from "../../core/crypto/certificate.ts";
import type { HeldSealKey, SealCertificate, SealKeys, SealKeysTold, SealSigner } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { newSeal, parseSeal } from "./key-files.ts";
import { KeyTexts, readAgain } from "./key-texts.ts";
import type { SealsElsewhere } from "./seal-elsewhere.ts";
import { sealSigner } from "./seal-signer.ts";

const NAME = /^seal-([0-9]{4})\.pem$/;

/** The file of a seal key. */
export function sealKeyName(number: number): string {
  return `seal-${String(number).padStart(4, "0")}.pem`;
}

type Told = SealKeysTold["begun"][number];

export class SealKeyFiles implements SealKeys {
  readonly #folder: KeyTexts;
  readonly #elsewhere: SealsElsewhere | undefined;
  #held: readonly HeldSealKey[] = [];
  #told: SealKeysTold = { begun: [], ended: [] };
  /** By file, what it held when it was read: a signer is made once. */
  readonly #read = new Map<number, { readonly text: string; readonly key: HeldSealKey }>();

  /** By file, why a key that was made meanwhile cannot be used. */
  readonly #faults = new Map<number, string>();

  private constructor(folder: KeyTexts, elsewhere: SealsElsewhere | undefined) {
    this.#folder = folder;
    this.#elsewhere = elsewhere;
  }

  /** @param elsewhere signs by keys that are not in the folder's files. AppError `damaged` when a file is none, or none can sign; `unsupported` for a key under which no seal is made; `unavailable` when one cannot be unwrapped. */
  static async open(at: string | KeyTexts, elsewhere?: SealsElsewhere): Promise<SealKeyFiles> {
    const folder = KeyTexts.at(at);
    const keys = new SealKeyFiles(folder, elsewhere);
    await keys.refresh();
    if (!keys.#held.some(({ signer }) => signer))
      throw new AppError("damaged", `no seal in ${folder.folder} has a private key: restore the folder from its backup`);
    return keys;
  }

  held(): readonly HeldSealKey[] {
    return this.#held;
  }

  async refresh(): Promise<void> {
    const names = await this.#folder.present();
    const numbers = names.flatMap((name) => Number(NAME.exec(name)?.[1] ?? [])).sort((a, b) => a - b);
    const held = this.#held;
    this.#faults.clear();
    const read = (number: number): Promise<readonly HeldSealKey[]> => readAgain(this.#readKey(number), held, (one) => one.number === number, (text) => this.#faults.set(number, text)); // prettier-ignore
    this.#held = (await Promise.all(numbers.filter((number) => number > 0).map(read))).flat();
  }

  follow(told: SealKeysTold): void {
    this.#told = told;
  }

  signerAt(moment: Date): SealSigner {
    const right = this.#rightAt(moment);
    if (right === undefined) throw new AppError("unavailable", "every seal key has ended: `chartulary keys rotate` begins another");
    const signer = this.#held.find(({ number, chain }) => number === right.number && isSameCertificate(chain[0], right.chain[0]))?.signer;
    const fault = this.#faults.get(right.number);
    if (signer === undefined && fault !== undefined)
      throw new AppError("unavailable", `the seal key ${right.number}, by which is sealed now, cannot be used here: ${fault}`);
    if (signer === undefined)
      throw new AppError(
        "unavailable",
        `the seal key ${right.number}, by which is sealed now, is not in KEYS_DIR: copy ${sealKeyName(right.number)} there from the machine on which \`chartulary keys rotate\` was run`,
      );
    return signer;
  }

  /** All that are known, newest first. */
  certificates(now: Date): readonly SealCertificate[] {
    const right = this.#rightAt(now);
    const known = [...this.#known()].sort((one, other) => one.number - other.number);
    const { begun, ended } = this.#told;
    return known
      .map(({ number, chain }): SealCertificate => {
        const next = begun.find((one) => one.number > number);
        return {
          certificate: chain[0],
          chain,
          isCurrent: number === right?.number,
          from: begun.find((one) => one.number === number)?.from,
          until: next?.from,
          ended: ended.find((one) => one.number === number),
        };
      })
      .reverse();
  }

  /** In the folder or named by the log: what the log says counts. A key that the log does not know yet is none before it does. */
  #known(): readonly Pick<HeldSealKey, "number" | "chain">[] {
    const { begun } = this.#told;
    const others = this.#countedWithoutLog().filter(({ number }) => !begun.some((one) => one.number === number));
    return [...others, ...begun];
  }

  /** Keys from before the log told of any, or all that have sealed where it tells of none; what follows the first that can sign was made and not begun. */
  #countedWithoutLog(): readonly HeldSealKey[] {
    const first = this.#told.begun[0];
    if (first) return this.#held.filter(({ number }) => number < first.number);
    const at = this.#held.findIndex(({ signer }) => signer !== undefined);
    return this.#held.slice(0, at + 1);
  }

  #rightAt(moment: Date): Pick<HeldSealKey, "number" | "chain"> | undefined {
    const { begun, ended } = this.#told;
    const isLive = ({ number }: { readonly number: number }): boolean => !ended.some((one) => one.number === number);
    const before = this.#countedWithoutLog().filter((one) => isLive(one) && (begun.length === 0 || one.signer !== undefined));
    const live: readonly Told[] = begun.filter(isLive);
    // Of one that was ended the next takes its place, whatever time it was to begin at.
    return live.findLast(({ from }) => from <= moment) ?? before.at(-1) ?? live[0];
  }

  async #readKey(number: number): Promise<HeldSealKey> {
    const text = await this.#folder.read(sealKeyName(number));
    const known = this.#read.get(number);
    if (known?.text === text) return known.key;
    const file = parseSeal(text);
    const [certificate, ...issuers] = file.chain;
    if (certificate === undefined) throw new AppError("damaged", "a seal's file holds no certificate");
    const canSign = file.privateKey !== undefined || (file.place !== undefined && this.#elsewhere !== undefined);
    const signer = canSign ? sealSigner([file], this.#folder.folder, this.#elsewhere) : undefined;
    const key = { number, chain: [certificate, ...issuers] as const, signer };
    this.#read.set(number, { text, key });
    return key;
  }
}

/** Makes a seal key, which the log has to begin. @param text of its file, where its key is elsewhere. False when there is one of that number. */
export function makeSealKey(folder: string | KeyTexts, number: number, now: Date, text = newSeal(now)): Promise<boolean> {
  return KeyTexts.at(folder).create(sealKeyName(number), text);
}

/** Destroys the private key of a seal key, or forgets where it is; its certificates stay, so that old seals can be checked. Nothing happens when it was done. */
export async function retireSealKey(at: string | KeyTexts, number: number): Promise<void> {
  const folder = KeyTexts.at(at);
  const { chain, privateKey, place } = parseSeal(await folder.read(sealKeyName(number)));
  if (privateKey ?? place) await folder.replace(sealKeyName(number), chain.map(pemOf).join(""));
}
