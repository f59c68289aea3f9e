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
}

/** What gives the artefacts that knowledge is made of: files on Node, whatever a page was given in a browser. Each is asked once, on the first question. */
export interface Artefacts {
  readonly definitions: () => DefinitionsArtefact;
  readonly extensions: () => ExtensionsArtefact;
  readonly terminology: () => TerminologyArtefact;
  readonly displays: () => DisplaysArtefact;
  readonly parameters: () => ParameterDefinitionsArtefact;
}

export function knowledgeOf({ definitions, extensions, terminology, displays, parameters }: Artefacts): Knowledge {
  return {
    definitions: createDefinitions(definitions),
    extensions: createExtensions(extensions),
    terminology: createTerminology(terminology),
    displays: createDisplays(displays),
    parameters: createParameterDefinitions(parameters),
  };
}
