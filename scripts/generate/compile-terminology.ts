import { Expansion, type Part } from "./expand-value-set.ts";
import type { CodeSystem, Concept, ValueSet } from "./terminology-resources.ts";
import { valueSetName } from "./value-set-names.ts";

/** Parts codes in the artefact. */
const BAR = "|";

/**
 * The artefact that src/core/fhir/r4/terminology.ts reads: code systems that the package holds completely, each with its codes in one text, and the value sets that are bound
 * to, as parts of code systems. A part is `[number of the system]` for all of its codes, or `[number, codes]`. A system without codes is not held.
 * @param bound canonicals of the value sets that bindings name: required, extensible and maximum
 */
export function compileTerminology(resources: readonly (CodeSystem | ValueSet)[], bound: readonly string[]): string {
  const held = resources.filter((resource) => resource.resourceType === "CodeSystem").filter(isHeld);
  const codes = new Map(held.map((system) => [system.url, allCodes(system.concept ?? [])]));
  const expansion = new Expansion(
    new Map(held.map((system) => [system.url, system])),
    new Map(resources.filter((resource) => resource.resourceType === "ValueSet").map((valueSet) => [valueSetName(valueSet.url), valueSet])),
  );
  const valueSets = [...new Set(bound.map(valueSetName))].sort().flatMap((name) => {
    const parts = expansion.of(name);
    return parts ? [{ name, title: expansion.titleOf(name), parts }] : [];
  });
  const open = valueSets.flatMap(({ parts }) => parts.map((part) => part.system)).filter((system) => !codes.has(system));
  const named = resources.filter((resource) => resource.resourceType === "CodeSystem").map(({ url }) => url);
  const urls = [...new Set([...codes.keys(), ...open, ...named])].sort();
  const number = new Map(urls.map((url, at) => [url, at]));
  const systemLines = urls.map((url) => JSON.stringify([url, codes.has(url) ? joined(codes.get(url) ?? []) : null]));
  const partOf = ({ system, codes: some }: Part): [number, string?] => (some ? [number.get(system) ?? -1, joined(some)] : [number.get(system) ?? -1]);
  const valueSetLines = valueSets.map(({ name, title, parts }) => `${JSON.stringify(name)}:${JSON.stringify([title, ...parts.map(partOf)])}`);
  return `{"systems":[\n${systemLines.join(",\n")}\n],"valueSets":{\n${valueSetLines.join(",\n")}\n}}\n`;
}

/** A bar in the address of a code system is a version that has no place there (v2-0391|2.6): nothing can refer to it. */
export function isHeld(system: CodeSystem): boolean {
  return system.content === "complete" && (system.concept?.length ?? 0) > 0 && !system.url.includes(BAR);
}

/** Codes at all levels, in order, each once. */
function allCodes(concepts: readonly Concept[]): string[] {
  return [...new Set(concepts.flatMap((concept) => [concept.code, ...allCodes(concept.concept ?? [])]))];
}

function joined(codes: readonly string[]): string {
  const unfit = codes.find((code) => code.includes(BAR));
  if (unfit !== undefined) throw new Error(`A code holds a bar, which parts codes in the artefact: ${unfit}`);
  return codes.join(BAR);
}
