import type { PropertyDefinition, TypeDefinition } from "../r4/definitions.ts";
import type { XmlAttribute } from "./xml-events.ts";

/** What to write instead of an attribute that FHIR has not there. @param definition that of the element it stands on @param property what the element has under that name */
export function insteadOf({ uri, local }: XmlAttribute, definition: TypeDefinition | undefined, property: PropertyDefinition | undefined): string {
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
