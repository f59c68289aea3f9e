/** The table asks for each type of parameter with each of its modifiers and prefixes: something is found, and something is not. What is not offered is refused. */
import { describe, expect, test } from "@jest/globals";
import type { SearchType } from "../../../src/core/fhir/r4/search-parameters.ts";
import { modifiersOf } from "../../../src/search/query/criterion-of.ts";
import { TABLE } from "../../contracts/query-table.ts";
import { SEARCH_PARAMETERS } from "../../r4.ts";
import { parse } from "./found.ts";

const TYPES: readonly SearchType[] = ["string", "token", "reference", "date", "number", "quantity", "uri", "composite"];
const ORDERED: ReadonlySet<SearchType> = new Set(["date", "number", "quantity"]);
const PREFIXES = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/** A parameter of each type, with a value that it takes. */
const EXAMPLES: Readonly<Record<string, readonly [type: string, code: string, value: string]>> = {
  string: ["Patient", "family", "a"],
  token: ["Patient", "gender", "male"],
  reference: ["Observation", "subject", "Patient/1"],
  date: ["Patient", "birthdate", "1961"],
  number: ["RiskAssessment", "probability", "1"],
  quantity: ["Observation", "value-quantity", "1"],
  uri: ["ValueSet", "url", "urn:a"],
  composite: ["Observation", "code-value-quantity", "a$1"],
  _id: ["Patient", "_id", "1"],
  _lastUpdated: ["Patient", "_lastUpdated", "2020"],
  _text: ["Patient", "_text", "a"],
  _content: ["Patient", "_content", "a"],
  _list: ["Patient", "_list", "1"],
};

/** `date ge`, `token :not` of a query with one parameter that is no chain. */
function kindOf(type: string, query: string): string | undefined {
  const [, code = "", modifier = "", value = ""] = /^([\w-]+)(?::([\w-]+))?=([^&]*)$/.exec(query) ?? [];
  const parameter = SEARCH_PARAMETERS.of(type).get(code);
  if (!parameter) return undefined;
  const prefix = ORDERED.has(parameter.type) ? (/^(?:eq|ne|gt|lt|ge|le|sa|eb|ap)/.exec(value)?.[0] ?? "") : "";
  return `${parameter.type} ${modifier === "" ? prefix : `:${modifier}`}`;
}

const KINDS = TYPES.flatMap((type) => [
  ...(ORDERED.has(type) ? PREFIXES.slice(1).map((prefix) => `${type} ${prefix}`) : []),
  ...modifiersOf(type).map((modifier) => `${type} ${modifier === "" ? "" : `:${modifier}`}`),
]);

test.each(KINDS)("'%s' stands in the table, with something that is found and something that is not", (kind) => {
  const rows = TABLE.filter(([type, query]) => kindOf(type, query) === kind);
  expect(rows.filter(([, , found]) => found.length > 0)).not.toEqual([]);
  expect(rows.filter(([, , found]) => found.length === 0)).not.toEqual([]);
});

describe.each(Object.entries(EXAMPLES))("a modifier that %s parameters do not have", (name, [type, code, value]) => {
  const own: ReadonlySet<string> = new Set(name.startsWith("_") ? [] : modifiersOf(name as SearchType));
  const others = [...new Set([...TYPES.flatMap(modifiersOf), "above", "nonsense", "Patient", "iterate"])].filter(
    (modifier) => modifier !== "" && !own.has(modifier) && !(name === "reference" && modifier === "Patient"),
  );

  test.each(["strict", "lenient"] as const)("is refused by a %s search", (handling) => {
    expect(() => parse(type, `${code}=${value}`, handling)).not.toThrow();
    expect(others.length).toBeGreaterThan(5);
    for (const modifier of others)
      expect(() => parse(type, `${code}:${modifier}=${modifier === "missing" ? "true" : value}`, handling)).toThrow(
        new RegExp(`:${modifier}|modifier|needs a terminology`),
      );
  });
});
