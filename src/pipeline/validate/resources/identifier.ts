import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";

/** An Identifier whose system says that its value is a URI, and one whose value is one while the system says something else (R4 datatypes.html, Identifier). */
export function checkIdentifier(identifier: JsonObject, place: Place, offset: number, findings: Findings): void {
  const value = identifier.string("value");
  if (value === undefined) return;
  const isOfUris = identifier.string("system") === "urn:ietf:rfc:3986";
  if (isOfUris && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(value))
    findings.add({
      rule: "identifier-not-a-uri",
      text: "The system urn:ietf:rfc:3986 says that the value is a URI: write it with its scheme (urn:uuid:…, urn:oid:…).",
      expression: place.expression(),
      offset,
    });
  else if (identifier.string("system") === UUID_RFC && !UUID.test(value))
    findings.add({
      rule: "identifier-not-a-uuid",
      text: `The system ${UUID_RFC} says that the value is a UUID: mend either.`,
      expression: place.expression(),
      offset,
    });
  else if (!isOfUris && /^urn:(?:uuid|oid):/i.test(value))
    findings.add({
      rule: "identifier-system",
      text: "A value that is a globally unique URI has the system urn:ietf:rfc:3986 (R4 datatypes, Identifier).",
      expression: place.expression(),
      offset,
    });
}

const UUID_RFC = "https://tools.ietf.org/html/rfc4122";
const UUID = /^(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
