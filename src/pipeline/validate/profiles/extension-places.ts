import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { namedCoreType } from "../../../core/fhir/r4/held-profiles.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { isAtHome } from "../resources/extension-rules.ts";
import { shown } from "../shown.ts";
import type { ExtensionContexts } from "./extension-contexts.ts";
import type { OtherProfile } from "./other-profiles.ts";
import { placeAt } from "./place-at.ts";

/** What an extension stands in. */
export interface ExtensionHome {
  readonly object: JsonObject;
  /** The property that the object is the value of, or beside the value of; undefined for a resource. */
  readonly property: PropertyDefinition | undefined;
  /** The names of elements that lead to it, from the innermost resource: `Patient.name.family`. */
  readonly path: string;
  /** The same with indexes, without the resource's type. */
  readonly way: readonly (string | number)[];
  readonly place: Place;
  /** The resources that it stands in, from the root; itself the last, if it is one. */
  readonly within: readonly JsonObject[];
}

/**
 * Whether an extension that a package defines stands where it is defined to, under its plain url, and as a modifier if it is one (R4 defining-extensions.html, Context; extensibility.html).
 * Contexts that are a slice or an element of a profile are not asked, nor is `contextInvariant` of what stands beside a primitive.
 */
export function checkExtensionPlace(
  definition: OtherProfile,
  extension: JsonObject,
  steps: readonly (string | number)[],
  home: ExtensionHome,
  findings: Findings,
  contexts: ExtensionContexts,
): void {
  const { url, context = [], contextInvariant = [], snapshot } = definition.held.resource;
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
  const innermost = home.within.at(-1) ?? home.object;
  for (const invariant of contextInvariant)
    if (contexts.holds(invariant, definition, home.object, home.property, innermost) === false) {
      const text = `${shown(url)} may stand only where this is so: ${shown(invariant)}.`;
      findings.add({ rule: "extension-context", text, expression: home.place.expression(), offset: extension.offset });
    }
  if (context.length === 0 || context.some((one) => isOf(one, definition, home, contexts))) return;
  const places = context.map(({ expression }) => shown(expression)).slice(0, MOST_NAMED);
  const more = context.length > MOST_NAMED ? ` and ${context.length - MOST_NAMED} more` : "";
  const text = `${shown(url)} is defined for ${places.join(", ")}${more}, not for ${home.property?.element.path ?? home.path}.`;
  findings.add({ rule: "extension-context", text, expression: home.place.expression(), offset: extension.offset });
}

/** Of how many contexts one line tells. */
const MOST_NAMED = 20;

function isOf(
  { type, expression }: NonNullable<StructureDefinition["context"]>[number],
  definition: OtherProfile,
  home: ExtensionHome,
  contexts: ExtensionContexts,
): boolean {
  const { definitions } = contexts;
  const { object, property, path, within } = home;
  if (type === "extension") {
    const isValue = property?.element.path === "Extension.value";
    const url = property?.type === "Extension" ? object.string("url") : isValue ? urlAround(home) : "";
    // Of a part the definition that it is a part of is not known here.
    return url === expression || (url !== "" && (url === undefined ? isValue : !isAbsoluteUrl(url)));
  }
  if (type === "fhirpath") return contexts.finds(expression, definition, object, within) !== false;
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

/** The url of the extension whose value it stands in; undefined where the way there can't be told. */
function urlAround({ way, within }: ExtensionHome): string | undefined {
  let at: JsonValue | undefined = within.at(-1);
  for (const step of way.slice(0, -1)) {
    if (typeof step === "number") at = at instanceof JsonArray ? at.items[step] : undefined;
    else if (at instanceof JsonObject) {
      const own = at.get(step);
      at = own instanceof JsonObject || own instanceof JsonArray ? own : at.get(`_${step}`);
    } else return undefined;
  }
  return at instanceof JsonObject ? at.string("url") : undefined;
}

/** `Observation.valueQuantity` */
function choiceOf(property: PropertyDefinition | undefined): string | undefined {
  if (property?.element.isChoice !== true) return undefined;
  const { path } = property.element;
  return `${path.slice(0, path.lastIndexOf(".") + 1)}${property.name}`;
}
