import type { Concept } from "../conformance/terminology-resources.ts";
import type { CodeTable } from "./code-table.ts";
import { GIVEN } from "./given-definitions.ts";
import { Asking } from "./deciding.ts";
import { isInactive } from "./concept-facts.ts";
import type { ValueSetPart } from "./value-set-part.ts";
import { withVersion } from "./value-set-part.ts";
import type { CompiledSet, ValueSets } from "./value-sets.ts";

/** A code of a value set, with where it stands in its system if that is held. */
export interface ExpandedCode {
  readonly system: string;
  readonly version?: string | undefined;
  readonly code: string;
  /** As the value set calls it. */
  readonly display?: string | undefined;
  readonly at?: { readonly table: CodeTable; readonly concept: Concept } | undefined;
}

/** All codes of a value set, or why nobody here can list them. */
export type Expansion =
  | { readonly kind: "whole"; readonly codes: readonly ExpandedCode[]; readonly used: Used }
  /** Canonicals of what is not held, of a grammar, or of a set with a filter that is not understood. */
  | { readonly kind: "unknown"; readonly unheld: readonly string[] }
  | { readonly kind: "too-costly" };

/** What an expansion was made of: canonicals with versions. */
export interface Used {
  readonly codeSystems: ReadonlySet<string>;
  readonly valueSets: ReadonlySet<string>;
}

/** How many concepts are looked at for one expansion: of what an operator chose, and of what somebody sent. */
const MOST_LOOKED_AT = 2_000_000;
const MOST_FOR_SENT = 200_000;

/** Lists a value set (R4 valueset.html, 4.9.8 "Value Set Expansion"), each code once, in the order in which it is composed. */
export function expand(set: CompiledSet, sets: ValueSets): Expansion {
  const listing = new Listing(sets, set.held.origin === GIVEN ? MOST_FOR_SENT : MOST_LOOKED_AT);
  try {
    return { kind: "whole", codes: listing.codesOf(set), used: listing };
  } catch (error) {
    if (error instanceof NotListed) return error.unheld === undefined ? { kind: "too-costly" } : { kind: "unknown", unheld: error.unheld };
    throw error;
  }
}

class NotListed extends Error {
  readonly unheld: readonly string[] | undefined;

  /** @param unheld undefined: it costs too much */
  constructor(unheld?: readonly string[]) {
    super("not listed");
    this.unheld = unheld;
  }
}

type Codes = Map<string, ExpandedCode>;

class Listing implements Used {
  readonly codeSystems = new Set<string>();
  readonly valueSets = new Set<string>();
  readonly #sets: ValueSets;
  readonly #underWay = new Set<CompiledSet>();
  readonly #made = new Map<CompiledSet, readonly ExpandedCode[]>();
  readonly #most: number;
  #looked = 0;

  constructor(sets: ValueSets, most: number) {
    this.#sets = sets;
    this.#most = most;
  }

  codesOf(set: CompiledSet): readonly ExpandedCode[] {
    const known = this.#made.get(set);
    if (known) return known;
    // A set that leads back to itself adds nothing to itself.
    if (this.#underWay.has(set)) return [];
    if (this.#underWay.size >= 100) throw new NotListed();
    this.#underWay.add(set);
    const found = this.#listed(set);
    this.#underWay.delete(set);
    this.#made.set(set, found);
    return found;
  }

  #listed(set: CompiledSet): readonly ExpandedCode[] {
    const { compose, expansion, url } = set.held.resource;
    if (!compose) {
      if (expansion?.isWhole !== true) throw new NotListed([url]);
      return this.#expanded(set);
    }
    try {
      const codes: Codes = new Map();
      for (const part of set.includes) for (const code of this.#codesIn(part, url)) keep(code, codes);
      return [...codes.values()].filter((code) => !this.#isExcluded(code, set));
    } catch (error) {
      if (error instanceof NotListed && error.unheld !== undefined && expansion?.isWhole === true) return this.#expanded(set);
      throw error;
    }
  }

  /** What somebody else found. */
  #expanded(set: CompiledSet): readonly ExpandedCode[] {
    const found: ExpandedCode[] = [];
    const open = [...(set.held.resource.expansion?.contains ?? [])].reverse();
    for (let next = open.pop(); next; next = open.pop()) {
      const { system, code, version, display, abstract } = next;
      this.#look(1);
      if (system !== undefined && code !== undefined && abstract !== true) found.push(this.#placed({ system, version, code, display }, set));
      open.push(...[...(next.contains ?? [])].reverse());
    }
    return found;
  }

  #placed(code: ExpandedCode, set: CompiledSet): ExpandedCode {
    const table = this.#sets.tables.of(code.system, code.version, set.held.origin);
    const concept = table?.concepts[table.place(code.code) ?? -1];
    return table && concept ? { ...code, at: { table, concept } } : code;
  }

  #codesIn(part: ValueSetPart, url: string): readonly ExpandedCode[] {
    const imports = part.include.valueSet ?? [];
    if (!part.own) {
      const [first, ...others] = imports;
      return first === undefined ? [] : this.#among(this.#imported(first, part), part, others);
    }
    return this.#among(this.#ownCodes(part, url), part, imports);
  }

  #imported(canonical: string, part: ValueSetPart): readonly ExpandedCode[] {
    const set = this.#sets.find(canonical, part.from);
    if (!set) throw new NotListed([canonical]);
    const { resource } = set.held;
    this.valueSets.add(withVersion(resource.url, resource.version));
    return this.codesOf(set);
  }

