import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import type { Terminology } from "../../../core/fhir/r4/terminology.ts";
import { shown } from "../shown.ts";

/** Identifiers, Codings and Quantities: whatever says by its `system` what its value or code means. */
export function hasSystem({ type, content }: PropertyDefinition): boolean {
  return type === "Identifier" || type === "Coding" || content?.properties.has("unit") === true;
}

/**
 * A system is a URI that means the same everywhere (R4 datatypes.html, Identifier: "an absolute URI"; Coding: the URI of a code system, which "SHALL NOT contain a reference to a value set").
 * Of the codings of a CodeableConcept it is a warning, as in HL7's validator: another of them may say it rightly.
 */
export function checkSystem(
  object: JsonObject,
  { type, element }: PropertyDefinition,
  place: Place,
  offset: number,
  findings: Findings,
  terminology: Terminology,
): void {
  const system = object.string("system");
  if (system === undefined || system === "") return;
  const severity = element.path === "CodeableConcept.coding" ? "warning" : "error";
  if (!isAbsoluteUrl(system)) {
    const text = `A system is an absolute URI: ${shown(system)} has no scheme, and means nothing elsewhere (http:, urn:oid:, urn:uuid:).`;
    const told = { text, expression: place.expression(), offset };
    if (type === "Identifier") findings.add({ rule: "identifier-system-relative", ...told });
    else findings.add({ rule: "coding-system-relative", severity, ...told });
  } else if (type !== "Identifier" && VALUE_SET.test(system)) {
    const text = `${shown(system)} is a value set; a system is the code system that defines the code.`;
    findings.add({ rule: "coding-system-value-set", severity, text, expression: place.expression(), offset });
  } else if (type !== "Identifier" && OF_FHIR.test(system) && !terminology.isKnownSystem(system)) {
    const text = `R4 has no code system ${shown(system)}, and such an address is FHIR's own to give: ${insteadOf(system, terminology)}.`;
    findings.add({ rule: "coding-system-unknown", severity, text, expression: place.expression(), offset });
  }
}

/** Addresses of R4 itself, not those of the guides below it (http://hl7.org/fhir/us/core/…). */
const OF_FHIR = /^http:\/\/hl7\.org\/fhir\/(?:v[23]\/)?[^/]+$/;

/** Before R4 its code systems, and those of HL7's version 2 and 3, had other addresses. */
function insteadOf(system: string, terminology: Terminology): string {
  const name = system.slice("http://hl7.org/fhir/".length).replace(/^(v[23])\//, "$1-");
  const moved = `http://terminology.hl7.org/CodeSystem/${name}`;
  return terminology.isKnownSystem(moved)
    ? `write ${moved}`
    : "write the address of the code system that defines the code; one of your own has an address of your own";
}

const VALUE_SET = /^https?:\/\/(?:hl7\.org\/fhir|terminology\.hl7\.org)\/ValueSet\//;
