/** What senders are told of attributes where FHIR has elements, and the other way round (R4 xml.html). */
import type { PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import type { XmlAttribute } from "./xml-events.ts";

/** Of an element that is an attribute in XML. */
export function asElement(name: string): string {
  return `'${name}' is an attribute in XML, no element: write ${name}="…" into the start tag around it.`;
}

/** Of an attribute that FHIR has not there. @param on what it stands on @param property what that has under its name */
export function asAttribute(
  attribute: XmlAttribute,
  on: { readonly name: string; readonly definition?: TypeDefinition | undefined },
  property: PropertyDefinition | undefined,
): string {
  return `FHIR has no attribute '${attribute.name}' on '${on.name}': ${insteadOf(attribute, on.definition, property)}.`;
}

function insteadOf({ uri, local }: XmlAttribute, definition: TypeDefinition | undefined, property: PropertyDefinition | undefined): string {
  if (property?.isPrimitive === true) return `write it as an element within, <${local} value="…"/>`;
  if (property !== undefined) return `write it as an element within, <${local}>`;
  const elements = [...(definition?.properties.values() ?? [])]
    .filter(({ element, type }) => !element.isAttribute && type !== "Extension")
    .map(({ name }) => name);
  const isValue = uri === "" && local === "value" && elements.length > 0;
  return isValue
    ? `it holds elements, no value of its own: write ${elements.slice(0, 8).join(", ")}${elements.length > 8 ? ", …" : ""}`
    : "take it away";
}
