/** A number of bytes that may be held at once, by everybody together. */
export class ByteBudget {
  readonly #total: number;
  #held = 0;
  readonly #shared = new Map<object, { bytes: number; holders: number }>();

  /** @param total bytes */
  constructor(total: number) {
    this.#total = total;
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#held;
  }

  /** A hold of `bytes`; undefined when so much is not left. */
  reserve(bytes: number): Hold | undefined {
    const hold = new Hold(this);
    return hold.resize(bytes) ? hold : undefined;
  }

  /** Like `reserve`, of something that several hold: it counts once, however many hold it. */
  share(what: object, bytes: number): { release(): void } | undefined {
    const known = this.#shared.get(what);
    if (!known && !this.change(bytes)) return undefined;
    const entry = known ?? { bytes, holders: 0 };
    this.#shared.set(what, entry);
    entry.holders += 1;
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        entry.holders -= 1;
        if (entry.holders > 0) return;
        this.#shared.delete(what);
        this.change(-entry.bytes);
      },
    };
  }

  /** For holds: takes or gives back bytes. False, and nothing is taken, when so much is not left. */
  change(bytes: number): boolean {
    if (bytes > 0 && this.#held + bytes > this.#total) return false;
    this.#held += bytes;
    return true;
  }
}

/** Bytes of a budget, until they are released. */
export class Hold {
  readonly #budget: ByteBudget;
  #bytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** False, and it stays as it is, when so much is not left. */
  resize(bytes: number): boolean {
    if (!this.#budget.change(bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  release(): void {
    this.resize(0);
  }
}
