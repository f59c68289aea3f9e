/** How the artefacts of this folder write types and value sets: short, because they are read at every start. */
import type { Bindings, ElementType } from "./definitions.ts";

/** Names of value sets, see valueSetUrl. */
export interface ArtefactBindings {
  readonly required?: string;
  readonly extensible?: string;
}

const CORE_VALUE_SETS = "http://hl7.org/fhir/ValueSet/";
const NO_BINDINGS: Bindings = { required: undefined, extensible: undefined };

export function bindingsOf({ required, extensible }: ArtefactBindings): Bindings {
  if (required === undefined && extensible === undefined) return NO_BINDINGS;
  return { required: valueSetUrl(required), extensible: valueSetUrl(extensible) };
}

/** `encounter-status` is R4's own; others stand in full. */
function valueSetUrl(name: string | undefined): string | undefined {
  return name === undefined || name.includes(":") ? name : CORE_VALUE_SETS + name;
}

/** `Reference<Patient,Group>|string` */
export function parseTypes(text: string): ElementType[] {
  return text === "" ? [] : text.split("|").map(parseType);
}

function parseType(text: string): ElementType {
  const [code = "", targets] = text.slice(0, text.endsWith(">") ? -1 : undefined).split("<");
  return { code, targets: targets?.split(",") ?? [] };
}
