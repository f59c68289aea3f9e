import type { Conformance } from "../../../core/fhir/conformance/conformance.ts";
import type { PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Terminology } from "../../../core/fhir/r4/terminology.ts";
import type { Terms } from "../../../core/fhir/terminology/terms.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** What says that a code can't be one of its system; undefined where it is one, or nobody here can tell. */
export type WhyUnknown = (system: string, version: string | undefined, code: string) => string | undefined;

/** The packages that are in force. */
interface Packages {
  readonly library: { readonly conformance: Conformance };
  readonly terms: Terms;
  readonly ignoredSystems: ReadonlySet<string>;
}

/**
 * By the code systems of packages: one that is complete has no other codes, whatever element they stand in and however firmly that is bound (R4 datatypes.html, Coding; codesystem.html, `content`). A
 * version that is not held may have others.
 */
export function byPackages({ library, terms, ignoredSystems }: Packages): WhyUnknown {
  return (system, version, code) => {
    if (ignoredSystems.has(system)) return undefined;
    const content = library.conformance.codeSystem(version === undefined ? system : `${system}|${version}`)?.resource.content;
    if (content !== "complete" || terms.code({ system, version, code }).membership !== "stranger") return undefined;
    return `The code system ${shown(system)} has no code "${shown(code, 80)}": mend the code or the system.`;
  };
}

/** A Coding or Quantity; those of systems that R4 itself holds are judged by R4 (terminology/code-rules.ts). */
export function checkCoding(
  coding: JsonObject,
  { type, content }: PropertyDefinition,
  place: Place,
  findings: Findings,
  terminology: Terminology,
  why: WhyUnknown,
): void {
  const [system, code] = [coding.string("system"), coding.string("code")];
  if (system === undefined || code === undefined || code === "" || terminology.codeSystem(system) !== undefined) return;
  if (type !== "Coding" && content?.properties.has("unit") !== true) return;
  const text = why(system, coding.string("version"), code);
  if (text === undefined) return;
  place.enter("code");
  findings.add({ rule: "code-unknown", text, expression: place.expression(), offset: coding.offsetOf("code") });
  place.leave();
}
