import type { RowDifference } from "./index-inventory.ts";

/** Rows of one kind, as texts, compared as sets, place by place. */
export class RowComparison {
  readonly #wanted = new Map<number, Set<string>>();
  readonly #surplus = new Set<number>();

  expect(place: number, row: string): void {
    const rows = this.#wanted.get(place);
    if (rows) rows.add(row);
    else this.#wanted.set(place, new Set([row]));
  }

  meet(place: number, row: string): void {
    if (this.#wanted.get(place)?.delete(row) !== true) this.#surplus.add(place);
  }

  /** What is on one side alone was added or removed; what differs on both was changed. */
  differences(what: RowDifference["what"]): RowDifference[] {
    const missing = new Set([...this.#wanted].flatMap(([place, rows]) => (rows.size > 0 ? [place] : [])));
    return [...new Set([...missing, ...this.#surplus])].map((index) => ({
      what,
      kind: !missing.has(index) ? "added" : this.#surplus.has(index) ? "changed" : "removed",
      index,
    }));
  }
}
