import { boundedSearch } from "../../bounded-pattern.ts";
import { FhirPathError } from "./errors.ts";

/** Steps of matching that nobody notices: about 20 ms. */
const QUICK = 2_000_000;

/** A regular expression of an expression, tested on texts of strangers. @throws FhirPathError where it might take for ever on a text, and is of a form that can't be matched otherwise */
export type PatternTest = (text: string) => boolean;

/**
 * The runtime's own regular expressions go back and try again: `(a+)+$` takes twice as long for each further letter. So they are asked only where that can't be: nothing repeated stands within something
 * repeated, and the text is short beside how often parts are repeated. Else it is matched in linear time.
 * @param wrap what is put around it
 * @throws FhirPathError for what is no regular expression
 */
export function patternTest(source: string, wrap: (pattern: string) => string): PatternTest {
  const wrapped = wrap(source);
  const compiled = regularExpression(wrapped, "s");
  const power = powerOf(source);
  let linear: PatternTest | undefined;
  return (text) => {
    if (text.length ** power <= QUICK) return compiled.test(text);
    linear ??= boundedSearch(wrapped) ?? (() => refuse(source, text));
    return linear(text);
  };
}

/** Replaces all that a pattern finds. @throws FhirPathError for what is no regular expression; and where it might take for ever on a text */
export function patternReplacer(source: string): (text: string, substitution: string) => string {
  const compiled = regularExpression(source, "sg");
  const power = powerOf(source);
  return (text, substitution) => (text.length ** power <= QUICK ? text.replace(compiled, substitution) : refuse(source, text));
}

function refuse(source: string, text: string): never {
  throw new FhirPathError(`'${source.slice(0, 80)}' might take for ever on a text of ${text.length} characters.`);
}

/** A dot is any character, line ends too. Escapes that Unicode mode refuses (`\'`) are common in FHIR's own patterns. @throws FhirPathError */
function regularExpression(pattern: string, flags: string): RegExp {
  for (const unicode of ["u", ""]) {
    try {
      return new RegExp(pattern, flags + unicode);
    } catch {
      // Without Unicode mode more is allowed.
    }
  }
  throw new FhirPathError(`'${pattern}' is not a regular expression.`);
}

/** What repeats without an end, or so often that it comes to the same. */
const REPEATS = /^(?:[*+]|\{\d+,\}|\{\d+,\d{2,}\})/;

/** A group more than once. */
const IS_AGAIN = /^(?:[*+]|\{(?![01]\}|0?,1\}))/;

/** With which power of its length a text may cost: one for where it begins, and one for each part that is repeated; Infinity where a repeated group has a choice within. */
function powerOf(source: string): number {
  let power = 1;
  const hasChoice = [false];
  for (let at = 0; at < source.length; at++) {
    const sign = source[at];
    const rest = source.slice(at + 1, at + 12);
    if (sign === "\\") at++;
    else if (sign === "[") at = endOfClass(source, at);
    else if (sign === "(") hasChoice.push(false);
    else if (sign === ")") {
      const inner = hasChoice.length > 1 && hasChoice.pop() === true;
      if (inner && IS_AGAIN.test(rest)) return Infinity;
      if (inner) hasChoice[hasChoice.length - 1] = true;
    } else if (sign === "|" || sign === "?" || sign === "*" || sign === "+" || sign === "{") {
      hasChoice[hasChoice.length - 1] = true;
      if (REPEATS.test(source.slice(at, at + 12))) power++;
    }
  }
  return power;
}

function endOfClass(source: string, from: number): number {
  let at = from + 1;
  while (at < source.length && source[at] !== "]") at += source[at] === "\\" ? 2 : 1;
  return at;
}
