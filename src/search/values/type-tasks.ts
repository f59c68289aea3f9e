import type { FhirPathExpression } from "../../core/fhir/fhirpath/compile.ts";
import type { TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import type { SearchType } from "../../core/fhir/r4/search-parameters.ts";
import type { Shape } from "../../core/fhir/tree/shape.ts";

/** What is worked out of a resource for a parameter. */
export interface Task {
  readonly code: string;
  readonly type: SearchType;
  readonly expression: FhirPathExpression;
  readonly implied: string | undefined;
  readonly components: readonly Task[];
}

/** The tasks of one type of resource. A resource has few of its type's elements: only what begins in one that it has is worked out. */
export class TypeTasks {
  readonly #all: readonly Task[];
  readonly #definition: TypeDefinition | undefined;
  /** What resources with the same properties come to is the same. */
  readonly #byShape = new WeakMap<Shape, readonly Task[]>();

  /** @param definition that of the type; without it nothing can be left out */
  constructor(all: readonly Task[], definition: TypeDefinition | undefined) {
    this.#all = all;
    this.#definition = definition;
  }

  /** Those that may find something in a resource with properties of these names; in order. */
  of(shape: Shape): readonly Task[] {
    if (this.#definition === undefined) return this.#all;
    if (!shape.isShared) return this.#fitting(shape, this.#definition);
    const known = this.#byShape.get(shape);
    if (known) return known;
    const made = this.#fitting(shape, this.#definition);
    this.#byShape.set(shape, made);
    return made;
  }

  #fitting({ names }: Shape, { properties }: TypeDefinition): readonly Task[] {
    const elements = new Set(names.map((name) => properties.get(name.startsWith("_") ? name.slice(1) : name)?.element.name));
    return this.#all.filter(({ expression: { starts } }) => starts === undefined || [...starts].some((name) => elements.has(name)));
  }
}
