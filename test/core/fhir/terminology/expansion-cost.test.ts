/** What may be looked at for one list of codes, of definitions that came along with the question. */
import { expect, test } from "@jest/globals";
import { expand, type Expansion } from "../../../../src/core/fhir/terminology/expansion.ts";
import { ValueSets } from "../../../../src/core/fhir/terminology/value-sets.ts";
import { conformanceOf } from "./memory-conformance.ts";

const S = "http://example.org/system";
const LAYERS = 40;
const WIDE = 20;

const set = (url: string, compose: object): object => ({ resourceType: "ValueSet", url, status: "active", compose });
/** Sets in layers, each of which imports all of the next: few to write, and many to ask. */
const layers = Array.from({ length: LAYERS * WIDE }, (_, at) => {
  const next = Math.floor(at / WIDE) + 1;
  const include = next === LAYERS ? [{ system: S, concept: [{ code: "other" }] }] : names(next).map((one) => ({ valueSet: [one] }));
  return set(nameOf(Math.floor(at / WIDE), at % WIDE), { include });
});
const codes = (count: number): object => ({ system: S, concept: Array.from({ length: count }, (_, at) => ({ code: `c${at}` })) });

function nameOf(layer: number, at: number): string {
  return `http://example.org/${layer}-${at}`;
}

function names(layer: number): string[] {
  return Array.from({ length: WIDE }, (_, at) => nameOf(layer, at));
}

function listed(compose: object, others: readonly object[] = layers): Expansion {
  const sets = new ValueSets(conformanceOf([...others, set("http://example.org/asked", compose)]));
  const asked = sets.find("http://example.org/asked");
  if (!asked) throw new Error("it is not there");
  return expand(asked, sets);
}

test("what is asked behind imports counts for each code", () => {
  const [first] = names(0);
  expect(listed({ include: [{ ...codes(2), valueSet: [first] }] })).toMatchObject({ kind: "whole", codes: [] });
  expect(listed({ include: [{ ...codes(200), valueSet: [first] }] })).toEqual({ kind: "too-costly" });
  expect(listed({ include: [codes(200)], exclude: [{ valueSet: [first] }] })).toEqual({ kind: "too-costly" });
});

test("what patterns of excludes cost counts, too", () => {
  const system = {
    ...{ resourceType: "CodeSystem", url: S, status: "active", content: "complete" },
    concept: Array.from({ length: 4_000 }, (_, at) => ({ code: `c${at}` })),
  };
  const excluding = (count: number): object => ({
    include: [{ system: S }],
    exclude: [{ system: S, filter: Array.from({ length: count }, () => ({ property: "code", op: "regex", value: "(c1.*|a{3,50}b)*x?.*" })) }],
  });
  expect(listed(excluding(1), [system])).toMatchObject({ kind: "whole" });
  expect(listed(excluding(20), [system])).toEqual({ kind: "too-costly" });
});
