/**
 * Who guesses passwords waits, and longer each time. What nobody can do with it is keep others out:
 *
 * - A device at which a person has signed in before (a cookie that only we can make says so) has a count of its own. Whoever guesses elsewhere, also from behind the same address, does not make it wait.
 * - A stranger's device waits by person and address together, up to a quarter of an hour; by the person alone and by the address alone, which others may cause, a minute at most.
 * - Passkeys can't be guessed, and never wait.
 *
 * Counts are in memory, bounded, forgotten an hour after the last failure, and each instance has its own.
 */
import { networkOf } from "../core/networks.ts";

/** Of what is counted. */
export interface Attempt {
  /** The name that was typed; it may be nobody's. */
  readonly person: string;
  /** From where it came; of it the network counts, since whoever has one IPv6 address has as many as they like. */
  readonly address: string;
  /** The device's own name, when it proved that the person had signed in at it before. */
  readonly device: string | undefined;
}

interface Rule {
  /** So many failures cost nothing. */
  readonly free: number;
  /** The longest wait, in milliseconds. */
  readonly longest: number;
}

interface Count {
  failures: number;
  /** Until when nothing is tried, and when the last failure was; by the clock. */
  until: number;
  at: number;
}

const RULES = {
  device: { free: 5, longest: 900_000 },
  pair: { free: 5, longest: 900_000 },
  person: { free: 20, longest: 60_000 },
  address: { free: 50, longest: 60_000 },
} as const satisfies Record<string, Rule>;
type Kind = keyof typeof RULES;

const FIRST_WAIT = 1_000;
const FORGOTTEN_AFTER = 3_600_000;
const MOST = 20_000;

export class LockOut {
  readonly #counts = new Map<string, Count>();
  readonly #now: () => number;
  readonly #most: number;

  /** `now`: a clock in milliseconds. */
  constructor({ now = () => performance.now(), most = MOST }: { readonly now?: () => number; readonly most?: number } = {}) {
    this.#now = now;
    this.#most = most;
  }

  /** How many counts are remembered. */
  get size(): number {
    return this.#counts.size;
  }

  /** Milliseconds until the next attempt is looked at; 0: now. */
  waitOf(attempt: Attempt): number {
    const now = this.#now();
    return Math.max(0, ...keysOf(attempt).map(({ key }) => (this.#live(key, now)?.until ?? now) - now));
  }

  /** Counts an attempt as failed, before it is looked at: of many at once each counts. `passed` takes it back. */
  failed(attempt: Attempt): void {
    const now = this.#now();
    for (const { key, rule } of keysOf(attempt)) {
      const { failures } = this.#live(key, now) ?? { failures: 0 };
      const beyond = failures + 1 - rule.free;
      const wait = beyond <= 0 ? 0 : Math.min(rule.longest, FIRST_WAIT * 2 ** Math.min(beyond - 1, 30));
      // Put last: in order of the last failure.
      this.#counts.delete(key);
      this.#counts.set(key, { failures: failures + 1, until: now + wait, at: now });
    }
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= this.#most) break;
      this.#counts.delete(oldest);
    }
  }

  /** It was the right password: what counts against this device, or this person at this address, is forgotten. What others caused stays, less one. */
  passed(attempt: Attempt): void {
    for (const { key, kind } of keysOf(attempt)) {
      const count = this.#counts.get(key);
      if (count === undefined) continue;
      if (kind === "device" || kind === "pair" || count.failures <= 1) this.#counts.delete(key);
      else {
        count.failures--;
        count.until = Math.min(count.until, this.#now());
      }
    }
  }

  #live(key: string, now: number): Count | undefined {
    const count = this.#counts.get(key);
    if (count === undefined || now - count.at < FORGOTTEN_AFTER) return count;
    this.#counts.delete(key);
    return undefined;
  }
}

function keysOf({ person, address, device }: Attempt): readonly { readonly kind: Kind; readonly key: string; readonly rule: Rule }[] {
  const network = networkOf(address);
  const named: readonly (readonly [Kind, string])[] =
    device === undefined
      ? [
          ["pair", `${network} ${person}`],
          ["person", person],
          ["address", network],
        ]
      : [["device", device]];
  return named.map(([kind, name]) => ({ kind, key: `${kind} ${name}`, rule: RULES[kind] }));
}
