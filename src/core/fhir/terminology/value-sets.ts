import type { Conformance, Held, Origin } from "../conformance/conformance.ts";
import type { Expanded, ValueSet } from "../conformance/terminology-resources.ts";
import type { Membership } from "../r4/terminology.ts";
import { CodeTables } from "./code-tables.ts";
import { anyOf, type Asking, type Decider } from "./deciding.ts";
import { implicitSet } from "./implicit-sets.ts";
import type { Coded } from "./terms.ts";
import { OwnCodes, ValueSetPart, type PartNeeds } from "./value-set-part.ts";

/** The value sets of one set of packages, each compiled when it is first asked for and kept with its definition. */
export class ValueSets {
  readonly tables: CodeTables;
  readonly conformance: Conformance;
  readonly #made = new WeakMap<ValueSet, CompiledSet>();
  /** Those that were found, by canonical and the package that named it: what is not held is never kept here, for anybody may ask for anything. */
  readonly #found = new Map<string, CompiledSet>();

  /** @param others whose tables of code systems are shared */
  constructor(conformance: Conformance, others?: ValueSets) {
    this.conformance = conformance;
    this.tables = new CodeTables(conformance, others?.tables);
  }

  /** @returns undefined where it is not held, and its address does not say what it is */
  find(canonical: string, from?: Origin): CompiledSet | undefined {
    const key = from === undefined ? canonical : `${canonical} ${from.name} ${from.version}`;
    const known = this.#found.get(key);
    if (known) return known;
    const held = this.conformance.valueSet(canonical, from);
    const made = held ? this.compiled(held) : undefined;
    if (made) this.#found.set(key, made);
    return made;
  }

  compiled(held: Held<ValueSet>): CompiledSet {
    const known = this.#made.get(held.resource);
    if (known) return known;
    const made = new CompiledSet(held, this);
    this.#made.set(held.resource, made);
    return made;
  }

  /** A value set that is named, held or not. */
  decide(canonical: string, from?: Origin): Decider {
    return this.find(canonical, from) ?? this.#implicit(canonical, from) ?? unheld(canonical);
  }

  #implicit(canonical: string, from: Origin | undefined): Decider | undefined {
    const implicit = implicitSet(canonical);
    if (!implicit) return undefined;
    const { system, isAll } = implicit;
    const needs = { tables: this.tables, from, url: canonical, withInactive: true, imported: unheld };
    if (isAll) return new OwnCodes(system, { system }, needs);
    return { decide: (coded, asking) => (coded.system !== undefined && coded.system !== system ? "stranger" : unknown(system, asking)) };
  }
}

function unheld(canonical: string): Decider {
  return { decide: (_coded, asking) => unknown(canonical, asking) };
}

function unknown(canonical: string, asking: Asking): Membership {
  asking.unheld.add(canonical);
  return "unknown";
}

/** A value set, its parts sorted by the system that they are about. */
export class CompiledSet implements Decider {
  readonly held: Held<ValueSet>;
  readonly includes: readonly ValueSetPart[];
  readonly excludes: readonly ValueSetPart[];
  readonly #including: BySystem;
  readonly #excluding: BySystem;
  readonly #hasImports: boolean;
  #expanded: ReadonlyMap<string, ReadonlySet<string>> | undefined;

  constructor(held: Held<ValueSet>, sets: ValueSets) {
    this.held = held;
    const { url, compose } = held.resource;
    const needs: PartNeeds = {
      ...{ tables: sets.tables, from: held.origin, url, withInactive: compose?.inactive !== false },
      // Looked up when it is asked: sets may import each other.
      imported: (canonical) => ({ decide: (coded, asking) => sets.decide(canonical, held.origin).decide(coded, asking) }),
    };
    this.includes = (compose?.include ?? []).map((include) => new ValueSetPart(include, needs));
    this.excludes = (compose?.exclude ?? []).map((exclude) => new ValueSetPart(exclude, needs));
    this.#including = bySystem(this.includes);
    this.#excluding = bySystem(this.excludes);
    this.#hasImports = [...this.includes, ...this.excludes].some(({ imports }) => imports.length > 0);
  }

  decide(coded: Coded, asking: Asking): Membership {
    return this.#hasImports ? asking.once(this, () => this.#decided(coded, asking)) : this.#decided(coded, asking);
  }

  #decided(coded: Coded, asking: Asking): Membership {
    const composed = this.held.resource.compose ? this.#composed(coded, asking) : undefined;
    if (composed === "member" || composed === "stranger") return composed;
    return this.#byExpansion(coded) ?? composed ?? unknown(this.held.resource.url, asking);
  }

  #composed(coded: Coded, asking: Asking): Membership {
    const included = anyOf(partsFor(coded, this.#including), coded, asking);
    if (included === "stranger" || this.excludes.length === 0) return included;
    const excluded = anyOf(partsFor(coded, this.#excluding), coded, asking);
    if (excluded === "member") return "stranger";
    return excluded === "unknown" ? excluded : included;
  }

  /** What somebody else found, where nothing else is known: of what is not all of it the rest is not known. */
  #byExpansion({ system, code }: Coded): Membership | undefined {
    const { expansion } = this.held.resource;
    if (!expansion) return undefined;
    this.#expanded ??= codesOf(expansion.contains);
    const among = system === undefined ? [...this.#expanded.values()] : [this.#expanded.get(system) ?? new Set<string>()];
    if (among.some((codes) => codes.has(code))) return "member";
    return expansion.isWhole ? "stranger" : undefined;
  }
}

/** Parts of a system, and those that are of any: their imports decide. */
interface BySystem {
  readonly of: ReadonlyMap<string, readonly ValueSetPart[]>;
  readonly any: readonly ValueSetPart[];
  readonly all: readonly ValueSetPart[];
}

function bySystem(parts: readonly ValueSetPart[]): BySystem {
  const any = parts.filter(({ system }) => system === undefined);
  const of = Map.groupBy(parts, ({ system }) => system ?? "");
  return { any, all: parts, of: new Map([...of].filter(([system]) => system !== "").map(([system, own]) => [system, [...own, ...any]])) };
}

function partsFor({ system }: Coded, { of, any, all }: BySystem): readonly ValueSetPart[] {
  return system === undefined ? all : (of.get(system) ?? any);
}

function codesOf(contains: readonly Expanded[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const open = [...contains];
  for (let next = open.pop(); next; next = open.pop()) {
    const { system = "", code } = next;
    if (code !== undefined) found.set(system, (found.get(system) ?? new Set()).add(code));
    for (const nested of next.contains ?? []) open.push(nested);
  }
  return found;
}
