import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** Bundle.entry.fullUrl: "The Absolute URL for the resource". */
export function checkFullUrl(entry: JsonObject, place: Place, findings: Findings): void {
  const url = entry.string("fullUrl");
  if (url === undefined || url === "" || isAbsoluteUrl(url)) return;
  const text = `A fullUrl is absolute: ${shown(url)} has no scheme (https:, urn:uuid:, urn:oid:).`;
  findings.add("error", "invalid", "full-url-relative", text, place.expression(), entry.offsetOf("fullUrl"));
}
