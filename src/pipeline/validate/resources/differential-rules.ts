import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Definitions, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Findings, PlainRuleId } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** The types that a binding can bear upon (R4 elementdefinition.html, binding; terminologies.html). */
const BINDABLE: ReadonlySet<string> = new Set(
  "code Coding CodeableConcept Quantity string uri url canonical oid uuid id markdown Extension".split(" "),
);

/** The differential of a profile (R4 structuredefinition.html, profiling.html): its paths are those of the type it constrains, the root is not sliced, and bindings are for codes. */
export function checkDifferential(definition: JsonObject, place: Place, findings: Findings, { definitionOf }: Definitions): void {
  const type = definitionOf(definition.string("type") ?? "");
  const isProfile = definition.string("derivation") === "constraint" && type !== undefined;
  const elements = definition.object("differential")?.objects("element") ?? [];
  const broken = new Set<PlainRuleId>();
  elements.forEach((element, at) => {
    const report = (rule: PlainRuleId, text: string): void => {
      findings.add({ rule, text, expression: `${place.expression()}.differential.element[${at}]`, offset: element.offset });
      broken.add(rule);
    };
    const path = element.string("path") ?? "";
    if (element.has("slicing") && path !== "" && !path.includes("."))
      report("differential-root-sliced", "The root of a profile is not sliced: remove its slicing.");
    if (isProfile && path !== "" && !leadsSomewhere(path, type))
      report("differential-path", `${shown(path)} is no path in ${type.name}: name an element that it has (a choice as value[x]).`);
    const types = element.objects("type").map((one) => one.string("code") ?? "");
    if (element.has("binding") && types.length > 0 && types.every((code) => definitionOf(code) !== undefined && !BINDABLE.has(code)))
      report("differential-binding", `A binding is for codes; ${types.map((code) => shown(code)).join(", ")} has none: remove it.`);
  });
  // Said of the whole as well, for those who only use the profile: it is not the element alone that can't be trusted.
  if (broken.has("differential-path") || broken.has("differential-root-sliced"))
    findings.add({
      rule: "differential-unusable",
      text: "No snapshot can be made of this differential: mend its elements.",
      expression: place.expression(),
      offset: definition.offset,
    });
}

/** Whether a path of element names leads through the type's definition. What lies below a choice or any resource is not looked into: its type is not known here. */
function leadsSomewhere(path: string, root: TypeDefinition): boolean {
  const [first, ...steps] = path.split(".");
  if (first !== root.name) return false;
  let content: TypeDefinition = root;
  for (const step of steps) {
    const inner = within(content, step);
    if (inner === undefined) return false;
    if (inner === ANYTHING || inner.kind === "resource") return true;
    content = inner;
  }
  return true;
}

/** A choice, or a primitive: what lies below is not looked into. */
const ANYTHING = "anything";

/** What lies within the element that a step of a path names; undefined when there is no such element. */
function within(content: TypeDefinition, step: string): TypeDefinition | typeof ANYTHING | undefined {
  const named = content.properties.get(step);
  if (named) return named.content ?? ANYTHING;
  return content.elements.some((element) => element.isChoice && step === `${element.name}[x]`) ? ANYTHING : undefined;
}
