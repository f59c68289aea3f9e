/** Passwords, as hashes that say by what they were made: scrypt (RFC 7914), in the form `$scrypt$ln=17,r=8,p=1$salt$hash` (PHC string format). */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { AppError } from "../core/errors.ts";

/** What a hash costs: 128 · 2^ln · r bytes of memory, p times the work. */
export interface PasswordCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's Password Storage Cheat Sheet: 128 MB, some tenths of a second. */
export const PASSWORD_COST: PasswordCost = { ln: 17, r: 8, p: 1 };

/** What a stored hash may ask for at most: whoever altered it must not make us spend more. */
const MOST_BYTES = 256 * 1024 * 1024;
const SALT = 16;
const LENGTH = 32;
/** Hashes that are made at once: each holds its memory. And those that may wait. */
const AT_ONCE = 2;
const WAITING = 32;

/** NIST SP 800-63B: long enough, no rules of composition, nothing that is known beforehand. */
const SHORTEST = 12;
const LONGEST = 256;

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,64})\$([A-Za-z0-9+/]{40,128})$/;

/** Why a password can't be one; undefined when it can. A key of the interface's words. */
export function faultOfPassword(password: string, names: readonly string[]): "password-short" | "password-long" | "password-guessed" | undefined {
  const length = [...password].length;
  if (length < SHORTEST) return "password-short";
  if (length > LONGEST) return "password-long";
  const plain = password.toLowerCase();
  const parts = names.flatMap((name) => name.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((part) => part.length > 3);
  // What is left when names, and what is the same over and over, are taken away.
  const rest = parts.reduce((left, part) => left.replaceAll(part, ""), plain.replaceAll("chartulary", ""));
  return new Set(rest).size < 5 ? "password-guessed" : undefined;
}

/** Makes and compares hashes, a few at once. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #nobodys: Promise<string>;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost;
    this.#nobodys = this.hash(randomBytes(SALT).toString("hex"));
    this.#nobodys.catch(() => undefined);
  }

  /** AppError `unavailable` when too many are made already. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT);
    const { ln, r, p } = this.#cost;
    const hash = await this.#make(password, salt, this.#cost, LENGTH);
    return `$scrypt$ln=${ln},r=${r},p=${p}$${plainBase64(salt)}$${plainBase64(hash)}`;
  }

  /** Whether it is the password; for somebody who has none, or is not there, it takes as long. AppError `unavailable` when too many are compared already. */
  async isRight(password: string, stored: string | undefined): Promise<boolean> {
    const read = readHash(stored ?? (await this.#nobodys));
    if (read === undefined) return false;
    const hash = await this.#make(password.slice(0, 4 * LONGEST), read.salt, read.cost, read.hash.length);
    return timingSafeEqual(hash, read.hash) && stored !== undefined;
  }

  /** Whether a hash was made at another cost than it would be now. */
  isOutdated(stored: string): boolean {
    const cost = readHash(stored)?.cost;
    return cost?.ln !== this.#cost.ln || cost.r !== this.#cost.r || cost.p !== this.#cost.p;
  }

  async #make(password: string, salt: Uint8Array, { ln, r, p }: PasswordCost, length: number): Promise<Buffer> {
    await this.#turn();
    try {
      return await new Promise((resolve, reject) => {
        // One form of the same letters, whatever keyboard they come from (RFC 8265).
        scrypt(password.normalize("NFC"), salt, length, { N: 2 ** ln, r, p, maxmem: MOST_BYTES + 1024 * 1024 }, (error, hash) =>
          error ? reject(new AppError("internal", "a password could not be hashed", { cause: error })) : resolve(hash),
        );
      });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) throw new AppError("unavailable", "Too many sign in at this moment; try again.", { retryAfter: 5 });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}

function readHash(stored: string): { readonly cost: PasswordCost; readonly salt: Buffer; readonly hash: Buffer } | undefined {
  const [, ln = "", r = "", p = "", salt = "", hash = ""] = FORM.exec(stored) ?? [];
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (hash === "" || cost.ln < 1 || cost.r < 1 || cost.p < 1 || cost.p > 16 || 128 * 2 ** cost.ln * cost.r > MOST_BYTES) return undefined;
  return { cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

function plainBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}
