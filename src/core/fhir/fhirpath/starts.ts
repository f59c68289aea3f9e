import type { Definitions } from "../r4/definitions.ts";
import type { Expression } from "./syntax.ts";

/** Functions that give nothing when their input is nothing, and look at nothing else then. */
const OF_THEIR_INPUT: ReadonlySet<string> = new Set(["where", "select", "as", "ofType", "resolve", "first", "last", "tail", "distinct"]);

/**
 * The elements of the focus that all which an expression finds stands in (`Patient.name.given | Patient.alias`: name, alias): without any of them it finds nothing, and cannot fail. Undefined
 * where that can't be told from how it is written: `deceased.exists()` finds something where nothing is.
 */
export function startsOf(expression: Expression, definitions: Definitions): ReadonlySet<string> | undefined {
  const starts = within(expression, definitions);
  return starts === FOCUS ? undefined : starts;
}

/** The focus itself. */
const FOCUS = Symbol("focus");
type Starts = ReadonlySet<string> | typeof FOCUS | undefined;

function within(expression: Expression, definitions: Definitions): Starts {
  switch (expression.kind) {
    case "special":
      return expression.name === "this" ? FOCUS : undefined;
    case "member": {
      const { source, name } = expression;
      if (source === undefined && /^[A-Z]/.test(name) && definitions.definitionOf(name) !== undefined) return FOCUS;
      const before = source === undefined ? FOCUS : within(source, definitions);
      return before === FOCUS ? new Set([name]) : before;
    }
    case "call":
      return expression.source && OF_THEIR_INPUT.has(expression.name) ? elements(within(expression.source, definitions)) : undefined;
    case "index":
      return expression.index.kind === "number" ? elements(within(expression.source, definitions)) : undefined;
    case "type":
      return expression.operator === "as" ? elements(within(expression.operand, definitions)) : undefined;
    case "binary": {
      if (expression.operator !== "|") return undefined;
      const [left, right] = [elements(within(expression.left, definitions)), elements(within(expression.right, definitions))];
      return left && right && new Set([...left, ...right]);
    }
    default:
      return undefined;
  }
}

/** What is made of the focus itself may be made of any of its elements, or of none. */
function elements(starts: Starts): ReadonlySet<string> | undefined {
  return starts === FOCUS ? undefined : starts;
}
