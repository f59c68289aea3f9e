import type { Origin } from "../conformance/conformance.ts";
import type { Include } from "../conformance/terminology-resources.ts";
import type { Membership } from "../r4/terminology.ts";
import { isVersionAsked } from "./asked-versions.ts";
import type { CodeTable } from "./code-table.ts";
import type { CodeTables } from "./code-tables.ts";
import { allOf, type Asking, type Decider } from "./deciding.ts";
import { isInactive } from "./concept-facts.ts";
import { filterOf, type Passes } from "./filters.ts";
import { judgedByGrammar } from "./grammars.ts";
import type { Coded } from "./terms.ts";

/** What a part of a value set is compiled with. */
export interface PartNeeds {
  readonly tables: CodeTables;
  readonly from: Origin | undefined;
  /** That of the value set, which is told where nothing else would have decided. */
  readonly url: string;
  /** Of codes that are inactive: false leaves them out (R4 valueset.html, compose.inactive). */
  readonly withInactive: boolean;
  /** An imported value set. */
  imported(canonical: string): Decider;
}

/** One include or exclude of a value set (R4 valueset.html, 4.9.6 "Composition Rules"): codes of a system that are of each imported value set, too. What it needs is looked up when it is first asked. */
export class ValueSetPart implements Decider {
  readonly include: Include;
  /** Undefined where nothing but other value sets is imported. */
  readonly system: string | undefined;
  readonly imports: readonly Decider[];
  readonly #needs: PartNeeds;
  #own: OwnCodes | undefined;

  constructor(include: Include, needs: PartNeeds) {
    this.include = include;
    this.system = include.system;
    this.#needs = needs;
    this.imports = (include.valueSet ?? []).map((canonical) => needs.imported(canonical));
  }

  /** The package that names what it imports. */
  get from(): Origin | undefined {
    return this.#needs.from;
  }

  get withInactive(): boolean {
    return this.#needs.withInactive;
  }

  /** What is taken of its system; undefined where it names none. */
  get own(): OwnCodes | undefined {
    if (this.system === undefined) return undefined;
    return (this.#own ??= new OwnCodes(this.system, this.include, this.#needs));
  }

  decide(coded: Coded, asking: Asking): Membership {
    const { own } = this;
    if (own === undefined) return this.imports.length === 0 ? "unknown" : allOf(this.imports, coded, asking);
    return this.imports.length === 0 ? own.decide(coded, asking) : allOf([own, ...this.imports], coded, asking);
  }
}

/** What one include takes of its system: what it lists, what its filters let pass, or everything. */
export class OwnCodes implements Decider {
  readonly system: string;
  readonly include: Include;
  /** The system in the version that is meant; undefined where it is not held. */
  readonly table: CodeTable | undefined;
  readonly #needs: PartNeeds;
  readonly #listed: ReadonlySet<string> | undefined;
  /** An undefined one is not understood. */
  readonly #filters: readonly (Passes | undefined)[];

  constructor(system: string, include: Include, needs: PartNeeds) {
    this.system = system;
    this.include = include;
    this.#needs = needs;
    this.table = needs.tables.of(system, include.version, needs.from);
    const { table } = this;
    this.#listed = include.concept && new Set(include.concept.map(({ code }) => table?.key(code) ?? code));
    this.#filters = table && include.filter ? include.filter.map((filter) => filterOf(filter, table)) : [];
  }

  decide(coded: Coded, asking: Asking): Membership {
    const { include, table, system } = this;
    if (coded.system !== undefined && coded.system !== system) return "stranger";
    if (coded.version !== undefined && !this.#isOf(coded.version)) return "stranger";
    if (this.#listed) return this.#listed.has(table?.key(coded.code) ?? coded.code) ? this.#ifActive(coded.code) : "stranger";
    const hasFilters = (include.filter ?? []).length > 0;
    if (table) return hasFilters ? this.#filtered(coded.code, table, asking) : this.#whole(coded, table, asking);
    const byGrammar = judgedByGrammar(system, coded.code);
    // What is no code at all is none that a filter lets pass.
    if (byGrammar === "stranger" || (byGrammar === "member" && !hasFilters)) return byGrammar;
    return this.#unknown(asking);
  }

  /** Whether codes of a version of the system may be taken. */
  #isOf(version: string): boolean {
    const { version: asked } = this.include;
    return asked === undefined || isVersionAsked(version, asked) || isVersionAsked(asked, version) || version === this.table?.resource.version;
  }

  /** Whether the filters let a concept pass that the system has at a place. */
  passes(place: number): boolean | undefined {
    let found: boolean | undefined = true;
    for (const passes of this.#filters) {
      const answer = passes?.(place);
      if (answer === false) return false;
      if (answer === undefined) found = undefined;
    }
    return found;
  }

  /** What it costs to ask whether a concept passes. */
  get weight(): number {
    return this.#filters.reduce((sum, passes) => sum + (passes?.weight ?? 1), 1);
  }

  /** The first filter that is not understood. */
  get strangeFilter(): NonNullable<Include["filter"]>[number] | undefined {
    return this.include.filter?.find((_filter, at) => this.#filters[at] === undefined && this.table !== undefined);
  }

  #filtered(code: string, table: CodeTable, asking: Asking): Membership {
    const place = table.place(code);
    if (place === undefined) return table.isWhole ? "stranger" : this.#unknown(asking);
    const passes = this.passes(place);
    asking.looked += this.weight;
    if (passes === undefined) return this.#unknown(asking, this.#needs.url);
    return passes ? this.#ifActive(code) : "stranger";
  }

  #whole(coded: Coded, table: CodeTable, asking: Asking): Membership {
    if (table.has(coded.code)) return this.#ifActive(coded.code);
    if (this.include.version === undefined) {
      const others = this.#needs.tables.among(this.system, coded.version, this.#needs.from);
      if (others.some((other) => other.has(coded.code))) return "member";
    }
    return table.isWhole ? "stranger" : this.#unknown(asking);
  }

  #ifActive(code: string): Membership {
    if (this.#needs.withInactive || !this.table) return "member";
    const concept = this.table.concepts[this.table.place(code) ?? -1];
    return concept && isInactive(concept, this.table.resource) ? "stranger" : "member";
  }

  #unknown(asking: Asking, unheld: string = withVersion(this.system, this.include.version)): Membership {
    asking.unheld.add(unheld);
    return "unknown";
  }
}

export function withVersion(canonical: string, version: string | undefined): string {
  return version === undefined ? canonical : `${canonical}|${version}`;
}
