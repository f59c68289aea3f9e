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
const PERHAPS_NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF]/;
const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/**
 * A resource as XML text. Reading it gives the same tree, properties in the order of the definitions.
 * @throws AppError `not-acceptable` for content that XML cannot carry (control characters, arrays of null alone, a narrative that is not a well-formed XHTML div), `internal` for a
 *   tree that is not structurally R4: validation keeps such ones out
 */
export function writeXml(resource: JsonObject, definitions: Definitions, options: WriteXmlOptions = {}): string {
  const isPretty = options.pretty === true;
  const text = new XmlWriter(definitions, { ...AS_SERVED, isPretty }).write(resource);
  return `<?xml version="1.0" encoding="UTF-8"?>${isPretty ? "" : "\n"}${text}${isPretty ? "\n" : ""}`;
}

/** What is decided in one way for what is served, and in another for canonical forms (write-canonical-xml.ts). */
export interface XmlStyle {
  readonly isPretty: boolean;
  /** Whether an element without content is written as two tags. */
  readonly hasEndTags: boolean;
  /** A primitive's attributes: those of every element (id), and its value. */
  attributes(own: string, value: string): string;
  escape(value: string): string;
  /** A narrative; undefined for one that XML cannot carry. */
  div(div: string): string | undefined;
  /** Whether a property of a resource is written. */
  isWritten?(name: string, isOutermost: boolean): boolean;
}

const AS_SERVED: XmlStyle = {
  isPretty: false,
  hasEndTags: false,
  attributes: (own, value) => value + own,
  escape: escapeAttribute,
  div: divToXml,
};

/** Writes one resource. */
export class XmlWriter {
  readonly #definitions: Definitions;
  readonly #style: XmlStyle;
  readonly #pieces = new Pieces();

  constructor(definitions: Definitions, style: XmlStyle) {
    this.#definitions = definitions;
    this.#style = style;
  }

  /** Without the XML declaration. @throws AppError as `writeXml` does */
  write(resource: JsonObject): string {
    this.#resource(resource, "", ` xmlns="${FHIR_NAMESPACE}"`);
    return this.#pieces.toString();
  }

