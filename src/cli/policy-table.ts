import type { UnderPolicy } from "../pipeline/validate/under-each.ts";

/** Of many files: how many pass under each policy, and which rules refuse how many of them. Bounded by the number of rules. */
export class PolicyTable {
  readonly #names: readonly string[];
  readonly #passing: number[];
  /** By rule, the number of files that it refuses under each policy. */
  readonly #refusing = new Map<string, number[]>();
  /** By rule, the files that it alone refuses under the first policy. */
  readonly #alone = new Map<string, number>();
  #files = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#passing = names.map(() => 0);
  }

  get files(): number {
    return this.#files;
  }

  /** One file, under the policies in their order. */
  add(under: readonly UnderPolicy[]): void {
    this.#files += 1;
    under.forEach(({ passes, rules }, at) => {
      if (passes) this.#passing[at] = (this.#passing[at] ?? 0) + 1;
      for (const rule of rules) {
        const counts = this.#refusing.get(rule) ?? this.#names.map(() => 0);
        counts[at] = (counts[at] ?? 0) + 1;
        this.#refusing.set(rule, counts);
      }
    });
    const [only, ...others] = under[0]?.rules ?? [];
    if (only !== undefined && others.length === 0) this.#alone.set(only, (this.#alone.get(only) ?? 0) + 1);
  }

  /** The policies by number with how many files pass; then a line a rule, the most frequent first. */
  text(): string {
    const legend = this.#names.map((name, at) => `${String(at + 1).padStart(3)}  ${String(this.#passing[at]).padStart(6)}  ${name}`);
    const rules = [...this.#refusing].sort(([a, one], [b, other]) => Math.max(...other) - Math.max(...one) || (a < b ? -1 : 1));
    const width = Math.max(4, ...rules.map(([rule]) => rule.length));
    const row = (name: string, cells: readonly (string | number)[]): string =>
      `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(7)).join("")}`;
    const head = row("rule", ["alone", ...this.#names.map((_, at) => at + 1)]);
    const rows = rules.map(([rule, counts]) => row(rule, [this.#alone.get(rule) ?? "·", ...counts.map((count) => (count === 0 ? "·" : count))]));
    return [
      `Of ${this.#files} files pass, under each policy:`,
      ...legend,
      "",
      `Files that each rule refuses, under each policy by its number (alone: under ${this.#names[0] ?? ""}, and no other rule):`,
      head,
      ...rows,
      "",
    ].join("\n");
  }
}
