import { arithmetic, signed } from "./arithmetic.ts";
import { parseDecimal } from "./decimal.ts";
import type { Environment } from "./environment.ts";
import { FhirPathSyntaxError } from "./errors.ts";
import { BOUNDARIES } from "./functions/boundaries.ts";
import { CONVERSION } from "./functions/conversion.ts";
import type { FunctionTable } from "./functions/definition.ts";
import { EXISTENCE } from "./functions/existence.ts";
import { FHIR } from "./functions/fhir.ts";
import { asType, FILTERING, isOfType } from "./functions/filtering.ts";
import { MATH } from "./functions/math.ts";
import { STRINGS } from "./functions/strings.ts";
import { itemAt, SUBSETTING, union } from "./functions/subsetting.ts";
import { UTILITY } from "./functions/utility.ts";
import { isOfResource, oncePerEnvironment } from "./hoist.ts";
import { EMPTY, type Collection, type Item } from "./item.ts";
import { COMPARISONS, LOGIC } from "./logic.ts";
import type { FhirPathMode } from "./mode.ts";
import type { FhirPathNode } from "./node.ts";
import { fromItem, fromItems, truthOf, type Evaluation, type Operation } from "./operation.ts";
import { parseFhirPath } from "./parser.ts";
import { memberOperation, rootOperation } from "./path.ts";
import { Quantity } from "./quantity.ts";
import { calendarUnit, type Expression, type FunctionCall } from "./syntax.ts";
import { parseDateOrDateTime, parseTime, type Temporal } from "./temporal.ts";
import type { Definitions } from "../r4/definitions.ts";
import { startsOf } from "./starts.ts";
import { refuseByType } from "./strict.ts";
import { testsOf } from "./types.ts";
import { variableOperation } from "./variables.ts";

/** A compiled expression: pure, and the same for every evaluation, so compile once and keep it. */
export interface FhirPathExpression {
  readonly text: string;
  /** `startsOf`: without any of these elements the focus has nothing that it could find. */
  readonly starts: ReadonlySet<string> | undefined;
  /**
   * All that the expression finds, in order: nodes of the resource, or values (string, boolean, number for Integer, Decimal, Temporal, Quantity).
   * @throws FhirPathError when it cannot be worked out on this focus
   */
  evaluate(focus: FhirPathNode, environment?: Environment): Collection;
  /**
   * The result as one boolean (FHIRPath, singleton evaluation): undefined when it is empty, which an invariant may mean as *not applicable*.
   * @throws FhirPathError when it cannot be worked out on this focus, or gives several items
   */
  truth(focus: FhirPathNode, environment?: Environment): boolean | undefined;
  /**
   * Whether it holds as an invariant: nothing is false, a boolean is itself, another single item is true.
   * @throws FhirPathError when it cannot be worked out on this focus, or gives several items
   */
  holds(focus: FhirPathNode, environment?: Environment): boolean;
}

const NO_ENVIRONMENT: Environment = {};
const FUNCTIONS: FunctionTable = {
  ...EXISTENCE,
  ...FILTERING,
  ...SUBSETTING,
  ...CONVERSION,
  ...STRINGS,
  ...MATH,
  ...BOUNDARIES,
  ...UTILITY,
  ...FHIR,
};
const THIS = fromItem((evaluation) => evaluation.self);

/**
 * Compiles FHIRPath (normative release 2.0.0, and the additions of FHIR R4, fhirpath.html) to closures.
 * @param definitions those of the resources that it is evaluated on
 * @throws FhirPathSyntaxError with the offset of what is wrong, an unknown function or type among it
 */
export function compileFhirPath(text: string, definitions: Definitions, mode: FhirPathMode = "lenient"): FhirPathExpression {
  const expression = parseFhirPath(text);
  const operation = new Compiler(definitions, mode).compile(expression);
  return {
    text,
    starts: mode === "lenient" ? startsOf(expression, definitions) : undefined,
    evaluate: (focus, environment) => operation.items(frameOf(focus, environment)),
    truth: (focus, environment) => operation.truth(frameOf(focus, environment)),
    holds: (focus, environment) => operation.truth(frameOf(focus, environment)) === true,
  };
}

function frameOf(focus: FhirPathNode, environment: Environment = NO_ENVIRONMENT): Evaluation {
  return { environment, focus, self: focus, index: 0, total: EMPTY, moment: undefined };
}

class Compiler {
  readonly #definitions: Definitions;
  readonly #mode: FhirPathMode;
  /** True within an expression that is worked out once for the whole resource. */
  #isHoisting = false;

