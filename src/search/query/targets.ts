import { referenceTargets, type Definitions, type TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import type { SearchParameter } from "../../core/fhir/r4/search-parameters.ts";

const PLAIN_PATH = /^[A-Z]\w*(?:\.\w+)+$/;
const ONE_TYPE = /\.where\(resolve\(\) is (\w+)\)$/;

/**
 * The types that a reference parameter of `type` may lead to: what its definition says, narrowed to what the element of this very type allows, for one definition stands for many types. None
 * for any.
 */
export function targetsOf({ expression, targets }: SearchParameter, type: string, definitions: Definitions): readonly string[] {
  const alternatives = expression.split(" | ").map((alternative) => ownTargets(alternative.trim(), type, definitions));
  const own = alternatives.some((one) => one.length === 0) ? [] : [...new Set(alternatives.flat())];
  const narrowed = own.filter((target) => targets.length === 0 || targets.includes(target));
  return narrowed.length > 0 ? narrowed : targets;
}

function ownTargets(expression: string, type: string, definitions: Definitions): readonly string[] {
  const only = ONE_TYPE.exec(expression)?.[1];
  if (only !== undefined) return [only];
  if (!PLAIN_PATH.test(expression)) return [];
  const [root, ...steps] = expression.split(".");
  const last = steps.pop() ?? "";
  const within = steps.reduce<TypeDefinition | undefined>(
    (content, step) => content?.properties.get(step)?.content,
    root === type ? definitions.definitionOf(type) : undefined,
  );
  const property = within?.properties.get(last);
  const found = property ? referenceTargets(property) : [];
  return found.includes("Resource") ? [] : found;
}
