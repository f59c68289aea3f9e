import { PERMIT_ALL } from "../predicate.ts";
import type { FoundLink, ResourceSearch } from "../resource-index.ts";
import type { ResourceNumber } from "../resource-number.ts";

/** Of more resources at once it costs more to list all that refers to them than to ask by each type. */
const MOST_TOGETHER = 128;

/**
 * Who refers to resources, within one search. A compartment asks by each parameter of some sixty types for what refers to the same patient, and most types have nothing that does: from the second
 * question about the same resources on it is known which types have, and only those are asked.
 */
export class RememberedReferrers {
  readonly #index: Pick<ResourceSearch, "referrers" | "resources">;
  readonly #seen = new Set<string>();
  readonly #types = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(index: Pick<ResourceSearch, "referrers" | "resources">) {
    this.#index = index;
  }

  /** As ResourceSearch.referrers. */
  async of(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    return (await this.#mayRefer(type, numbers)) ? this.#index.referrers(type, name, numbers) : [];
  }

  async #mayRefer(type: string, numbers: readonly ResourceNumber[]): Promise<boolean> {
    if (numbers.length === 0 || numbers.length > MOST_TOGETHER) return numbers.length > 0;
    const key = numbers.join(" ");
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      return true;
    }
    const asked = this.#types.get(key) ?? this.#typesReferringTo(numbers);
    this.#types.set(key, asked);
    return (await asked).has(type);
  }

  async #typesReferringTo(numbers: readonly ResourceNumber[]): Promise<ReadonlySet<string>> {
    const links = await this.#index.referrers(undefined, undefined, numbers);
    const from = [...new Set(links.map((link) => link.from))];
    const found = await this.#index.resources(from, { permitted: PERMIT_ALL, isCurrent: false });
    return new Set(found.map(({ type }) => type));
  }
}
