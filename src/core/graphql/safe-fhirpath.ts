/** FHIRPath that a stranger sends: what it may use, so that working it out costs in proportion to what it looks at. */
import { AppError } from "../errors.ts";
import { compileFhirPath, type FhirPathExpression } from "../fhir/fhirpath/compile.ts";
import { parseFhirPath } from "../fhir/fhirpath/parser.ts";
import type { Expression } from "../fhir/fhirpath/syntax.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";

/** Nobody's filter is longer. */
const LONGEST = 500;
/** Criteria within criteria: each looks at all that the one around it does. */
const MOST_WITHIN = 2;

/** Functions that look at what is there and make nothing that could grow: without `select`, `repeat`, `combine` and their like nothing is fed back, and without `matches` no pattern is tried. */
const ALLOWED: ReadonlySet<string> = new Set(
  (
    "all allFalse allTrue anyFalse anyTrue as contains count distinct empty endsWith exists extension first getValue hasValue is isDistinct last length lower not " +
    "ofType single skip startsWith substring tail take today now toString trim upper where"
  ).split(" "),
);

/** Of which the argument is worked out for each item. */
const CRITERIA: ReadonlySet<string> = new Set(["all", "exists", "where"]);

/** Filters of one request, each compiled once. */
export class SafeFhirPath {
  readonly #definitions: Definitions;
  readonly #compiled = new Map<string, FhirPathExpression>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** Of single elements. @throws AppError `bad-query` for what is no FHIRPath or not allowed here */
  on(text: string): FhirPathExpression {
    return this.#once(text, () => {
      refuseUnsafe(text, false);
      return text;
    });
  }

  /** Of the values of an element, upon what has it: `$index` is their place. */
  among(element: string, text: string): FhirPathExpression {
    return this.#once(`${element}\n${text}`, () => {
      refuseUnsafe(text, true);
      // A line comment ends with the line.
      return `\`${element}\`.where(${text}\n)`;
    });
  }

  #once(key: string, write: () => string): FhirPathExpression {
    const known = this.#compiled.get(key);
    if (known) return known;
    const written = write();
    const made = readable(() => compileFhirPath(written, this.#definitions, "standard"));
    this.#compiled.set(key, made);
    return made;
  }
}

function refuseUnsafe(text: string, hasIndex: boolean): void {
  if (text.length > LONGEST) throw new AppError("bad-query", `A fhirpath argument has at most ${LONGEST} characters.`);
  look(
    readable(() => parseFhirPath(text)),
    hasIndex,
    0,
  );
}

function readable<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError("bad-query", `fhirpath: ${error.message}`, { cause: error });
  }
}

function look(expression: Expression, hasIndex: boolean, within: number): void {
  switch (expression.kind) {
    case "variable":
      throw new AppError("bad-query", `fhirpath: %${expression.name} is not offered here; an expression is about the element that it stands at.`);
    case "special":
      if (expression.name === "total" || (expression.name === "index" && !hasIndex && within === 0))
        throw new AppError("bad-query", `fhirpath: $${expression.name} has no meaning here.`);
      return;
    case "member":
      return expression.source && look(expression.source, hasIndex, within);
    case "call": {
      if (!ALLOWED.has(expression.name)) throw new AppError("bad-query", `fhirpath: ${expression.name}() is not offered here.`);
      const inner = CRITERIA.has(expression.name) ? within + 1 : within;
      if (inner > MOST_WITHIN) throw new AppError("bad-query", `fhirpath: criteria stand within criteria at most ${MOST_WITHIN} deep.`);
      if (expression.source) look(expression.source, hasIndex, within);
      return expression.args.forEach((one) => look(one, hasIndex, inner));
    }
    case "index":
      look(expression.source, hasIndex, within);
      return look(expression.index, hasIndex, within);
    case "sign":
    case "type":
      return look(expression.operand, hasIndex, within);
    case "binary":
      // By "~" each is held against each, and texts that are put together (twice a file of megabytes, and twice that) grow.
      if (["~", "!~", "&", "+"].includes(expression.operator))
        throw new AppError("bad-query", `fhirpath: ${expression.operator} is not offered here.`);
      look(expression.left, hasIndex, within);
      return look(expression.right, hasIndex, within);
    default:
  }
}