  #resource(resource: JsonObject, indent: string, namespace = ""): void {
    const type = resource.string("resourceType");
    const { isResourceType, definitionOf } = this.#definitions;
    const definition = type !== undefined && isResourceType(type) ? definitionOf(type) : undefined;
    if (type === undefined || definition === undefined) throw unknown(`a resource of type ${String(type)}`);
    const properties = propertiesInOrder(resource, definition);
    const style = this.#style;
    const written = style.isWritten ? properties.filter(({ property }) => style.isWritten?.(property.name, namespace !== "")) : properties;
    this.#element(type, written, indent, namespace);
  }

  #object(name: string, object: JsonObject | undefined, definition: TypeDefinition | undefined, indent: string, value = ""): void {
    this.#element(name, object === undefined || definition === undefined ? NOTHING : propertiesInOrder(object, definition), indent, value);
  }

  /** @param ownAttribute ready to be written */
  #element(name: string, properties: readonly PresentProperty[], indent: string, ownAttribute: string): void {
    const style = this.#style;
    let attributes = "";
    const elements: PresentProperty[] = [];
    for (const child of properties) {
      if (child.property.element.isAttribute) attributes += ` ${child.property.name}="${this.#attribute(child.value, child.property)}"`;
      else elements.push(child);
    }
    const tag = `<${name}${attributes === "" ? ownAttribute : style.attributes(attributes, ownAttribute)}`;
    this.#open(indent);
    this.#pieces.add(elements.length > 0 ? `${tag}>` : style.hasEndTags ? `${tag}></${name}>` : `${tag}/>`);
    if (elements.length === 0) return;
    const inner = style.isPretty ? `${indent}  ` : "";
    for (const child of elements) this.#property(child, inner);
    this.#close(name, indent);
  }

  #property({ property, value, companion }: PresentProperty, indent: string): void {
    if (property.element.max <= 1 && isOne(value) && isOne(companion)) return this.#item(property, value, companion, indent);
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
      this.#pieces.add(this.#div(value, property));
    } else if (property.isPrimitive) {
      if (companion !== undefined && !(companion instanceof JsonObject)) throw unknown(`_${name} that is no object`);
      // Reading would give an empty object for the first, and nothing for the second.
      if (companion === undefined ? value === undefined : value !== undefined && companion.names.length === 0) {
        throw unknown(`${property.element.path} with nothing in it, or with an empty companion`);
      }
      const attribute = value === undefined ? "" : ` value="${this.#attribute(value, property)}"`;
      this.#object(name, companion, this.#definitions.definitionOf("Element"), indent, attribute);
    } else if (!(value instanceof JsonObject) || companion !== undefined) {
      throw unknown(`${property.element.path} that is no object`);
    } else if (property.isResource) {
      this.#open(indent);
      this.#pieces.add(`<${name}>`);
      this.#resource(value, this.#style.isPretty ? `${indent}  ` : "");
      this.#close(name, indent);
    } else {
      this.#object(name, value, property.content, indent);
    }
  }

  #open(indent: string): void {
    if (this.#style.isPretty) this.#pieces.add(`\n${indent}`);
  }

  #close(name: string, indent: string): void {
    this.#pieces.add(this.#style.isPretty ? `\n${indent}</${name}>` : `</${name}>`);
  }

  #attribute(value: JsonValue | undefined, property: PropertyDefinition): string {
    const text = value instanceof JsonNumber ? value.text : typeof value === "boolean" ? String(value) : value;
    // A string where R4 has a number or boolean, or the other way round, would come back as the other.
    const read = typeof text === "string" ? primitiveValue(text, property.type) : undefined;
    if (typeof text !== "string" || typeof read !== typeof value) throw unknown(`${property.element.path} that is no ${property.type}`);
    checkCharacters(text, property);
    return this.#style.escape(text);
  }

  #div(value: JsonValue | undefined, property: PropertyDefinition): string {
    if (typeof value !== "string") throw unknown(`${property.element.path} that is no string`);
    checkCharacters(value, property);
    const div = this.#style.div(value);
    if (div === undefined) {
      throw new AppError(
        "not-acceptable",
        "The resource cannot be written as XML: a narrative in it is not one well-formed div element of XHTML, or has a carriage return within a tag.",
      );
    }
    return div;
  }
}

interface PresentProperty {
  readonly property: PropertyDefinition;
  value: JsonValue | undefined;
  /** What stands at `_name`. */
  companion: JsonValue | undefined;
}

const NOTHING: readonly PresentProperty[] = [];

function propertiesInOrder(object: JsonObject, definition: TypeDefinition): readonly PresentProperty[] {
  const present: PresentProperty[] = [];
  const { names, values } = object;
  let [isInOrder, last] = [true, -1];
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    if (name === "resourceType" && definition.kind === "resource") continue;
    const isCompanion = name.startsWith("_");
    const property = definition.properties.get(isCompanion ? name.slice(1) : name);
    if (property === undefined || (isCompanion && !property.hasCompanion)) throw unknown(`the property ${name} in ${definition.name}`);
    // As many as R4 defines, at most.
    let entry = property.hasCompanion ? present.find((other) => other.property === property) : undefined;
    if (entry === undefined) present.push((entry = { property, value: undefined, companion: undefined }));
    if (isCompanion) entry.companion = values[at];
    else entry.value = values[at];
    isInOrder &&= property.element.order > last;
    last = property.element.order;
  }
  if (isInOrder) return present;
  return present.sort((a, b) => a.property.element.order - b.property.element.order || (a.property.name < b.property.name ? -1 : 1));
}

/** Neither several nor null. */
function isOne(value: JsonValue | undefined): boolean {
  return value !== null && !(value instanceof JsonArray);
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

function checkCharacters(value: string, property: PropertyDefinition): void {
  const found = PERHAPS_NOT_IN_XML.test(value) ? NOT_IN_XML.exec(value) : null;
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
