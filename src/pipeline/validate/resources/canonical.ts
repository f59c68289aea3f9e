import type { Definitions, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** Whether a property is the canonical address of its resource (R4 metadatatypes.html and the definitions' `url`): resources that are published have one. */
export function isOwnCanonical({ type, element }: PropertyDefinition, { definitionOf }: Definitions): boolean {
  const [resource = "", name, ...more] = element.path.split(".");
  if (type !== "uri" || name !== "url" || more.length > 0) return false;
  const properties = definitionOf(resource)?.properties;
  return properties?.has("version") === true && properties.has("status") && properties.has("publisher");
}

/** A canonical that points to another resource (R4 references.html, Canonical URLs): absolute, or a fragment that leads to a contained resource. */
export function checkCanonical(text: string, place: Place, offset: number, findings: Findings): void {
  if (text.startsWith("#") || isAbsoluteUrl(text)) return;
  const what = `A canonical address is absolute, or a fragment: ${shown(text)} has no scheme.`;
  findings.add({ rule: "canonical-relative", text: what, expression: place.expression(), offset });
}

/** The resource's own: "an absolute URI … globally unique". */
export function checkOwnCanonical(text: string, place: Place, offset: number, findings: Findings): void {
  if (isAbsoluteUrl(text)) return;
  const what = `The canonical address of a resource is absolute: ${shown(text)} has no scheme.`;
  findings.add({ rule: "canonical-relative", text: what, expression: place.expression(), offset });
}
