/** What code systems that are held call their codes. A part of the composition root. */
import type { Displays } from "../core/fhir/r4/displays.ts";
import type { Terms } from "../core/fhir/terminology/terms.ts";
import type { CodeNames } from "../pipeline/render/generated/render-context.ts";

/** @param terms of the packages that are loaded, which ask nobody; undefined where none is */
export function codeNamesOf(displays: Displays, terms?: Pick<Terms, "code">): CodeNames {
  return (system, code) => displays.of(system, code)[0] ?? terms?.code({ system, code }).display;
}
