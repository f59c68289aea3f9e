import { networkOf } from "../../core/networks.ts";

/** Addresses that are remembered at most; the one that asked longest ago is forgotten first. */
const MOST_ADDRESSES = 10_000;
/** A quiet client may ask for so many seconds' worth at once. */
const BURST_SECONDS = 5;

interface Bucket {
  tokens: number;
  at: number;
}

/** Requests by who asks, as token buckets: by address, or by any other name, which is told apart from every address by its own form. */
export class RateLimiter {
  readonly #perSecond: number;
  readonly #mostAddresses: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now`: a clock in milliseconds. */
  constructor(perSecond: number, { now = () => performance.now(), mostAddresses = MOST_ADDRESSES } = {}) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#mostAddresses = mostAddresses;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** 0: the request may be answered. Else the seconds, at least 1, after which one will be. */
  ask(address: string): number {
    const key = networkOf(address);
    const now = this.#now();
    const burst = this.#perSecond * BURST_SECONDS;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    // Put last: in order of their last request.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= this.#mostAddresses) break;
      this.#buckets.delete(oldest);
    }
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perSecond));
    bucket.tokens -= 1;
    return 0;
  }

  /** Takes back that `ask` let one through, which turned out not to count. */
  giveBack(address: string): void {
    const bucket = this.#buckets.get(networkOf(address));
    if (bucket) bucket.tokens = Math.min(this.#perSecond * BURST_SECONDS, bucket.tokens + 1);
  }
}
