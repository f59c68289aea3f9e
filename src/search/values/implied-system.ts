import type { TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import type { Knowledge } from "../../core/fhir/r4/knowledge.ts";

/** `Patient.gender`, `Composition.section.mode`: nothing but steps. */
const PLAIN_PATH = /^[A-Z]\w*(?:\.\w+)+$/;

/**
 * The code system of an element of type code, which says none itself: that of its required value set, where there is one alone (R4 search.html, token). Undefined for any other element.
 *
 * @param expression the parameter's, upon a resource of `type`
 */
export function impliedSystem(expression: string, type: string, { definitions, terminology }: Knowledge): string | undefined {
  if (!PLAIN_PATH.test(expression)) return undefined;
  const [root, ...steps] = expression.split(".");
  if (root !== type) return undefined;
  const last = steps.pop() ?? "";
  const within = steps.reduce<TypeDefinition | undefined>((content, step) => content?.properties.get(step)?.content, definitions.definitionOf(type));
  const property = within?.properties.get(last);
  const valueSet = property?.type === "code" ? property.element.bindings.required : undefined;
  const systems = valueSet === undefined ? [] : (terminology.valueSet(valueSet)?.systems ?? []);
  return systems.length === 1 ? systems[0] : undefined;
}
