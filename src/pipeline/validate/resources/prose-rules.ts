import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";
import { parseFhirPath } from "../../../core/fhir/fhirpath/parser.ts";
import { FhirPathSyntaxError } from "../../../core/fhir/fhirpath/errors.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import { checkBundle } from "./bundle.ts";
import { checkCodeSystem } from "./code-system.ts";
import { checkResponse } from "./questionnaire-response.ts";
import { checkDifferential } from "./differential-rules.ts";

type ResourceRule = (resource: JsonObject, place: Place, findings: Findings, definitions: Definitions) => void;

/** Rules about one resource that R4 states in prose, by type of resource. */
const RESOURCE_RULES: Readonly<Record<string, ResourceRule>> = {
  Bundle: checkBundle,
  CodeSystem: checkCodeSystem,
  Questionnaire: enableWhen,
  QuestionnaireResponse: checkResponse,
  SearchParameter: searchParameter,
  StructureDefinition: checkDifferential,
  ValueSet: includedSystems,
};

/** Asks the rules of the resource's own type. `place` is that of the resource. */
export function checkProse(resource: JsonObject, place: Place, findings: Findings, definitions: Definitions): void {
  const type = resource.string("resourceType") ?? "";
  if (Object.hasOwn(RESOURCE_RULES, type)) RESOURCE_RULES[type]?.(resource, place, findings, definitions);
}

/** SearchParameter.component (R4 searchparameter.html): "used to define the parts of a composite search parameter"; one part is no composite. */
function searchParameter(parameter: JsonObject, place: Place, findings: Findings): void {
  checkExpression(parameter, place, findings);
  if (parameter.string("type") !== "composite" || parameter.objects("component").length >= 2) return;
  const text = "A composite SearchParameter has two components or more: add them, or give it the type of its one part.";
  findings.add({ rule: "composite-components", text, expression: place.expression(), offset: parameter.offset });
}

/** SearchParameter.expression is FHIRPath, by its grammar. It is not compiled: a hostile sender has many, and long ones. */
function checkExpression(parameter: JsonObject, place: Place, findings: Findings): void {
  const expression = parameter.string("expression");
  if (expression === undefined || expression.length > LONGEST_EXPRESSION) return;
  try {
    parseFhirPath(expression);
  } catch (error) {
    if (!(error instanceof FhirPathSyntaxError)) throw error;
    const text = `The expression is no FHIRPath: ${shown(error.message, 200)}`;
    findings.add({ rule: "search-expression", text, expression: `${place.expression()}.expression`, offset: parameter.offsetOf("expression") });
  }
}

const LONGEST_EXPRESSION = 10_000;

/** ValueSet.compose.include.system is the absolute address of a code system, without a version; a contained one may be named by its fragment. */
function includedSystems(valueSet: JsonObject, place: Place, findings: Findings): void {
  for (const part of ["include", "exclude"])
    valueSet
      .object("compose")
      ?.objects(part)
      .forEach((include, at) => {
        const system = include.string("system");
        if (system === undefined || system === "" || system.startsWith("#") || (isAbsoluteUrl(system) && !system.includes("|"))) return;
        const text = `The system of what a ValueSet takes in is the absolute address of a code system, and its version stands apart: not ${shown(system)}.`;
        findings.add({ rule: "include-system", text, expression: `${place.expression()}.compose.${part}[${at}]`, offset: include.offset });
      });
}

interface Item {
  readonly item: JsonObject;
  readonly expression: string;
  readonly linkId: string | undefined;
  /** The items from `number` up to this one lie within it. */
  end: number;
  readonly number: number;
}

/** Questionnaire.item.enableWhen (R4 questionnaire.html): its question is an item of the same Questionnaire, and not one within the item that waits for the answer. */
function enableWhen(questionnaire: JsonObject, place: Place, findings: Findings): void {
  const items: Item[] = [];
  collect(questionnaire, place.expression(), items);
  const byLinkId = new Map(items.map((item) => [item.linkId, item]));
  for (const { item, expression, number, end } of items) {
    item.objects("enableWhen").forEach((condition) => {
      const question = condition.string("question");
      const target = question === undefined ? undefined : byLinkId.get(question);
      if (question === undefined) return;
      if (target === undefined) {
        const text = `enableWhen asks for the item ${shown(question)}, which this Questionnaire has not: mend its question.`;
        findings.add({ rule: "enable-when-unknown", text, expression, offset: condition.offset });
      } else if (target.number >= number && target.number < end) {
        const text = `The item waits for the answer to ${shown(question)}, which lies within it and can't be answered before: ask for another.`;
        findings.add({ rule: "enable-when-within", text, expression, offset: condition.offset });
      }
    });
  }
}

/** All items, outer before inner; how deep they nest is bounded by the reader. */
function collect(parent: JsonObject, path: string, items: Item[]): void {
  parent.objects("item").forEach((item, at) => {
    const entry: Item = { item, expression: `${path}.item[${at}]`, linkId: item.string("linkId"), number: items.length, end: 0 };
    items.push(entry);
    collect(item, entry.expression, items);
    entry.end = items.length;
  });
}
