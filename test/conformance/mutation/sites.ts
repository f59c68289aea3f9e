/** Every place of a document that can be damaged, with its FHIRPath: worked out here from the definitions, apart from the walk of the validator. */
import { JsonArray, JsonObject, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import type { PropertyDefinition, TypeDefinition } from "../../../src/core/fhir/r4/definitions.ts";
import { definitionOf } from "../../r4.ts";

/** An object that a definition describes: a resource, a datatype, a backbone. */
export interface ObjectSite {
  readonly object: JsonObject;
  readonly definition: TypeDefinition;
  /** `Bundle.entry[0].resource.name[0]` */
  readonly path: string;
  readonly property: PropertyDefinition | undefined;
}

/** A property of such an object; companions (`_name`) are none. */
export interface PropertySite extends Value {
  readonly owner: ObjectSite;
  readonly property: PropertyDefinition;
  /** Without index. */
  readonly path: string;
  /** Its values one by one, each with its own path: one where it does not repeat. */
  readonly items: readonly Value[];
}

interface Value {
  readonly value: JsonValue;
  readonly path: string;
  /** Puts another value in its place. The container must be restored afterwards. */
  readonly container: JsonObject | JsonArray;
  replace(value: JsonValue): void;
}

export interface Sites {
  readonly objects: ObjectSite[];
  readonly properties: PropertySite[];
}

/** All sites of a resource, outer before inner. */
export function sitesOf(resource: JsonObject): Sites {
  const sites: Sites = { objects: [], properties: [] };
  visitResource(resource, resource.string("resourceType") ?? "", undefined, sites);
  return sites;
}

function visitResource(resource: JsonObject, path: string, property: PropertyDefinition | undefined, sites: Sites): void {
  const definition = definitionOf(resource.string("resourceType") ?? "");
  if (definition) visit({ object: resource, definition, path, property }, sites);
}

function visit(site: ObjectSite, sites: Sites): void {
  sites.objects.push(site);
  site.object.names.forEach((name, at) => {
    const property = site.definition.properties.get(name);
    if (!property) return;
    const value = site.object.values[at] as JsonValue;
    const path = `${site.path}.${property.element.name}`;
    const whole = valueOf(site.object, name, value, path);
    const items = value instanceof JsonArray ? value.items.map((item, index) => valueOf(value, index, item, `${path}[${index}]`)) : [whole];
    sites.properties.push({ ...whole, owner: site, property, items });
    for (const item of items) {
      if (!(item.value instanceof JsonObject)) continue;
      if (property.isResource) visitResource(item.value, item.path, property, sites);
      else if (property.content) visit({ object: item.value, definition: property.content, path: item.path, property }, sites);
    }
  });
}

function valueOf(container: JsonObject | JsonArray, key: string | number, value: JsonValue, path: string): Value {
  const values = container instanceof JsonArray ? container.items : container.values;
  // The place is looked up when it is needed: what is damaged elsewhere in the object may move it.
  const place = (): number => (container instanceof JsonArray ? Number(key) : container.names.indexOf(String(key)));
  return {
    container,
    value,
    path,
    replace: (other) => {
      values[place()] = other;
    },
  };
}
