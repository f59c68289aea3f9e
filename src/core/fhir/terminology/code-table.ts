import type { CodeSystem, Concept } from "../conformance/terminology-resources.ts";

/** By which of these properties a concept says what it stands under, or what stands under it (R4 codesystem-concept-properties; v3 says `subsumedBy`). */
const UP: ReadonlySet<string> = new Set(["parent", "subsumedBy"]);
const DOWN = "child";

/** The concepts of one version of a code system, each at a place: in the order of the resource, those nested behind the one that holds them. Memory: a place in a list and in a map for each. */
export class CodeTable {
  readonly resource: CodeSystem;
  readonly concepts: readonly Concept[];
  /** For each place that of the concept it is nested in; -1 at the top. */
  readonly #above: Int32Array;
  readonly #places: ReadonlyMap<string, number>;
  #below: ReadonlyMap<number, readonly number[]> | undefined;
  #further: ReadonlyMap<number, readonly number[]> | undefined;

  constructor(resource: CodeSystem) {
    this.resource = resource;
    const { concepts, above } = flat(resource.concept ?? []);
    this.concepts = concepts;
    this.#above = above;
    const places = new Map<string, number>();
    concepts.forEach(({ code }, place) => {
      const key = this.#key(code);
      if (!places.has(key)) places.set(key, place);
    });
    this.#places = places;
  }

  /** Whether what is not here is nowhere in the system. */
  get isWhole(): boolean {
    return this.resource.content === "complete";
  }

  /** Whether there is anything to look at: of a system that is `not-present` or only illustrated nothing is known. */
  get isPresent(): boolean {
    return this.isWhole || this.resource.content === "fragment" || (this.resource.content === "example" && this.concepts.length > 0);
  }

  /** Unless case is said to count, a code in any case is accepted (R4 codesystem-definitions.html, caseSensitive). */
  #key(code: string): string {
    return this.resource.caseSensitive === true ? code : code.toLowerCase();
  }

  /** The code in the form by which it is found, whatever its case where that does not count. */
  key(code: string): string {
    return this.#key(code);
  }

  /** The place of a code; undefined where there is none. */
  place(code: string): number | undefined {
    return this.#places.get(this.#key(code));
  }

  has(code: string): boolean {
    return this.#places.has(this.#key(code));
  }

  /** Those that a concept stands under, in nesting or by property. */
  parents(place: number): readonly number[] {
    const above = this.#above[place] ?? -1;
    const further = this.#parentsByProperty().get(place);
    if (further === undefined) return above < 0 ? [] : [above];
    return above < 0 || further.includes(above) ? further : [above, ...further];
  }

  children(place: number): readonly number[] {
    this.#below ??= this.#childrenOfAll();
    return this.#below.get(place) ?? [];
  }

  /** All below a concept, itself not among them unless it stands in a circle. Costs what it finds. */
  descendants(place: number): ReadonlySet<number> {
    return reached(place, (one) => this.children(one));
  }

  ancestors(place: number): ReadonlySet<number> {
    return reached(place, (one) => this.parents(one));
  }

  #childrenOfAll(): ReadonlyMap<number, readonly number[]> {
    const below = new Map<number, number[]>();
    for (let place = 0; place < this.concepts.length; place++)
      for (const parent of this.parents(place)) {
        const known = below.get(parent);
        if (known) known.push(place);
        else below.set(parent, [place]);
      }
    return below;
  }

  /** By their places; most systems say it all by nesting, and have none. */
  #parentsByProperty(): ReadonlyMap<number, readonly number[]> {
    if (this.#further) return this.#further;
    const further = new Map<number, Set<number>>();
    const add = (place: number, parent: number): unknown => (further.get(place) ?? further.set(place, new Set()).get(place))?.add(parent);
    this.concepts.forEach(({ property = [] }, place) => {
      for (const { code, value } of property) {
        const other = UP.has(code) || code === DOWN ? this.place(String(value)) : undefined;
        if (other === undefined || other === place) continue;
        if (code === DOWN) add(other, place);
        else add(place, other);
      }
    });
    return (this.#further = new Map([...further].map(([place, parents]) => [place, [...parents]])));
  }
}

function reached(from: number, next: (place: number) => readonly number[]): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [...next(from)];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (found.has(place)) continue;
    found.add(place);
    for (const one of next(place)) open.push(one);
  }
  return found;
}

/** Without recursion: a stranger may nest as deep as a reader lets them. */
function flat(top: readonly Concept[]): { readonly concepts: readonly Concept[]; readonly above: Int32Array } {
  const concepts: Concept[] = [];
  const above: number[] = [];
  const open = top.map((concept) => ({ concept, parent: -1 })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const place = concepts.push(next.concept) - 1;
    above.push(next.parent);
    const nested = next.concept.concept ?? [];
    for (let at = nested.length - 1; at >= 0; at--) open.push({ concept: nested[at] as Concept, parent: place });
  }
  return { concepts, above: Int32Array.from(above) };
}