  constructor(definitions: Definitions, mode: FhirPathMode) {
    this.#definitions = definitions;
    this.#mode = mode;
  }

  readonly compile = (expression: Expression): Operation => {
    if (this.#mode === "strict") refuseByType(expression, this.#definitions);
    if (this.#isHoisting || expression.kind === "variable" || !isOfResource(expression)) return this.#compile(expression);
    this.#isHoisting = true;
    const operation = oncePerEnvironment(expression, this.#compile(expression));
    this.#isHoisting = false;
    return operation;
  };

  readonly #compile = (expression: Expression): Operation => {
    switch (expression.kind) {
      case "empty":
        return fromItems(() => EMPTY);
      case "boolean":
      case "string":
        return constant(expression.value);
      case "number":
        return constant(numberOf(expression.text));
      case "quantity": {
        const value = parseDecimal(expression.text);
        const unit = expression.isCalendar ? (calendarUnit(expression.unit) ?? expression.unit) : expression.unit;
        return value === undefined ? fromItems(() => EMPTY) : constant(new Quantity(value, unit, expression.isCalendar));
      }
      case "temporal":
        return constant(temporalOf(expression.text, expression.offset));
      case "variable":
        return variableOperation(expression.name);
      case "special":
        return SPECIALS[expression.name];
      case "member":
        return this.#member(expression.source, expression.name, expression.offset);
      case "call":
        return this.#call(expression);
      case "index":
        return itemAt(this.compile(expression.source), this.compile(expression.index));
      case "sign":
        return signed(expression.sign, this.compile(expression.operand));
      case "type": {
        const isLenient = this.#mode === "lenient";
        const tests = testsOf(expression.type, isLenient, this.#definitions);
        const operand = this.compile(expression.operand);
        return expression.operator === "is" ? isOfType(operand, tests.is) : asType(operand, tests.as, isLenient);
      }
      case "binary":
        return this.#binary(expression);
    }
  };

  #member(source: Expression | undefined, name: string, offset: number): Operation {
    const isTypeName = source === undefined && /^[A-Z]/.test(name) && this.#definitions.definitionOf(name) !== undefined;
    if (isTypeName) return rootOperation(testsOf({ namespace: "FHIR", name, offset }, false, this.#definitions).is, this.#mode === "strict");
    const isThis = source === undefined || (source.kind === "special" && source.name === "this");
    return memberOperation(isThis ? undefined : this.compile(source), name, this.#mode, this.#definitions);
  }

  #call({ source, name, args, offset }: FunctionCall): Operation {
    const definition = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (definition === undefined) throw new FhirPathSyntaxError(`There is no function '${name}'.`, offset);
    const [least, most] = definition.takes;
    if (args.length < least || args.length > most)
      throw new FhirPathSyntaxError(`${name}() takes ${least === most ? least : `${least} to ${most}`} arguments, not ${args.length}.`, offset);
    const input = source === undefined ? THIS : this.compile(source);
    return definition.build({
      source: input,
      args: args.map(this.compile),
      syntax: args,
      mode: this.#mode,
      definitions: this.#definitions,
      compile: this.compile,
    });
  }

  #binary({ operator, left, right }: Expression & { readonly kind: "binary" }): Operation {
    const [first, second] = [this.compile(left), this.compile(right)];
    if (operator === "|") return union(first, second);
    if (isKeyOf(LOGIC, operator)) return LOGIC[operator](first, second);
    if (isKeyOf(COMPARISONS, operator)) return COMPARISONS[operator](first, second);
    return arithmetic(operator, first, second);
  }
}

function isKeyOf<Table extends object>(table: Table, key: PropertyKey): key is keyof Table {
  return Object.hasOwn(table, key);
}

const SPECIALS = {
  this: THIS,
  index: fromItem((evaluation) => evaluation.index),
  total: fromItems((evaluation) => evaluation.total),
} as const;

function constant(item: Item): Operation {
  const items: Collection = [item];
  const truth = truthOf(items);
  return { items: () => items, truth: () => truth, some: () => true };
}

/** An Integer without a point, as far as it is one. */
function numberOf(text: string): Item {
  const number = Number(text);
  const decimal = text.includes(".") || number > 2147483647 ? parseDecimal(text) : undefined;
  return decimal ?? number;
}

function temporalOf(text: string, offset: number): Temporal {
  const temporal = text.startsWith("T") ? parseTime(text) : parseDateOrDateTime(text);
  if (temporal === undefined) throw new FhirPathSyntaxError(`@${text} is no date or time that exists.`, offset);
  return temporal;
}
