import type { Definitions } from "../r4/definitions.ts";
import { FhirPathSyntaxError } from "./errors.ts";
import type { Expression } from "./syntax.ts";
import { typeNameOf } from "./types.ts";

const UNORDERED: ReadonlySet<string> = new Set(["children", "descendants"]);
const ORDERED: ReadonlySet<string> = new Set(["first", "last", "tail", "skip", "take"]);

/** In strict mode: what can be seen to be wrong before anything is evaluated. */
export function refuseByType(expression: Expression, { definitionOf }: Definitions): void {
  if (expression.kind === "member" && expression.source) {
    const type = typeNamedBy(expression.source);
    const definition = type === undefined ? undefined : definitionOf(type);
    if (definition && definition.kind !== "primitive" && !definition.elements.some(({ name }) => name === expression.name))
      throw new FhirPathSyntaxError(`${definition.name} has no element '${expression.name}'.`, expression.offset);
  }
  if (expression.kind === "call" && ORDERED.has(expression.name) && isUnordered(expression.source))
    throw new FhirPathSyntaxError(`${expression.name}() relies on an order that its input does not have.`, expression.offset);
  if (expression.kind === "index" && isUnordered(expression.source))
    throw new FhirPathSyntaxError("An index relies on an order that its input does not have.", expression.offset);
}

/** The type that `as` and `ofType` leave. */
function typeNamedBy(expression: Expression): string | undefined {
  if (expression.kind === "type" && expression.operator === "as") return expression.type.name;
  const isCast = expression.kind === "call" && (expression.name === "as" || expression.name === "ofType");
  return isCast && expression.args[0] ? typeNameOf(expression.args[0]).name : undefined;
}

function isUnordered(expression: Expression | undefined): boolean {
  return expression?.kind === "call" && UNORDERED.has(expression.name);
}
