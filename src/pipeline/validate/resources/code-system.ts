import { JsonNumber, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** The property of a concept's property that holds its value, by the type that is declared for it (R4 codesystem.html, property.type). */
const VALUES: Readonly<Record<string, string>> = {
  code: "valueCode",
  Coding: "valueCoding",
  string: "valueString",
  integer: "valueInteger",
  boolean: "valueBoolean",
  dateTime: "valueDateTime",
  decimal: "valueDecimal",
};

/** What R4 says in prose of a CodeSystem (codesystem.html): its content, the number of its concepts, its properties. */
export function checkCodeSystem(system: JsonObject, place: Place, findings: Findings): void {
  const at = place.expression();
  const report = (rule: PlainRuleId, text: string, within: string, where: JsonObject): void => {
    findings.add({ rule, text, expression: within === "" ? at : `${at}.${within}`, offset: where.offset });
  };
  const content = system.string("content");
  const count = system.get("count");
  const codes = new Set<string>();
  const declared = checkProperties(system, report);
  const number = checkConcepts(system, "", codes, declared, report);
  if (content === "complete" && system.get("compositional") !== true && count instanceof JsonNumber && number > 0 && count.text !== String(number))
    report("code-system-count", `The code system is complete and has ${number} concepts, not ${shown(count.text, 20)}.`, "count", system);
  if (content === "not-present" && number > 0)
    report("code-system-content", "The content is said not to be present, but there are concepts: mend content.", "concept[0]", system);
  if ((content === "supplement") !== system.has("supplements"))
    report(
      "code-system-content",
      "A supplement names what it supplements, and nothing else does: content is supplement when, and only when, there is supplements.",
      "content",
      system,
    );
}

type Report = (rule: PlainRuleId, text: string, within: string, where: JsonObject) => void;

/** The declared properties of concepts: the type of each by its code. */
function checkProperties(system: JsonObject, report: Report): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  system.objects("property").forEach((property, index) => {
    const [code, uri] = [property.string("code"), property.string("uri")];
    if (code !== undefined && types.has(code))
      report("code-system-property", `A property ${shown(code)} is declared already.`, `property[${index}]`, property);
    if (code !== undefined) types.set(code, property.string("type") ?? "");
    if (uri !== undefined && uri !== "" && !isAbsoluteUrl(uri))
      report("code-system-property", `The uri of a property is absolute: ${shown(uri)} has no scheme.`, `property[${index}]`, property);
  });
  return types;
}

/** The number of concepts in a system or concept, at all depths. */
function checkConcepts(parent: JsonObject, path: string, codes: Set<string>, declared: ReadonlyMap<string, string>, report: Report): number {
  let number = 0;
  parent.objects("concept").forEach((concept, index) => {
    const at = `${path}concept[${index}]`;
    const code = concept.string("code");
    if (code !== undefined && codes.has(code)) report("code-repeated", `The code ${shown(code)} is defined already.`, at, concept);
    if (code !== undefined) codes.add(code);
    concept.objects("property").forEach((property, propertyIndex) => {
      const type = declared.get(property.string("code") ?? "");
      const value = property.names.find((name) => name.startsWith("value"));
      const expected = type === undefined || !Object.hasOwn(VALUES, type) ? undefined : VALUES[type];
      if (expected !== undefined && value !== undefined && value !== expected)
        report(
          "concept-property-type",
          `The property ${shown(property.string("code") ?? "")} is declared to be of type ${type}.`,
          `${at}.property[${propertyIndex}]`,
          property,
        );
    });
    number += 1 + checkConcepts(concept, `${at}.`, codes, declared, report);
  });
  return number;
}
