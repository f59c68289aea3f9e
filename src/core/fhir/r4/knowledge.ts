import type { Conformance } from "../conformance/conformance.ts";
import { createCoreProfiles, type CoreProfilesArtefact } from "./core-profiles.ts";
import { createDefinitions, type Definitions, type DefinitionsArtefact } from "./definitions.ts";
import { createDisplays, type Displays, type DisplaysArtefact } from "./displays.ts";
import { createExtensions, type Extensions, type ExtensionsArtefact } from "./extensions.ts";
import { createParameterDefinitions, type ParameterDefinitions, type ParameterDefinitionsArtefact } from "./parameter-definitions.ts";
import { createTerminology, type Terminology, type TerminologyArtefact } from "./terminology.ts";

/** What is known of FHIR: an instance. R4 alone is the first (open-r4.ts); packages that an operator loads make others. */
export interface Knowledge {
  readonly definitions: Definitions;
  readonly extensions: Extensions;
  readonly terminology: Terminology;
  readonly displays: Displays;
  readonly parameters: ParameterDefinitions;
  /** The profiles of R4's own that it demands whatever packages there are: vital signs. */
  readonly coreProfiles: Conformance;
}

/** What gives the artefacts that knowledge is made of: files on Node, whatever a page was given in a browser. Each is asked once, on the first question. */
export interface Artefacts {
  readonly definitions: () => DefinitionsArtefact;
  readonly extensions: () => ExtensionsArtefact;
  readonly terminology: () => TerminologyArtefact;
  readonly displays: () => DisplaysArtefact;
  readonly parameters: () => ParameterDefinitionsArtefact;
  readonly coreProfiles: () => CoreProfilesArtefact;
}

export function knowledgeOf({ definitions, extensions, terminology, displays, parameters, coreProfiles }: Artefacts): Knowledge {
  return {
    definitions: createDefinitions(definitions),
    extensions: createExtensions(extensions),
    terminology: createTerminology(terminology),
    displays: createDisplays(displays),
    parameters: createParameterDefinitions(parameters),
    coreProfiles: createCoreProfiles(coreProfiles),
  };
}
