import { FhirPathError } from "../errors.ts";
import { EMPTY, type Item } from "../item.ts";
import { fromItem, fromItems, single, type Evaluation, type Operation } from "../operation.ts";
import { patternReplacer, patternTest } from "../pattern.ts";
import { typeOf } from "../types.ts";
import { asString, systemValue } from "../values.ts";
import { define, type FunctionDefinition, type FunctionTable } from "./definition.ts";
import { integerOf } from "./subsetting.ts";
import { decoded, encoded, escaped, unescaped } from "./encodings.ts";

/** The input or an argument of a string function: undefined when empty, an error when it is something else. */
function stringOf(evaluation: Evaluation, operation: Operation | undefined): string | undefined {
  const item = operation && single(operation.items(evaluation), "A string function");
  if (item === undefined) return undefined;
  const text = asString(item);
  if (text === undefined && (systemValue(item) !== undefined || isComplex(item)))
    throw new FhirPathError(`Expected a String, but found ${typeOf(item).name}.`);
  return text;
}

function isComplex(item: Item): boolean {
  return typeof item === "object" && "definition" in item && item.definition !== undefined;
}

/** A function of the input alone. */
function unary(calculate: (input: string) => Item | undefined): FunctionDefinition {
  return define(0, 0, ({ source }) =>
    fromItem((evaluation) => {
      const input = stringOf(evaluation, source);
      return input === undefined ? undefined : calculate(input);
    }),
  );
}

/** A function of the input and a string: empty when either is. */
function binary(calculate: (input: string, argument: string) => Item | undefined): FunctionDefinition {
  return define(1, 1, ({ source, args }) =>
    fromItem((evaluation) => {
      const input = stringOf(evaluation, source);
      const argument = stringOf(evaluation, args[0]);
      return input === undefined || argument === undefined ? undefined : calculate(input, argument);
    }),
  );
}

function ternary(calculate: (input: string, first: string, second: string) => Item | undefined): FunctionDefinition {
  return define(2, 2, ({ source, args }) =>
    fromItem((evaluation) => {
      const [input, first, second] = [stringOf(evaluation, source), stringOf(evaluation, args[0]), stringOf(evaluation, args[1])];
      return input === undefined || first === undefined || second === undefined ? undefined : calculate(input, first, second);
    }),
  );
}

/** What is made of a pattern, kept from call to call: in an expression it is nearly always the same. */
function keepingLast<Made>(make: (pattern: string) => Made): (pattern: string) => Made {
  let last: { readonly pattern: string; readonly made: Made } | undefined;
  return (pattern) => {
    if (last?.pattern !== pattern) last = { pattern, made: make(pattern) };
    return last.made;
  };
}

function matching(wrap: (pattern: string) => string): FunctionDefinition {
  return define(1, 1, (call) => {
    const made = keepingLast((pattern) => patternTest(pattern, wrap));
    return binary((input, pattern) => made(pattern)(input)).build(call);
  });
}

/** FHIRPath, string manipulation; lengths and places count UTF-16 units. */
export const STRINGS: FunctionTable = {
  indexOf: binary((input, argument) => input.indexOf(argument)),
  lastIndexOf: binary((input, argument) => input.lastIndexOf(argument)),
  substring: define(1, 2, ({ source, args }) =>
    fromItem((evaluation) => {
      const input = stringOf(evaluation, source);
      const start = integerOf(evaluation, args[0]);
      if (input === undefined || start === undefined || start < 0 || start >= input.length) return undefined;
      const length = integerOf(evaluation, args[1]);
      return length === undefined ? input.slice(start) : input.slice(start, start + Math.max(0, length));
    }),
  ),
  startsWith: binary((input, argument) => input.startsWith(argument)),
  endsWith: binary((input, argument) => input.endsWith(argument)),
  contains: binary((input, argument) => input.includes(argument)),
  upper: unary((input) => input.toUpperCase()),
  lower: unary((input) => input.toLowerCase()),
  replace: ternary((input, pattern, substitution) => replaced(input, pattern, substitution)),
  matches: matching((pattern) => pattern),
  matchesFull: matching((pattern) => `^(?:${pattern})$`),
  replaceMatches: define(2, 2, (call) => {
    const made = keepingLast(patternReplacer);
    return ternary((input, pattern, substitution) => (pattern === "" ? input : made(pattern)(input, substitution))).build(call);
  }),
  length: unary((input) => input.length),
  trim: unary((input) => input.trim()),
  toChars: define(0, 0, ({ source }) => fromItems((evaluation) => [...(stringOf(evaluation, source) ?? "")])),
  split: define(1, 1, ({ source, args }) =>
    fromItems((evaluation) => {
      const input = stringOf(evaluation, source);
      const separator = stringOf(evaluation, args[0]);
      return input === undefined || separator === undefined ? EMPTY : input.split(separator);
    }),
  ),
  join: define(0, 1, ({ source, args }) =>
    fromItem((evaluation) => {
      const items = source.items(evaluation);
      return items.length === 0 ? undefined : items.map((item) => asString(item) ?? "").join(stringOf(evaluation, args[0]) ?? "");
    }),
  ),
  encode: binary(encoded),
  decode: binary(decoded),
  escape: binary(escaped),
  unescape: binary(unescaped),
};

/** An empty pattern stands before, behind and between all characters (FHIRPath, replace). */
function replaced(input: string, pattern: string, substitution: string): string {
  if (pattern === "") return substitution + [...input].map((character) => character + substitution).join("");
  return input.split(pattern).join(substitution);
}
