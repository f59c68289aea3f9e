import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";
import { checkDifferential } from "./differential-rules.ts";

type ResourceRule = (resource: JsonObject, place: Place, findings: Findings) => void;

/** Rules about one resource that R4 states in prose, by type of resource. */
const RESOURCE_RULES: Readonly<Record<string, ResourceRule>> = {
  Bundle: linkRelations,
  Questionnaire: enableWhen,
  SearchParameter: components,
  StructureDefinition: checkDifferential,
};

/** Asks the rules of the resource's own type. `place` is that of the resource. */
export function checkProse(resource: JsonObject, place: Place, findings: Findings): void {
  const type = resource.string("resourceType") ?? "";
  if (Object.hasOwn(RESOURCE_RULES, type)) RESOURCE_RULES[type]?.(resource, place, findings);
}

/** Canonical addresses (R4 references.html): absolute, or a fragment that leads to a contained resource. */
export function checkCanonical(text: string, place: Place, offset: number, findings: Findings): void {
  if (text.startsWith("#") || isAbsoluteUrl(text)) return;
  const what = `A canonical address is absolute, or a fragment: ${shown(text)} has no scheme.`;
  findings.add("error", "invalid", "canonical-relative", what, place.expression(), offset);
}

/** Links that lead to one place (RFC 8288 names that R4 http.html uses for paging): each once. */
const SINGLE_RELATIONS: ReadonlySet<string> = new Set(["self", "first", "previous", "prev", "next", "last"]);

function linkRelations(bundle: JsonObject, place: Place, findings: Findings): void {
  const seen = new Set<string>();
  bundle.objects("link").forEach((link, at) => {
    const relation = link.string("relation");
    if (relation === undefined || !SINGLE_RELATIONS.has(relation)) return;
    if (seen.has(relation))
      findings.add(
        "error",
        "invalid",
        "link-repeated",
        `A Bundle has one link ${relation}: remove this one.`,
        `${place.expression()}.link[${at}]`,
        link.offset,
      );
    seen.add(relation);
  });
}

/** SearchParameter.component (R4 searchparameter.html): "used to define the parts of a composite search parameter"; one part is no composite. */
function components(parameter: JsonObject, place: Place, findings: Findings): void {
  if (parameter.string("type") !== "composite" || parameter.objects("component").length >= 2) return;
  const text = "A composite SearchParameter has two components or more: add them, or give it the type of its one part.";
  findings.add("error", "business-rule", "composite-components", text, place.expression(), parameter.offset);
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
    item.objects("enableWhen").forEach((condition, at) => {
      const question = condition.string("question");
      const target = question === undefined ? undefined : byLinkId.get(question);
      if (question === undefined) return;
      if (target === undefined) {
        const text = `enableWhen asks for the item ${shown(question)}, which this Questionnaire has not: mend its question.`;
        findings.add("error", "business-rule", "enable-when-unknown", text, `${expression}.enableWhen[${at}]`, condition.offset);
      } else if (target.number >= number && target.number < end) {
        const text = `The item waits for the answer to ${shown(question)}, which lies within it and can't be answered before: ask for another.`;
        findings.add("error", "business-rule", "enable-when-within", text, expression, condition.offset);
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
