import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { Invariant, TypeDefinition } from "../../../../src/core/fhir/r4/definitions.ts";
import { CompiledInvariants, hasInvariants } from "../../../../src/pipeline/validate/invariants/compiled.ts";
import { mended } from "../../../../src/pipeline/validate/invariants/mended.ts";
import { definitionOf, R4, typeNames } from "../../../r4.ts";

const all = allInvariants();
const compiled = new CompiledInvariants(R4.definitions);

test("every invariant of R4 compiles, and all are asked but those with rules of their own", () => {
  expect(all.length).toBeGreaterThan(230);
  const left = new Set(all.flatMap((invariant) => compiled.of([invariant]).map(({ invariant: { key } }) => key)));
  const notAsked = new Set(all.map(({ key }) => key).filter((key) => !left.has(key)));
  expect([...notAsked].sort()).toEqual(["att-1", "dom-2", "dom-3", "dom-4", "dom-5", "ref-1"]);
});

test("invariants of primitives are on those alone that are strings in JSON, which is all that the walk tells of", () => {
  const withOwn = typeNames()
    .flatMap((name) => elementsOf(definitionOf(name)))
    .filter((element) => element.invariants.length > 0);
  const primitives = withOwn.filter(({ types }) => types.length > 0 && types.every(({ code }) => definitionOf(code)?.kind === "primitive"));
  expect(primitives.map(({ path }) => path)).toEqual(["ElementDefinition.max"]);
});

test("a property has invariants when there are any to ask of its values", () => {
  const properties = typeNames().flatMap((name) => [...(definitionOf(name)?.properties.values() ?? [])]);
  expect(properties.filter((property) => hasInvariants(property) !== compiled.at(property).length > 0)).toEqual([]);
});

test("what is mended still stands in R4", () => {
  const file = new URL("../../../../src/pipeline/validate/invariants/mended.ts", import.meta.url);
  const entries = [...readFileSync(file, "utf8").matchAll(/^ {2}(?:\[NAME\]|"(?:[^"\\]|\\.)*"):/gm)];
  const vitalSigns = R4.coreProfiles.structureDefinition("http://hl7.org/fhir/StructureDefinition/vitalsigns")?.resource.snapshot?.element ?? [];
  const ofProfiles = vitalSigns.flatMap(({ constraint }) => (constraint ?? []).map(({ expression = "" }) => expression));
  const changed = new Set([...all.map(({ expression }) => expression), ...ofProfiles].filter((expression) => mended(expression) !== expression));
  expect(changed.size).toBe(entries.length);
});

function allInvariants(): Invariant[] {
  const definitions = typeNames().flatMap((name) => definitionOf(name) ?? []);
  return [
    ...new Set(
      definitions.flatMap((type) => [...type.invariants, ...elementsOf(type).flatMap((e) => [...e.invariants, ...(e.content?.invariants ?? [])])]),
    ),
  ];
}

function elementsOf(type: TypeDefinition | undefined): TypeDefinition["elements"] {
  return (type?.elements ?? []).flatMap((element) => [element, ...(element.types.length > 0 ? elementsOfContent(element.content) : [])]);
}

function elementsOfContent(content: TypeDefinition | undefined): TypeDefinition["elements"] {
  return content ? elementsOf(content) : [];
}
