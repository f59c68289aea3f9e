import type { Conformance, Origin } from "../conformance/conformance.ts";
import type { CodeSystem } from "../conformance/terminology-resources.ts";
import { CodeTable } from "./code-table.ts";

/** The tables of code systems, each made when it is first asked for and kept with its definition. */
export class CodeTables {
  readonly #conformance: Conformance;
  readonly #made: WeakMap<CodeSystem, CodeTable>;

  /** @param others whose tables are shared: of other definitions, some of which are the same */
  constructor(conformance: Conformance, others?: CodeTables) {
    this.#conformance = conformance;
    this.#made = others ? others.#made : new WeakMap();
  }

  /** @returns undefined where the system is not held in that version, or nothing of it is */
  of(system: string, version?: string, from?: Origin): CodeTable | undefined {
    const held = this.#conformance.codeSystem(version === undefined ? system : `${system}|${version}`, from);
    if (!held || held.resource.content === "supplement") return undefined;
    const table = this.#tableOf(held.resource);
    return table.isPresent ? table : undefined;
  }

  /** Those of what supplements a system: displays in other languages, properties. */
  supplementing(system: string): readonly CodeTable[] {
    return this.#conformance.supplements(system).map(({ resource }) => this.#tableOf(resource));
  }

  #tableOf(resource: CodeSystem): CodeTable {
    const known = this.#made.get(resource);
    if (known) return known;
    const table = new CodeTable(resource);
    this.#made.set(resource, table);
    return table;
  }

  /**
   * The versions in which a code may stand where none is asked for: the one that the naming package's dependencies lead to, the one that the code itself says, and the newest. A closure may well hold several, and a code of a
   * newer one is a code.
   */
  among(system: string, said: string | undefined, from: Origin | undefined): readonly CodeTable[] {
    const found = [
      this.of(system, undefined, from),
      said === undefined ? undefined : this.of(system, said, from),
      from ? this.of(system) : undefined,
    ];
    return [...new Set(found.filter((table) => table !== undefined))];
  }
}
