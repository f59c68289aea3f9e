import { isHeld } from "./compile-terminology.ts";
import type { CodeSystem, Concept } from "./terminology-resources.ts";

/**
 * The artefact that src/core/fhir/r4/displays.ts reads: of each code system that the package holds completely a text with a line for each code that has a display, and in it, with tabs between
 * them, the code, its display, and its designations in other languages.
 */
export function compileDisplays(systems: readonly CodeSystem[]): string {
  const lines = systems
    .filter(isHeld)
    .map(({ url, concept }) => ({ url, lines: linesOf(concept ?? []) }))
    .filter((system) => system.lines.length > 0)
    .sort((left, right) => (left.url < right.url ? -1 : 1))
    .map((system) => `${JSON.stringify(system.url)}:${JSON.stringify(system.lines.join("\n"))}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

function linesOf(concepts: readonly Concept[]): string[] {
  return concepts.flatMap((concept) => {
    const { code, display, designation = [], concept: inner = [] } = concept;
    const others = designation.filter(({ use }) => use?.code === "display").map(({ value }) => value);
    const own = display === undefined ? [] : [[code, display, ...others].map((text) => text.replace(/\s+/g, " ").trim()).join("\t")];
    return [...own, ...linesOf(inner)];
  });
}
