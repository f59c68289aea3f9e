import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** R4 extensibility.html: a modifierExtension may change the meaning of what it stands in. Storing is not processing, so it is a warning here, and one to readers. */
export function checkModifierExtension(extension: JsonObject, place: Place, offset: number, findings: Findings): void {
  const url = shown(extension.string("url") ?? "without a url");
  const text = `The modifierExtension ${url} is not known here; it may change the meaning of what it stands in. Readers are warned wherever the document is shown.`;
  findings.add({ rule: "modifier-extension-unknown", text, expression: place.expression(), offset });
}
