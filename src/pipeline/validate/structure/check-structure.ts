import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/json/tree.ts";
import {
  definitionOf,
  isResourceType,
  type ElementDefinition,
  type PropertyDefinition,
  type TypeDefinition,
} from "../../../core/fhir/r4/definitions.ts";
import type { Findings } from "../findings.ts";
import { checkNarrative } from "./narrative.ts";
import { rootPlace, type Place } from "../place.ts";
import { shown } from "../shown.ts";
import { formatFault, jsonKindOf } from "./primitive-formats.ts";

/**
 * Checks a resource, and those within it, against the R4 definitions: known elements, cardinality, choices, the kinds and formats of values, companions of primitives
 * (R4 json.html), narrative. One walk, in the order of the document.
 */
export function checkStructure(resource: JsonObject, findings: Findings): void {
  new StructureWalk(findings, rootPlace(resource)).resource(resource, resource.offset);
}

class StructureWalk {
  readonly #findings: Findings;
  readonly #place: Place;

  constructor(findings: Findings, place: Place) {
    this.#findings = findings;
    this.#place = place;
  }

  resource(resource: JsonObject, at: number): void {
    const type = resource.get("resourceType");
    if (typeof type !== "string" || type === "") {
      this.#report("required", "resource-type-missing", "A resource names its type: add resourceType.", at);
      return;
    }
    const definition = isResourceType(type) ? definitionOf(type) : undefined;
    if (!definition) {
      this.#report("structure", "resource-type-unknown", `R4 has no resource of type "${shown(type, 64)}".`, resource.offsetOf("resourceType"));
      return;
    }
    this.#content(resource, definition, true);
  }

