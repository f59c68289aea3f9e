import type { PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { isUcumCode, meantUnit } from "../../../core/fhir/ucum-codes.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

const UCUM = "http://unitsofmeasure.org";

/** Codings, Quantities and what is derived from them (Age, Duration …). */
export function mayBeUnit({ type, content }: PropertyDefinition): boolean {
  return type === "Coding" || content?.properties.has("unit") === true;
}

/** A code of UCUM is one by its grammar and its units (R4 datatypes.html, Quantity; terminologies-systems.html, UCUM). */
export function checkUnit(object: JsonObject, place: Place, findings: Findings): void {
  const code = object.string("code");
  if (code === undefined || code === "" || object.string("system") !== UCUM || isUcumCode(code)) return;
  const meant = meantUnit(code);
  const change = meant === undefined ? "use one of its codes, or for what is counted a word of ASCII in braces ({tablet})" : `write ${meant}`;
  place.enter("code");
  const text = `"${shown(code, 80)}" is no unit of UCUM: ${change}.`;
  findings.add({ rule: "unit-unknown", text, expression: place.expression(), offset: object.offsetOf("code") });
  place.leave();
}
