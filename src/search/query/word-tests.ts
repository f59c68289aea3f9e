/** Tokens, strings and addresses as tests (R4 search.html). */
import { AppError } from "../../core/errors.ts";
import { boundedStart, boundedWhole } from "../values/bounded.ts";
import { foldedCode } from "../values/coded-values.ts";
import { nameOf } from "../values/index-row.ts";
import { plainText } from "../values/plain-text.ts";
import type { WordTest } from "./criterion.ts";
import { splitEscaped, unescaped } from "./escapes.ts";

/** `code`, `system|code`, `|code` or `system|`. @throws AppError `bad-query` */
export function tokenTest(name: string, text: string): WordTest {
  const parts = splitEscaped(text, "|").map(unescaped);
  const [first = "", second, ...more] = parts;
  if (more.length > 0) throw new AppError("bad-query", `${name}: "${text}" has more than one bar; one that belongs to a code is written \\|.`);
  if (second === undefined) return { kind: "word", name, match: "whole", value: foldedCode({ system: undefined, code: first }) };
  if (second === "") {
    if (first === "") throw new AppError("bad-query", `${name}: a bar stands between a system and a code, and there is neither.`);
    return { kind: "word", name, match: "whole", system: first };
  }
  const system = first === "" ? null : first;
  return { kind: "word", name, match: "whole", value: foldedCode({ system: system ?? undefined, code: second }), system };
}

/** A code whose case counts in its system is kept as it is written; without a system, both ways of writing are looked for. */
export function tokenTests(name: string, text: string): WordTest[] {
  const test = tokenTest(name, text);
  const plain = unescaped(text);
  const isBare = test.system === undefined && test.value !== undefined;
  return isBare && boundedWhole(plain) !== test.value ? [test, { ...test, value: boundedWhole(plain) }] : [test];
}

/** `:of-type`: `system|code|value`. @throws AppError `bad-query` */
export function ofTypeTest(code: string, text: string): WordTest {
  const [system = "", type = "", value = "", ...more] = splitEscaped(text, "|").map(unescaped);
  if ([system, type, value].includes("") || more.length > 0)
    throw new AppError(
      "bad-query",
      `${code}:of-type: "${text}" is not of the form system|code|value, where system and code are those of the identifier's type.`,
    );
  return {
    kind: "word",
    name: nameOf(code, "of-type"),
    match: "whole",
    value: boundedWhole(value.toLowerCase()),
    system: `${system}|${type}`.toLowerCase(),
  };
}

/** From the beginning of a string, or of a word in a name or text. */
export function stringTest(name: string, text: string, match: "start" | "anywhere"): WordTest {
  const plain = plainText(unescaped(text));
  if (plain === "") throw new AppError("bad-query", `${name}: there is no letter or digit in "${text}".`);
  return { kind: "word", name, match, value: boundedStart(plain) };
}

export function exactTest(code: string, text: string): WordTest {
  return { kind: "word", name: nameOf(code, "exact"), match: "whole", value: boundedWhole(unescaped(text)) };
}

export function uriTest(name: string, text: string, match: "whole" | "start"): WordTest {
  const value = unescaped(text);
  return { kind: "word", name, match, value: match === "start" ? boundedStart(value) : boundedWhole(value) };
}

/** `:above`: addresses that lead to the one that is named: itself, and what it begins with up to a slash. */
export function uriAboveTests(name: string, text: string): WordTest[] {
  const value = unescaped(text);
  const steps = [...value.matchAll(/\//g)].map(({ index }) => value.slice(0, index)).filter((step) => /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(step));
  const values = steps.flatMap((step) => [step, `${step}/`]);
  return [...new Set([...values, value])].map((one) => ({ kind: "word", name, match: "whole", value: boundedWhole(one) }));
}
