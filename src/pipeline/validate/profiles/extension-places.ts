import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { Definitions, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { namedCoreType } from "../../../core/fhir/r4/held-profiles.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { isAtHome } from "../resources/extension-rules.ts";
import { shown } from "../shown.ts";
import { placeAt } from "./place-at.ts";

/** What an extension stands in. */
export interface ExtensionHome {
  readonly object: JsonObject;
  /** The property that the object is the value of, or beside the value of; undefined for a resource. */
  readonly property: PropertyDefinition | undefined;
  /** The names of elements that lead to it, from the innermost resource: `Patient.name.family`. */
  readonly path: string;
  readonly place: Place;
}

/**
 * Whether an extension that a package defines stands where it is defined to, under its plain url, and as a modifier if it is one (R4 defining-extensions.html, Context; extensibility.html).
 * Contexts that are a FHIRPath, a slice or an element of a profile are not asked, nor is `contextInvariant`.
 */
export function checkExtensionPlace(
  definition: StructureDefinition,
  extension: JsonObject,
  steps: readonly (string | number)[],
  home: ExtensionHome,
  findings: Findings,
  definitions: Definitions,
): void {
  const { url, context = [], snapshot } = definition;
  const at = placeAt(steps).expression();
  const offset = extension.offsetOf("url");
  if (extension.string("url") !== url)
    findings.add({ rule: "extension-url", text: `The url of an extension has no version: write ${shown(url)}.`, expression: `${at}.url`, offset });
  const isModifier = snapshot?.element[0]?.isModifier === true;
  if (isModifier !== steps.includes("modifierExtension", steps.length - 2)) {
    const text = isModifier
      ? "changes the meaning of what it stands in, so it is a modifierExtension"
      : "changes no meaning, so it is an extension, no modifierExtension";
    findings.add({ rule: "extension-modifier", text: `${shown(url)} ${text}.`, expression: at, offset });
  }
  if (context.length === 0 || context.some((one) => isOf(one, home, definitions))) return;
  const places = context.map(({ expression }) => shown(expression)).slice(0, MOST_NAMED);
  const more = context.length > MOST_NAMED ? ` and ${context.length - MOST_NAMED} more` : "";
  const text = `${shown(url)} is defined for ${places.join(", ")}${more}, not for ${home.property?.element.path ?? home.path}.`;
  findings.add({ rule: "extension-context", text, expression: home.place.expression(), offset: extension.offset });
}

/** Of how many contexts one line tells. */
const MOST_NAMED = 20;

function isOf(
  { type, expression }: NonNullable<StructureDefinition["context"]>[number],
  { object, property, path }: ExtensionHome,
  definitions: Definitions,
): boolean {
  if (type === "extension") {
    const url = property?.type === "Extension" ? object.string("url") : "";
    // Of a part the definition that it is a part of is not known here.
    return url === expression || (url !== undefined && url !== "" && !isAbsoluteUrl(url));
  }
  if (type !== "element") return true;
  const [canonical = "", id] = expression.split("#");
  if (id !== undefined && namedCoreType(canonical) === undefined) return true;
  const place = (id ?? expression).replaceAll("[x]", "");
  // R4's own extensions that are for any element are taken on resources, too; what R4 has no type of (CanonicalResource) nobody can tell.
  if (place === "Element" || place === "*" || place.includes(":") || definitions.definitionOf(place.split(".", 1)[0] ?? "") === undefined)
    return true;
  const own = property?.type ?? path;
  return place === path || place === choiceOf(property) || isAtHome({ contexts: new Set([place]) }, property, own, definitions);
}

/** `Observation.valueQuantity` */
function choiceOf(property: PropertyDefinition | undefined): string | undefined {
  if (property?.element.isChoice !== true) return undefined;
  const { path } = property.element;
  return `${path.slice(0, path.lastIndexOf(".") + 1)}${property.name}`;
}
