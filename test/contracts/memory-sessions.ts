/** The smallest SessionRows: in memory. */
import type { SessionRow, SessionRows } from "../../src/pipeline/store/session-rows.ts";

export class MemorySessions implements SessionRows {
  readonly #rows = new Map<string, SessionRow>();

  read(id: string, now: number): Promise<SessionRow | undefined> {
    const row = this.#rows.get(id);
    return Promise.resolve(row && row.expiresAt > now ? row : undefined);
  }

  find(key: string, now: number): Promise<SessionRow[]> {
    return Promise.resolve([...this.#rows.values()].filter(({ keys, expiresAt }) => keys.includes(key) && expiresAt > now));
  }

  insert(row: Omit<SessionRow, "revision">, now: number): Promise<boolean> {
    const isThere = (this.#rows.get(row.id)?.expiresAt ?? now) > now;
    return Promise.resolve(!isThere && this.#keep(row, 1));
  }

  replace(row: Omit<SessionRow, "revision">, revision: number): Promise<boolean> {
    return Promise.resolve(this.#rows.get(row.id)?.revision === revision && this.#keep(row, revision + 1));
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#rows.delete(id));
  }

  removeBy(key: string): Promise<number> {
    return this.#removeAll(({ keys }) => keys.includes(key));
  }

  sweep(now: number): Promise<number> {
    return this.#removeAll(({ expiresAt }) => expiresAt <= now);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** In the order in which they were first kept. */
  get ids(): readonly string[] {
    return [...this.#rows.keys()];
  }

  /** Everything as it is kept, for a test that looks whether a secret stands in it. */
  get text(): string {
    return [...this.#rows.values()].map(({ id, keys, value }) => `${id} ${keys.join(" ")} ${Buffer.from(value).toString("latin1")}`).join("\n");
  }

  #keep(row: Omit<SessionRow, "revision">, revision: number): true {
    this.#rows.set(row.id, { ...row, value: new Uint8Array(row.value), keys: [...new Set(row.keys)], revision });
    return true;
  }

  #removeAll(isOne: (row: SessionRow) => boolean): Promise<number> {
    const gone = [...this.#rows.values()].filter(isOne);
    for (const { id } of gone) this.#rows.delete(id);
    return Promise.resolve(gone.length);
  }
}
