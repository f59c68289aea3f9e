import type { Environment } from "./environment.ts";
import type { Collection } from "./item.ts";
import { fromItems, type Operation } from "./operation.ts";
import type { Expression } from "./syntax.ts";

/** What is the same wherever in a resource the expression is evaluated. `%context` is not. */
const OF_RESOURCE: ReadonlySet<string> = new Set(["resource", "rootResource"]);
/** Functions whose result is not a matter of their input alone. */
const IMPURE: ReadonlySet<string> = new Set(["now", "today", "timeOfDay", "resolve", "memberOf", "conformsTo"]);

/** Whether an expression is about the resource as a whole: `%resource.snapshot.element.first().path`. */
export function isOfResource(expression: Expression): boolean {
  return dependence(expression) === "resource";
}

type Dependence = "nothing" | "resource" | "focus";

function dependence(expression: Expression): Dependence {
  switch (expression.kind) {
    case "variable":
      return OF_RESOURCE.has(expression.name) ? "resource" : expression.name === "context" ? "focus" : "nothing";
    case "special":
      return "focus";
    case "member":
      return expression.source === undefined ? "focus" : dependence(expression.source);
    case "call": {
      if (expression.source === undefined || IMPURE.has(expression.name)) return "focus";
      // Within an argument a path counts from the items of the source, or from `$this` outside: only the plainest calls are worth the question.
      return expression.args.every((argument) => dependence(argument) === "nothing") ? dependence(expression.source) : "focus";
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
      return "nothing";
  }
}

function most(left: Expression, right: Expression): Dependence {
  const [own, other] = [dependence(left), dependence(right)];
  return own === "focus" || other === "focus" ? "focus" : own === "resource" || other === "resource" ? "resource" : "nothing";
}

/**
 * Works an operation out once for each environment. Without it, `element.all(path.startsWith(%resource.snapshot.element.first().path))` is quadratic in the elements, and a hostile
 * sender has many. It forgets with the environment, so callers make one for each resource.
 */
export function oncePerEnvironment(operation: Operation): Operation {
  const known = new WeakMap<Environment, Collection>();
  return fromItems((frame) => {
    const { environment } = frame;
    // Without a resource in the environment, `%resource` is the focus.
    if (environment.resource === undefined) return operation.items(frame);
    const before = known.get(environment);
    if (before) return before;
    const items = operation.items(frame);
    known.set(environment, items);
    return items;
  });
}
