/** What code systems that are held call their codes. A part of the composition root. */
import type { ProfileSet, ProfileSets } from "../core/fhir/conformance/conformance.ts";
import type { Displays } from "../core/fhir/r4/displays.ts";
import { createTerms } from "../core/fhir/terminology/create-terms.ts";
import type { Terms } from "../core/fhir/terminology/terms.ts";
import type { CodeNames } from "../pipeline/render/generated/render-context.ts";

/**
 * @param sets packages that are loaded, those of today; undefined: R4 alone. Nobody elsewhere is asked: what a terminology server said of a code counts for a judgement, and is not written upon pages
 * @param today the day, `2024-12-24`
 */
export function codeNamesOf(displays: Displays, sets?: ProfileSets, today = () => new Date().toISOString().slice(0, 10)): CodeNames {
  const made = new WeakMap<ProfileSet, Terms>();
  const termsToday = (): Terms | undefined => {
    const set = sets?.on(today());
    if (!set) return undefined;
    const terms = made.get(set) ?? createTerms({ conformance: set.conformance });
    made.set(set, terms);
    return terms;
  };
  return (system, code) => displays.of(system, code)[0] ?? termsToday()?.code({ system, code }).display;
}
