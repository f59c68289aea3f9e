/** What code systems that are held call their codes. A part of the composition root. */
import type { Displays } from "../core/fhir/r4/displays.ts";
import type { Terms } from "../core/fhir/terminology/terms.ts";
import type { CodeNames } from "../pipeline/render/generated/render-context.ts";

/**
 * @param terms of the packages that are loaded (`codesNow`); undefined: R4 alone. Nobody elsewhere is asked: what a terminology server said of a code counts for a judgement, and is not written
 *   upon pages
 */
export function codeNamesOf(displays: Displays, terms?: Pick<Terms, "code">): CodeNames {
  return (system, code) => displays.of(system, code)[0] ?? terms?.code({ system, code }).display;
}
