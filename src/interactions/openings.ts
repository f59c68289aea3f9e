export interface OpeningLimits {
  /** Bytes that are kept for whoever asks the same soon. */
  readonly bytes: number;
  /** How long, in milliseconds. */
  readonly life: number;
}

export const OPENING_LIMITS: OpeningLimits = { bytes: 64_000_000, life: 10_000 };

interface Kept {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly timer: NodeJS.Timeout;
}

/**
 * One opening of a document for all who ask for the same at the same time, and shortly after. Nothing of it is told to anybody who was not found entitled to read the document now: the
 * caller asks the store first, and says `forget` when it is gone.
 */
export class Openings {
  readonly #limits: OpeningLimits;
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(limits: OpeningLimits = OPENING_LIMITS) {
    this.#limits = limits;
  }

  /** What `make` gives, made once for all who ask under the same key before it is there. A failure is everybody's. */
  share<Result>(key: string, make: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(key) as Promise<Result> | undefined;
    if (running) return running;
    const made = make().finally(() => this.#running.delete(key));
    this.#running.set(key, made);
    return made;
  }

  /** Like `share`, of bytes made from document `id`, which are kept for a moment. */
  bytesOf(id: string, form: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const key = `${id} ${form}`;
    const kept = this.#kept.get(key);
    if (kept) return Promise.resolve(kept.bytes);
    return this.share(key, async () => {
      const bytes = await make();
      this.#keep(key, id, bytes);
      return bytes;
    });
  }

  /** Lets go of everything that was made from a document. */
  forget(id: string): void {
    for (const [key, kept] of this.#kept) if (kept.id === id) this.#drop(key);
  }

  /** Lets go of everything. */
  close(): void {
    for (const key of [...this.#kept.keys()]) this.#drop(key);
  }

  #keep(key: string, id: string, bytes: Uint8Array): void {
    if (bytes.length > this.#limits.bytes) return;
    const timer = setTimeout(() => this.#drop(key), this.#limits.life).unref();
    this.#kept.set(key, { id, bytes, timer });
    this.#bytes += bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#limits.bytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (!kept) return;
    clearTimeout(kept.timer);
    this.#kept.delete(key);
    this.#bytes -= kept.bytes.length;
  }
}
