/** What is kept for a time in memory, the oldest given up first where it becomes too much. */
export class KeptAnswers<Value> {
  readonly #most: number;
  readonly #kept = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  get(key: string): Value | undefined {
    const found = this.#kept.get(key);
    if (found && performance.now() < found.until) return found.value;
    this.#kept.delete(key);
    return undefined;
  }

  /** @param time in milliseconds */
  keep(key: string, value: Value, time: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, until: performance.now() + time });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
  }

  clear(): void {
    this.#kept.clear();
  }
}
