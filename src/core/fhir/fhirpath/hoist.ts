import type { Environment } from "./environment.ts";
import type { Collection, Item } from "./item.ts";
import { fromItems, type Operation } from "./operation.ts";
import type { Expression } from "./syntax.ts";

/** Functions whose result is not a matter of their input alone. */
const IMPURE: ReadonlySet<string> = new Set(["now", "today", "timeOfDay", "resolve", "memberOf", "conformsTo"]);

/** Whether an expression is about the resource, or the context, as a whole: `%resource.snapshot.element.first().path`. */
export function isOfResource(expression: Expression): boolean {
  const dependsOn = dependence(expression);
  return dependsOn === Dependence.resource || dependsOn === Dependence.context;
}

/** What the result is a matter of; the higher includes the lower. */
const Dependence = { nothing: 0, resource: 1, context: 2, focus: 3 } as const;
type Dependence = (typeof Dependence)[keyof typeof Dependence];

const VARIABLES: Readonly<Record<string, Dependence>> = {
  resource: Dependence.resource,
  rootResource: Dependence.resource,
  context: Dependence.context,
};

function dependence(expression: Expression): Dependence {
  switch (expression.kind) {
    case "variable":
      return Object.hasOwn(VARIABLES, expression.name) ? (VARIABLES[expression.name] ?? Dependence.nothing) : Dependence.nothing;
    case "special":
      return Dependence.focus;
    case "member":
      return expression.source === undefined ? Dependence.focus : dependence(expression.source);
    case "call": {
      if (expression.source === undefined || IMPURE.has(expression.name)) return Dependence.focus;
      // Within an argument a path counts from the items of the source, or from `$this` outside: only the plainest calls are worth the question.
      return expression.args.every((argument) => dependence(argument) === Dependence.nothing) ? dependence(expression.source) : Dependence.focus;
    }
    case "index":
      return most(expression.source, expression.index);
    case "sign":
    case "type":
      return dependence(expression.operand);
    case "binary":
      return most(expression.left, expression.right);
    case "empty":
    case "boolean":
    case "string":
    case "number":
    case "quantity":
    case "temporal":
      return Dependence.nothing;
  }
}

function most(left: Expression, right: Expression): Dependence {
  const [own, other] = [dependence(left), dependence(right)];
  return own > other ? own : other;
}

/**
 * Works an operation out once for each environment (and focus, where `%context` is that). Without it, `element.all(path.startsWith(%resource.snapshot.element.first().path))` is
 * quadratic in the elements, and a hostile sender has many. It forgets with the environment, so callers make one for each resource.
 */
export function oncePerEnvironment(expression: Expression, operation: Operation): Operation {
  const isOfContext = dependence(expression) === Dependence.context;
  const known = new WeakMap<Environment, { readonly context: Item | undefined; readonly items: Collection }>();
  return fromItems((evaluation) => {
    const { environment, focus } = evaluation;
    // Without a resource in the environment, `%resource` is the focus.
    if (environment.resource === undefined) return operation.items(evaluation);
    const context = isOfContext ? (environment.context ?? focus) : undefined;
    const before = known.get(environment);
    if (before && before.context === context) return before.items;
    const items = operation.items(evaluation);
    known.set(environment, { context, items });
    return items;
  });
}