  /** Those that are of each of the sets, too. */
  #among(codes: readonly ExpandedCode[], part: ValueSetPart, imports: readonly string[]): readonly ExpandedCode[] {
    if (imports.length === 0) return codes;
    this.#look(codes.length * imports.length);
    for (const canonical of imports) {
      const resource = this.#sets.find(canonical, part.from)?.held.resource;
      if (resource) this.valueSets.add(withVersion(resource.url, resource.version));
    }
    return codes.filter(({ system, version, code }) =>
      imports.every((canonical) => {
        const asking = new Asking();
        const answer = this.#sets.decide(canonical, part.from).decide({ system, version, code }, asking);
        this.#look(asking.looked);
        if (answer === "unknown") throw new NotListed([...asking.unheld]);
        return answer === "member";
      }),
    );
  }

  #ownCodes(part: ValueSetPart, url: string): readonly ExpandedCode[] {
    const { own, include } = part;
    if (!own) return [];
    const { system, table } = own;
    const version = include.version ?? table?.resource.version;
    if (table) this.codeSystems.add(withVersion(system, table.resource.version));
    if (include.concept) {
      this.#look(include.concept.length);
      return include.concept.flatMap(({ code, display }) => {
        const concept = table?.concepts[table.place(code) ?? -1];
        if (table && concept) return this.#ifActive({ system, version, code: concept.code, display, at: { table, concept } }, part);
        // What is no code of its system is none of the set, though the set lists it.
        return table?.isWhole === true ? [] : [{ system, version, code, display }];
      });
    }
    if (!table) throw new NotListed([withVersion(system, include.version)]);
    if (!table.isWhole) throw new NotListed([withVersion(system, table.resource.version)]);
    if (own.strangeFilter) throw new NotListed([url]);
    this.#look(table.concepts.length * own.weight);
    return table.concepts.flatMap((concept, place) => {
      const passes = own.passes(place);
      if (passes === undefined) throw new NotListed([url]);
      return passes ? this.#ifActive({ system, version, code: concept.code, at: { table, concept } }, part) : [];
    });
  }

  #ifActive(code: ExpandedCode, part: ValueSetPart): readonly ExpandedCode[] {
    return !part.withInactive && code.at && isInactive(code.at.concept, code.at.table.resource) ? [] : [code];
  }

  /** In whichever version. */
  #isExcluded({ system, code }: ExpandedCode, { excludes }: CompiledSet): boolean {
    this.#look(excludes.length);
    return excludes.some((part) => {
      const asking = new Asking();
      const answer = part.decide({ system, code }, asking);
      this.#look(asking.looked);
      if (answer === "unknown") throw new NotListed([...asking.unheld]);
      return answer === "member";
    });
  }

  #look(count: number): void {
    this.#looked += count;
    if (this.#looked > this.#most) throw new NotListed();
  }
}

/** Each code once, whichever part it came from. */
function keep(code: ExpandedCode, codes: Codes): void {
  const key = `${code.system} ${code.version ?? ""} ${code.at?.table.key(code.code) ?? code.code}`;
  if (!codes.has(key)) codes.set(key, code);
}
