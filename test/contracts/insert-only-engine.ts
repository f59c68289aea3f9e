/**
 * An engine of collections that can insert a document under a key that is in none, and find: nothing else. No update, no delete, no transaction, no other index that is
 * unique. Whatever keeps the record on it keeps it on MongoDB with a role that may do no more.
 */
export class DuplicateKey extends Error {}

export class Collection<Value> {
  readonly #documents = new Map<string, Value>();

  /** Another collection of the same, as a copy of the files is. */
  copy(): Collection<Value> {
    const copy = new Collection<Value>();
    for (const [key, value] of this.#documents) copy.insert(key, value);
    return copy;
  }

  insert(key: string, value: Value): void {
    if (this.#documents.has(key)) throw new DuplicateKey(key);
    this.#documents.set(key, value);
  }

  find(key: string): Value | undefined {
    return this.#documents.get(key);
  }

  /** What no user of the engine can do, and a test does to see whether it is noticed. */
  tamper(key: string, value: Value | undefined): void {
    if (value === undefined) this.#documents.delete(key);
    else this.#documents.set(key, value);
  }

  /** All whose key begins so, in order of their insertion. */
  findAll(prefix = ""): Value[] {
    return [...this.#documents].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value);
  }
}
