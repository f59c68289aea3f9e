/** The tree as FHIR's XML (R4 xml.html). Schema-driven: the definitions tell the order and what is an attribute. The same tree always gives the same text. */
import { AppError } from "../../errors.ts";
import { Pieces } from "../../pieces.ts";
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../tree/tree.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import { divToXml, escapeAttribute } from "./div-text.ts";
import { FHIR_NAMESPACE } from "./namespaces.ts";
import { primitiveValue } from "./open-element.ts";

export interface WriteXmlOptions {
  /** Line breaks and an indent of two spaces between elements; a narrative is left as it is. */
  readonly pretty?: boolean;
}

/** What XML 1.0 cannot carry, not even as a reference (section 2.2). */
const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * A resource as XML text. Reading it gives the same tree, properties in the order of the definitions.
 * @throws AppError `not-acceptable` for content that XML cannot carry (control characters, arrays of null alone, a narrative that is not a well-formed XHTML div), `internal` for a
 *   tree that is not structurally R4: validation keeps such ones out
 */
export function writeXml(resource: JsonObject, definitions: Definitions, options: WriteXmlOptions = {}): string {
  const writer = new XmlWriter(definitions, options.pretty === true);
  writer.resource(resource, "", ` xmlns="${FHIR_NAMESPACE}"`);
  return `<?xml version="1.0" encoding="UTF-8"?>${writer.isPretty ? "" : "\n"}${writer.text}${writer.isPretty ? "\n" : ""}`;
}

class XmlWriter {
  readonly #definitions: Definitions;
  readonly isPretty: boolean;
  readonly #pieces = new Pieces();

  constructor(definitions: Definitions, isPretty: boolean) {
    this.#definitions = definitions;
    this.isPretty = isPretty;
  }

  get text(): string {
    return this.#pieces.toString();
  }

  resource(resource: JsonObject, indent: string, namespace = ""): void {
    const type = resource.string("resourceType");
    const { isResourceType, definitionOf } = this.#definitions;
    const definition = type !== undefined && isResourceType(type) ? definitionOf(type) : undefined;
    if (type === undefined || definition === undefined) throw unknown(`a resource of type ${String(type)}`);
    this.#element(type, resource, definition, indent, namespace);
  }

  /** An element with the properties of `object`; `ownAttributes` come first, ready to be written. */
  #element(name: string, object: JsonObject | undefined, definition: TypeDefinition | undefined, indent: string, ownAttributes: string): void {
    const children = object === undefined || definition === undefined ? [] : propertiesInOrder(object, definition);
    let attributes = ownAttributes;
    const elements: PresentProperty[] = [];
    for (const child of children) {
      if (child.property.element.isAttribute) attributes += ` ${child.property.name}="${attributeText(child.value, child.property)}"`;
      else elements.push(child);
    }
    this.#open(indent);
    this.#pieces.add(`<${name}${attributes}${elements.length === 0 ? "/>" : ">"}`);
    if (elements.length === 0) return;
    for (const child of elements) this.#property(child, `${indent}  `);
    this.#close(name, indent);
  }

  #property({ property, value, companion }: PresentProperty, indent: string): void {
    const values = itemsOf(value, property);
    const companions = itemsOf(companion, property);
    if (value !== undefined && companion !== undefined && values.length !== companions.length)
      throw unknown(`${property.element.path} with companions that are not aligned`);
    for (let at = 0; at < Math.max(values.length, companions.length); at++) this.#item(property, values[at], companions[at], indent);
  }

  #item(property: PropertyDefinition, value: JsonValue | undefined, companion: JsonValue | undefined, indent: string): void {
    const { name } = property;
    if (property.type === "xhtml") {
      this.#open(indent);
      this.#pieces.add(divText(value, property));
    } else if (property.isPrimitive) {
      if (companion !== undefined && !(companion instanceof JsonObject)) throw unknown(`_${name} that is no object`);
      // Reading would give an empty object for the first, and nothing for the second.
      if (companion === undefined ? value === undefined : value !== undefined && companion.names.length === 0) {
        throw unknown(`${property.element.path} with nothing in it, or with an empty companion`);
      }
      const attribute = value === undefined ? "" : ` value="${attributeText(value, property)}"`;
      this.#element(name, companion, this.#definitions.definitionOf("Element"), indent, attribute);
    } else if (!(value instanceof JsonObject) || companion !== undefined) {
      throw unknown(`${property.element.path} that is no object`);
    } else if (property.isResource) {
      this.#open(indent);
      this.#pieces.add(`<${name}>`);
      this.resource(value, `${indent}  `);
      this.#close(name, indent);
    } else {
      this.#element(name, value, property.content, indent, "");
    }
  }

  #open(indent: string): void {
    if (this.isPretty) this.#pieces.add(`\n${indent}`);
  }

  #close(name: string, indent: string): void {
    this.#pieces.add(this.isPretty ? `\n${indent}</${name}>` : `</${name}>`);
  }
}