  /** The properties of a resource, datatype or backbone. */
  #content(object: JsonObject, definition: TypeDefinition, isResource: boolean): void {
    if (object.names.length === 0)
      this.#report("invalid", "empty-object", "An object is never empty in FHIR: leave it out, or give it content.", object.offset);
    let chosen: Map<ElementDefinition, string> | undefined;
    for (let at = 0; at < object.names.length; at++) {
      const name = object.names[at] as string;
      if (isResource && name === "resourceType") continue;
      const isCompanion = name.charCodeAt(0) === UNDERSCORE;
      const property = definition.properties.get(isCompanion ? name.slice(1) : name);
      const value = object.values[at] as JsonValue;
      const offset = object.offsets[at] as number;
      if (!property || (isCompanion && !property.isPrimitive)) {
        // The place is that of the object, as HL7's validator has it: a name that R4 lacks makes no FHIRPath.
        this.#report(
          "structure",
          "unknown-element",
          `${definition.name} has no element "${shown(name, 64)}" in R4: remove it, or mend its name.`,
          offset,
        );
        continue;
      }
      if (property.element.isChoice) {
        const earlier = chosen?.get(property.element);
        if (earlier !== undefined && earlier !== property.name)
          this.#report(
            "structure",
            "choice-repeated",
            `${property.element.path}[x] has one value: ${earlier} and ${property.name} stand here both.`,
            offset,
          );
        (chosen ??= new Map()).set(property.element, property.name);
      }
      this.#place.enter(property.element.name);
      if (isCompanion) this.#companion(object, property, value, offset);
      else if (value instanceof JsonArray) this.#items(property, value, offset, object);
      else this.#single(property, value, offset);
      this.#place.leave();
    }
    this.#required(object, definition);
  }

  #required(object: JsonObject, definition: TypeDefinition): void {
    for (const { element, names } of requiredElements(definition)) {
      if (!names.some((name) => hasProperty(object, name)))
        this.#report(
          "structure",
          "element-missing",
          `${element.path}${element.isChoice ? "[x]" : ""} is required (at least ${element.min}): add it.`,
          object.offset,
        );
    }
  }

  #single(property: PropertyDefinition, value: JsonValue, offset: number): void {
    if (property.element.max > 1)
      this.#report(
        "invalid",
        "array-expected",
        `${property.element.path} may repeat, so it is an array in JSON: put [ and ] around its value.`,
        offset,
      );
    this.#value(property, value, offset);
  }

  #items(property: PropertyDefinition, value: JsonArray, offset: number, object: JsonObject): void {
    const { max } = property.element;
    if (max === 1) {
      const count = value.items.length;
      if (count > max) this.#repeated(property.element, count, offset);
      else this.#report("structure", "array-unexpected", `${property.element.path} does not repeat, so it is no array in JSON.`, offset);
    }
    if (value.items.length === 0)
      this.#report("invalid", "empty-array", "An array is never empty in FHIR: leave it out, or give it content.", offset);
    if (value.items.length > max && max > 1) this.#repeated(property.element, value.items.length, offset);
    const companion = property.isPrimitive ? object.get(`_${property.name}`) : undefined;
    const companions = companion instanceof JsonArray ? companion.items : [];
    value.items.forEach((item, index) => {
      this.#place.enter(index);
      const itemOffset = value.offsets[index] ?? offset;
      if (item !== null || !property.isPrimitive) this.#value(property, item, itemOffset);
      else if (!(companions[index] instanceof JsonObject))
        this.#report(
          "invalid",
          "null-unaligned",
          `null stands here for a value that is missing, but there is nothing beside it in _${property.name}.`,
          itemOffset,
        );
      this.#place.leave();
    });
  }

  #value(property: PropertyDefinition, value: JsonValue, offset: number): void {
    if (value === null) this.#report("invalid", "null-value", "null is no value in FHIR: leave the property out.", offset);
    else if (property.isPrimitive) this.#primitive(property, value, offset);
    else if (!(value instanceof JsonObject))
      this.#report("invalid", "object-expected", `${property.element.path} is an object, not ${kindOf(value)}.`, offset);
    else if (property.isResource) this.resource(value, offset);
    else if (property.content) {
      if (property.type === "Narrative") checkNarrative(value, this.#place, this.#findings);
      this.#content(value, property.content, false);
    }
  }

  #primitive({ element, type }: PropertyDefinition, value: JsonValue, offset: number): void {
    const expected = jsonKindOf(type);
    const kind = kindOf(value as Exclude<JsonValue, null>);
    if (kind !== KIND_NAMES[expected]) {
      this.#report(
        "invalid",
        "wrong-json-type",
        `${element.path} is of type ${type}, which is ${KIND_NAMES[expected]} in JSON, not ${kind}.`,
        offset,
      );
      return;
    }
    const text = value instanceof JsonNumber ? value.text : typeof value === "string" ? value : "true or false";
    if (text === "") {
      this.#report("invalid", "empty-string", `${element.path} is an empty string: leave it out, or give it a value.`, offset);
      return;
    }
    if (type === "xhtml" || type === "boolean") return; // the narrative has a check of its own
    const fault = formatFault(type, text);
    if (fault !== undefined) this.#report("invalid", `format-${type}`, `"${shown(text, 80)}" is not a valid ${type}: ${fault}.`, offset);
  }

  /** More items than the definition has room for: said, as by HL7's validator, of the object that they stand in. */
  #repeated({ name, path, max }: ElementDefinition, count: number, offset: number): void {
    this.#place.leave();
    this.#report("structure", "element-repeated", `${path} may stand here ${max === 1 ? "once" : `${max} times`}, not ${count} times.`, offset);
    this.#place.enter(name);
  }

  /** `_name`: id and extensions of a primitive. */
  #companion(object: JsonObject, property: PropertyDefinition, value: JsonValue, offset: number): void {
    const definition = definitionOf("Element");
    if (!definition) return;
    const isRepeating = property.element.max > 1;
    if (isRepeating !== value instanceof JsonArray) {
      this.#report(
        "invalid",
        "companion-misshapen",
        `_${property.name} ${isRepeating ? "is an array, as" : "is an object, no array, as"} ${property.name} is.`,
        offset,
      );
      return;
    }
    const items = value instanceof JsonArray ? value.items : [value];
    const values = object.get(property.name);
    if (values instanceof JsonArray && value instanceof JsonArray && values.items.length !== items.length)
      this.#report(
        "invalid",
        "companion-unaligned",
        `${property.name} has ${values.items.length} items and _${property.name} has ${items.length}: fill both up with null, so that they correspond.`,
        offset,
      );
    if (isRepeating && items.every((item) => item === null))
      this.#report("invalid", "companion-empty", `_${property.name} holds neither id nor extension: leave it out.`, offset);
    items.forEach((item, index) => {
      if (isRepeating) this.#place.enter(index);
      if (item instanceof JsonObject) this.#content(item, definition, false);
      else if (item === null && isRepeating && !(values instanceof JsonArray))
        // Where there are values, they tell of a null that nothing stands beside.
        this.#report("invalid", "null-unaligned", `null stands here, but there is no ${property.name} that could have a value in its place.`, offset);
      else if (item !== null || !isRepeating)
        this.#report(
          "invalid",
          "object-expected",
          `_${property.name} holds objects with id and extension, not ${item === null ? "null" : kindOf(item)}.`,
          offset,
        );
      if (isRepeating) this.#place.leave();
    });
  }

  #report(code: string, rule: string, text: string, offset: number): void {
    this.#findings.add("error", code, rule, text, this.#place.expression(), offset);
  }
}

const UNDERSCORE = 0x5f;
const KIND_NAMES = { boolean: "true or false", number: "a number", string: "a string" } as const;

function kindOf(value: Exclude<JsonValue, null>): string {
  if (typeof value === "string") return KIND_NAMES.string;
  if (typeof value === "boolean") return KIND_NAMES.boolean;
  if (value instanceof JsonNumber) return KIND_NAMES.number;
  return value instanceof JsonArray ? "an array" : "an object";
}

function hasProperty(object: JsonObject, name: string): boolean {
  return object.has(name) || object.has(`_${name}`);
}

interface RequiredElement {
  readonly element: ElementDefinition;
  /** The properties of which one is there: of a choice, one for each type. */
  readonly names: readonly string[];
}

const required = new WeakMap<TypeDefinition, readonly RequiredElement[]>();

function requiredElements(definition: TypeDefinition): readonly RequiredElement[] {
  const known = required.get(definition);
  if (known) return known;
  const properties = [...definition.properties.values()];
  const elements = definition.elements
    .filter((element) => element.min > 0)
    .map((element) => ({ element, names: properties.filter((property) => property.element === element).map(({ name }) => name) }));
  required.set(definition, elements);
  return elements;
}
