import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { ExtensionContent, ExtensionDefinition } from "../../../core/fhir/r4/extensions.ts";
import type { Knowledge } from "../../../core/fhir/r4/knowledge.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";
import { checkCodeAt } from "../terminology/code-rules.ts";

/**
 * Extensions of an object (R4 extensibility.html): their urls, and R4's own extensions used where and as they are defined. One whose definition is not held is accepted, as R4 asks of a
 * receiver. They are judged from the object that they stand in, whose path and type are their context.
 * @param property that of the object, or of the primitive that it stands beside; undefined for a resource
 */
export function checkExtensions(
  object: JsonObject,
  property: PropertyDefinition | undefined,
  place: Place,
  findings: Findings,
  knowledge: Knowledge,
): void {
  const type = property?.type ?? object.string("resourceType") ?? "";
  const report = reporter(findings);
  const isExtension = property?.type === "Extension";
  for (const name of ["extension", "modifierExtension"]) {
    for (const [index, extension] of object.objects(name).entries()) {
      const url = extension.string("url");
      if (url === undefined || url === "") continue; // element-missing
      const [plain = ""] = url.split("|", 1);
      const definition = knowledge.extensions.extensionDefinition(plain);
      const isMisnamed = !isExtension && !isAbsoluteUrl(url);
      if (!definition && !isMisnamed) continue; // places are named only when they may be needed
      place.enter(name);
      place.enter(index);
      const at = place.expression();
      place.leave();
      place.leave();
      const offset = extension.offsetOf("url");
      if (isMisnamed)
        report("extension-url", `The url of an extension is absolute: ${shown(url)} names no definition that could be found.`, at, offset);
      if (!definition) continue;
      if (plain !== url) report("extension-url", `The url of an extension has no version: write ${plain}.`, `${at}.url`, offset);
      if (definition.isModifier !== (name === "modifierExtension"))
        report(
          "extension-modifier",
          `${plain} ${definition.isModifier ? "changes the meaning of what it stands in, so it is a modifierExtension" : "changes no meaning, so it is an extension, no modifierExtension"}.`,
          at,
          offset,
        );
      if (!isAtHome(definition, property, type, knowledge.definitions))
        report(
          "extension-context",
          `${plain} is defined for ${[...(definition.contexts ?? [])].join(", ")}, not for ${property?.element.path ?? type}.`,
          place.expression(),
          extension.offset,
        );
      checkDefined(extension, definition, at, findings, knowledge);
    }
  }
}

/** ext-1: a value or extensions, never both. */
export function checkExtension(extension: JsonObject, place: Place, findings: Findings): void {
  const hasValue = valueName(extension) !== undefined;
  if (hasValue === extension.has("extension") && extension.names.length > 0)
    findings.add({
      rule: "ext-1",
      text: hasValue ? "An extension has a value or extensions of its own, not both." : "An extension has a value or extensions of its own: add one.",
      expression: place.expression(),
      offset: extension.offset,
    });
}

/** An extension, or a part of one, against its definition. */
function checkDefined(extension: JsonObject, definition: ExtensionContent, at: string, findings: Findings, knowledge: Knowledge): void {
  const report = reporter(findings);
  const name = valueName(extension);
  const type = name === undefined ? undefined : typeOfValue(name, knowledge.definitions);
  if (name !== undefined && type !== undefined && !definition.types.some(({ code }) => code === type)) {
    const types = definition.types.map(({ code }) => code);
    const text =
      types.length === 0
        ? `This extension has parts, no value: send extensions within it whose urls are ${[...definition.parts.keys()].join(", ")} instead of ${name}.`
        : `The value of this extension is of type ${types.join(" or ")}, not ${type}: send ${types.map(valueNameOf).join(" or ")} instead of ${name}.`;
    report("extension-value", text, at, extension.offsetOf(name));
  } else if (name !== undefined && type === "code") {
    const code = extension.string(name);
    if (code !== undefined) checkCodeAt(code, definition.bindings, () => `${at}.value`, extension.offsetOf(name), findings, knowledge.terminology);
  }
  const counts = new Map<string, number>();
  for (const [index, inner] of extension.objects("extension").entries()) {
    const url = inner.string("url") ?? "";
    const part = definition.parts.get(url);
    const place = `${at}.extension[${index}]`;
    counts.set(url, (counts.get(url) ?? 0) + 1);
    if (part) checkDefined(inner, part, place, findings, knowledge);
    else if (!isAbsoluteUrl(url)) report("extension-part", `The extension has no part "${shown(url)}".`, place, inner.offset);
  }
  if (name !== undefined) return;
  for (const [url, { min, max }] of definition.parts) {
    const count = counts.get(url) ?? 0;
    if (count < min) report("extension-part", `The extension lacks its part "${url}": add it.`, at, extension.offset);
    if (count > max)
      report(
        "extension-part",
        `The part "${url}" may stand in the extension ${max === 1 ? "once" : `${max} times`}, not ${count} times.`,
        at,
        extension.offset,
      );
  }
}

function reporter(findings: Findings): (rule: PlainRuleId, text: string, expression: string, offset: number) => void {
  return (rule, text, expression, offset) => {
    findings.add({ rule, text, expression, offset });
  };
}

/** `valueString` */
function valueNameOf(type: string): string {
  return `value${type.charAt(0).toUpperCase()}${type.slice(1)}`;
}

function valueName(extension: JsonObject): string | undefined {
  const name = extension.names.find((candidate) => candidate.startsWith("value") || candidate.startsWith("_value"));
  return name?.startsWith("_") === true ? name.slice(1) : name;
}

function typeOfValue(name: string, { definitionOf }: Definitions): string | undefined {
  return definitionOf("Extension")?.properties.get(name)?.type;
}

/** Whether one of the definition's contexts is the path, the type or an ancestor of the type of what the extension stands in. */
export function isAtHome(
  { contexts }: Pick<ExtensionDefinition, "contexts">,
  property: PropertyDefinition | undefined,
  type: string,
  { definitionOf }: Definitions,
): boolean {
  if (!contexts) return true;
  if (property && (contexts.has(property.element.path) || contexts.has(property.content?.name ?? ""))) return true;
  for (const name of withAncestors(type, definitionOf)) if (contexts.has(name)) return true;
  const [owner = "", ...rest] = property?.element.path.split(".") ?? [];
  // An element that is inherited is named by whoever defines it, too: DomainResource.text.
  for (const name of withAncestors(owner, definitionOf)) if (contexts.has([name, ...rest].join("."))) return true;
  return false;
}

function* withAncestors(type: string, definitionOf: Definitions["definitionOf"]): Generator<string> {
  for (let definition: TypeDefinition | undefined = definitionOf(type); definition; definition = definitionOf(definition.base ?? ""))
    yield definition.name;
}
