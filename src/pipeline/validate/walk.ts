import { JsonArray, JsonObject, type JsonValue } from "../../core/fhir/json/tree.ts";
import { definitionOf, type PropertyDefinition, type TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import type { Place } from "./place.ts";

/** What a walk tells of. Everything is told in the order of the document, outer before inner. */
export interface Visitor {
  /** A resource, before what is in it: the root, one in a Bundle's entry, or a contained one. */
  enterResource?(resource: JsonObject, place: Place): void;
  leaveResource?(resource: JsonObject, place: Place): void;
  /** An object of a datatype or backbone. `name` is the property as it was written. */
  object?(object: JsonObject, property: PropertyDefinition, place: Place, offset: number): void;
  /** What stands beside a primitive: its id and extensions, from `_name`. */
  companion?(companion: JsonObject, property: PropertyDefinition, place: Place, offset: number): void;
  /** A primitive that is a string in JSON. */
  text?(text: string, property: PropertyDefinition, place: Place, offset: number): void;
}

/** Walks through everything in a resource that R4 defines; what it does not define is passed over, for the structure check tells of it. */
export function walkResource(resource: JsonObject, visitor: Visitor, place: Place): void {
  const definition = definitionOf(resource.string("resourceType") ?? "");
  if (definition?.kind !== "resource") return;
  visitor.enterResource?.(resource, place);
  walkContent(resource, definition, visitor, place);
  visitor.leaveResource?.(resource, place);
}

function walkContent(object: JsonObject, definition: TypeDefinition, visitor: Visitor, place: Place): void {
  const { properties } = definition;
  // Loops, not closures: this runs for every object of a document, in several walks.
  for (let at = 0; at < object.names.length; at++) {
    const name = object.names[at] as string;
    const isCompanion = name.charCodeAt(0) === UNDERSCORE;
    const property = properties.get(isCompanion ? name.slice(1) : name);
    if (!property) continue;
    const value = object.values[at] as JsonValue;
    const offset = object.offsets[at] ?? -1;
    place.enter(property.element.name);
    if (value instanceof JsonArray) {
      for (let index = 0; index < value.items.length; index++) {
        place.enter(index);
        walkValue(value.items[index] as JsonValue, property, isCompanion, visitor, place, value.offsets[index] ?? offset);
        place.leave();
      }
    } else walkValue(value, property, isCompanion, visitor, place, offset);
    place.leave();
  }
}

const UNDERSCORE = 0x5f;

function walkValue(value: JsonValue, property: PropertyDefinition, isCompanion: boolean, visitor: Visitor, place: Place, offset: number): void {
  if (typeof value === "string") {
    if (property.isPrimitive && !isCompanion) visitor.text?.(value, property, place, offset);
    return;
  }
  if (!(value instanceof JsonObject)) return;
  if (property.isResource) {
    walkResource(value, visitor, place);
    return;
  }
  const content = isCompanion ? definitionOf("Element") : property.content;
  if (!content) return;
  if (isCompanion) visitor.companion?.(value, property, place, offset);
  else visitor.object?.(value, property, place, offset);
  walkContent(value, content, visitor, place);
}
