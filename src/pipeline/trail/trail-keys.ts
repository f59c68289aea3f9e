import type { Keys } from "../../core/crypto/keys.ts";
import { newDocumentKey } from "../../core/envelope.ts";
import type { TrailStore } from "./trail-store.ts";

/** Days whose keys are remembered: an auditor's question runs over many. */
const REMEMBERED = 400;

/** The days' keys of the audit trail: made at a day's first batch, one for each log, wrapped as documents' keys are. */
export class TrailKeys {
  readonly #keys: Pick<Keys, "wrap" | "unwrap">;
  readonly #store: Pick<TrailStore, "keepKey" | "key">;
  readonly #known = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(keys: Pick<Keys, "wrap" | "unwrap">, store: Pick<TrailStore, "keepKey" | "key">) {
    this.#keys = keys;
    this.#store = store;
  }

  /** The key that a day's batches are encrypted under, made if there is none. */
  async toWrite(day: string, log: string): Promise<Uint8Array> {
    const known = await this.#remembered(nameOf(day, log), (name) => this.#made(name));
    if (known) return known;
    // It was looked for before there was one.
    this.#known.delete(nameOf(day, log));
    return this.toWrite(day, log);
  }

  /** The key to open them; undefined when it was destroyed. AppError `damaged`. */
  toRead(day: string, log: string): Promise<Uint8Array | undefined> {
    return this.#remembered(nameOf(day, log), async (name) => {
      const wrapped = await this.#store.key(name);
      return wrapped && this.#keys.unwrap(wrapped, boundTo(name));
    });
  }

  /** A day that was ended since is looked for anew: what its keys opened must not be read by whoever has them in memory still. */
  forget(): void {
    this.#known.clear();
  }

  async #made(name: string): Promise<Uint8Array> {
    const key = newDocumentKey();
    const wrapped = await this.#keys.wrap(key, boundTo(name));
    const standing = await this.#store.keepKey({ name, wrapped });
    return this.#keys.unwrap(standing, boundTo(name));
  }

  #remembered(name: string, find: (name: string) => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const known = this.#known.get(name);
    if (known) return known;
    const found = find(name);
    this.#known.set(name, found);
    // What failed, or is not there yet, is asked for again.
    found.then((key) => key ?? this.#known.delete(name)).catch(() => this.#known.delete(name));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= REMEMBERED) break;
      this.#known.delete(oldest);
    }
    return found;
  }
}

/** The name of a day's key. */
export function nameOf(day: string, log: string): string {
  return `${day}/${log}`;
}

/** The day of a key's name. */
export function dayOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}

/** In the place of a document's id, to which its key is bound. */
export function boundTo(name: string): string {
  return `audit/${name}`;
}
