import { readFileSync } from "node:fs";
import { createDefinitions, type DefinitionsArtefact } from "./definitions.ts";
import { createExtensions, type ExtensionsArtefact } from "./extensions.ts";
import type { Knowledge } from "./knowledge.ts";
import { createTerminology, type TerminologyArtefact } from "./terminology.ts";

/** FHIR R4 (4.0.1) as `npm run generate` compiled it. Costs nothing until it is asked; whoever composes opens it once and passes it down. */
export function openR4(): Knowledge {
  return {
    definitions: createDefinitions(R4_ARTEFACTS.definitions),
    extensions: createExtensions(R4_ARTEFACTS.extensions),
    terminology: createTerminology(R4_ARTEFACTS.terminology),
  };
}

/** What R4 is made from, read anew at each call: others are made of it with more. */
export const R4_ARTEFACTS = {
  definitions: (): DefinitionsArtefact => readArtefact("definitions.json") as DefinitionsArtefact,
  extensions: (): ExtensionsArtefact => readArtefact("extensions.json") as ExtensionsArtefact,
  terminology: (): TerminologyArtefact => readArtefact("terminology.json") as TerminologyArtefact,
} as const;

function readArtefact(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), "utf8"));
}
