import { compileFhirPath, type FhirPathExpression } from "../../../core/fhir/fhirpath/compile.ts";
import { FhirPathError, FhirPathSyntaxError } from "../../../core/fhir/fhirpath/errors.ts";
import { FhirPathNode, nodeOf, nodeOfProperty } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { OtherProfile } from "./other-profiles.ts";

/**
 * What the FHIRPaths of extension definitions find in one document (R4 defining-extensions.html, Context): each is asked once of each resource, and each invariant once of each element, whatever
 * number of extensions stand there. Undefined where nobody can tell.
 */
export class ExtensionContexts {
  readonly definitions: Definitions;
  readonly #found = new WeakMap<JsonObject, Map<string, ReadonlySet<unknown> | undefined>>();
  readonly #held = new WeakMap<JsonObject, Map<string, boolean | undefined>>();

  constructor(definitions: Definitions) {
    this.definitions = definitions;
  }

  /** Whether an element is among those that an expression finds in one of the resources that it stands in. */
  finds(expression: string, definition: OtherProfile, element: JsonObject, within: readonly JsonObject[]): boolean | undefined {
    let isKnown = true;
    for (const resource of within.toReversed()) {
      const found = this.#elements(expression, definition, resource);
      if (found?.has(element) === true) return true;
      isKnown &&= found !== undefined;
    }
    return isKnown ? false : undefined;
  }

  /** Whether an invariant of a definition holds for the element that has the extension. */
  holds(
    invariant: string,
    definition: OtherProfile,
    element: JsonObject,
    property: PropertyDefinition | undefined,
    resource: JsonObject,
  ): boolean | undefined {
    const known = this.#held.get(element) ?? new Map<string, boolean | undefined>();
    this.#held.set(element, known);
    if (!known.has(invariant)) {
      const focus = property === undefined ? nodeOf(element, this.definitions) : nodeOfProperty(property, element, undefined, this.definitions);
      const compiled = this.#compiled(invariant, definition);
      const environment = { resource: nodeOf(resource, this.definitions) };
      known.set(invariant, focus && compiled && answered(() => compiled.holds(focus, environment)));
    }
    return known.get(invariant);
  }

  #elements(expression: string, definition: OtherProfile, resource: JsonObject): ReadonlySet<unknown> | undefined {
    const known = this.#found.get(resource) ?? new Map<string, ReadonlySet<unknown> | undefined>();
    this.#found.set(resource, known);
    if (!known.has(expression)) {
      const compiled = this.#compiled(expression, definition);
      const items = compiled && answered(() => compiled.evaluate(nodeOf(resource, this.definitions)));
      const nodes = items?.filter((item) => item instanceof FhirPathNode);
      known.set(expression, nodes && new Set<unknown>(nodes.flatMap(({ value, companion }) => [value, companion])));
    }
    return known.get(expression);
  }

  #compiled(text: string, { expressions }: OtherProfile): FhirPathExpression | undefined {
    if (!expressions.has(text)) expressions.set(text, this.#compile(text));
    return expressions.get(text);
  }

  #compile(text: string): FhirPathExpression | undefined {
    try {
      return compileFhirPath(text, this.definitions, "lenient");
    } catch (error) {
      if (error instanceof FhirPathSyntaxError) return undefined;
      throw error;
    }
  }
}

function answered<Answer>(ask: () => Answer): Answer | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof FhirPathError) return undefined;
    throw error;
  }
}
