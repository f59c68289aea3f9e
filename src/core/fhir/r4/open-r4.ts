import { readFileSync } from "node:fs";
import type { CoreProfilesArtefact } from "./core-profiles.ts";
import type { DefinitionsArtefact } from "./definitions.ts";
import type { DisplaysArtefact } from "./displays.ts";
import type { ExtensionsArtefact } from "./extensions.ts";
import { knowledgeOf, type Artefacts, type Knowledge } from "./knowledge.ts";
import type { ParameterDefinitionsArtefact } from "./parameter-definitions.ts";
import { createSearchParameters, type SearchParameters, type SearchParametersArtefact } from "./search-parameters.ts";
import type { TerminologyArtefact } from "./terminology.ts";

/** FHIR R4 (4.0.1) as `npm run generate` compiled it. Costs nothing until it is asked; whoever composes opens it once and passes it down. */
export function openR4(): Knowledge {
  return knowledgeOf(R4_ARTEFACTS);
}

/** What R4 is made from, read anew at each call: others are made of it with more. */
export const R4_ARTEFACTS: Artefacts = {
  definitions: () => readArtefact("definitions.json") as DefinitionsArtefact,
  extensions: () => readArtefact("extensions.json") as ExtensionsArtefact,
  terminology: () => readArtefact("terminology.json") as TerminologyArtefact,
  displays: () => readArtefact("displays.json") as DisplaysArtefact,
  parameters: () => readArtefact("parameter-definitions.json") as ParameterDefinitionsArtefact,
  coreProfiles: () => readArtefact("vital-signs.json") as CoreProfilesArtefact,
};

/** By what R4's resources are found. Apart from the rest: whoever validates or shows a document has no need of it. */
export function openR4SearchParameters(): SearchParameters {
  return createSearchParameters(() => readArtefact("search-parameters.json") as SearchParametersArtefact);
}

function readArtefact(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), "utf8"));
}