interface PresentProperty {
  readonly property: PropertyDefinition;
  value: JsonValue | undefined;
  /** What stands at `_name`. */
  companion: JsonValue | undefined;
}

function propertiesInOrder(object: JsonObject, definition: TypeDefinition): PresentProperty[] {
  const present = new Map<string, PresentProperty>();
  object.names.forEach((name, at) => {
    if (name === "resourceType" && definition.kind === "resource") return;
    const isCompanion = name.startsWith("_");
    const plain = isCompanion ? name.slice(1) : name;
    const property = definition.properties.get(plain);
    if (property === undefined || (isCompanion && !property.hasCompanion)) throw unknown(`the property ${name} in ${definition.name}`);
    let entry = present.get(plain);
    if (entry === undefined) present.set(plain, (entry = { property, value: undefined, companion: undefined }));
    if (isCompanion) entry.companion = object.values[at];
    else entry.value = object.values[at];
  });
  return [...present.values()].sort((a, b) => a.property.element.order - b.property.element.order || (a.property.name < b.property.name ? -1 : 1));
}

/** The occurrences that a property holds; undefined where its array has null. */
function itemsOf(value: JsonValue | undefined, { element, isPrimitive }: PropertyDefinition): readonly (Exclude<JsonValue, null> | undefined)[] {
  if (value === undefined) return [];
  if (value === null || value instanceof JsonArray !== element.max > 1)
    throw unknown(`${element.path} that is ${value === null ? "null" : element.max > 1 ? "no array" : "an array"}`);
  if (!(value instanceof JsonArray)) return [value];
  if (value.items.every((item) => item === null)) {
    // Beside companions, such an array is R4: it says nothing, but its digest counts it.
    if (value.items.length > 0 && isPrimitive)
      throw new AppError(
        "not-acceptable",
        `The resource cannot be written as XML, which has no way to carry an array of null alone (in ${element.path}).`,
      );
    throw unknown(`${element.path} that is an array of nothing`);
  }
  return value.items.map((item) => (item === null ? undefined : item));
}

function attributeText(value: JsonValue | undefined, property: PropertyDefinition): string {
  const text = value instanceof JsonNumber ? value.text : typeof value === "boolean" ? String(value) : value;
  // A string where R4 has a number or boolean, or the other way round, would come back as the other.
  const read = typeof text === "string" ? primitiveValue(text, property.type) : undefined;
  if (typeof text !== "string" || typeof read !== typeof value) throw unknown(`${property.element.path} that is no ${property.type}`);
  checkCharacters(text, property);
  return escapeAttribute(text);
}

function divText(value: JsonValue | undefined, property: PropertyDefinition): string {
  if (typeof value !== "string") throw unknown(`${property.element.path} that is no string`);
  checkCharacters(value, property);
  const div = divToXml(value);
  if (div === undefined) {
    throw new AppError(
      "not-acceptable",
      "The resource cannot be written as XML: a narrative in it is not one well-formed div element of XHTML, or has a carriage return within a tag.",
    );
  }
  return div;
}

function checkCharacters(value: string, property: PropertyDefinition): void {
  const found = NOT_IN_XML.exec(value);
  if (found === null) return;
  const code = found[0].codePointAt(0) ?? 0;
  throw new AppError(
    "not-acceptable",
    `The resource cannot be written as XML, which has no way to carry the character U+${code.toString(16).toUpperCase().padStart(4, "0")} (in ${property.element.path}).`,
  );
}

function unknown(what: string): AppError {
  return new AppError("internal", `not R4, and so not to be written as XML: ${what}`);
}
