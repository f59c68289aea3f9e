/** Types and value sets of elements, and how the artefacts of this folder write them: short, because they are read at every start. */

/** A type that an element may have, with what a Reference or canonical may lead to (empty: anything). */
export interface ElementType {
  readonly code: string;
  readonly targets: readonly string[];
}

/** The value sets (canonical, without version) that codes come from. */
export interface Bindings {
  /** No other code may stand there, and one must. */
  readonly required: string | undefined;
  /** No other code may stand there, but what is meant may be told in words alone (elementdefinition-maxValueSet). */
  readonly maximum: string | undefined;
  /** Another code may stand there when none of these fits. */
  readonly extensible: string | undefined;
}

/** Names of value sets, see valueSetUrl. */
export interface ArtefactBindings {
  readonly required?: string;
  readonly maximum?: string;
  readonly extensible?: string;
}

const CORE_VALUE_SETS = "http://hl7.org/fhir/ValueSet/";
const NO_BINDINGS: Bindings = { required: undefined, maximum: undefined, extensible: undefined };

export function bindingsOf({ required, maximum, extensible }: ArtefactBindings): Bindings {
  if (required === undefined && maximum === undefined && extensible === undefined) return NO_BINDINGS;
  return { required: valueSetUrl(required), maximum: valueSetUrl(maximum), extensible: valueSetUrl(extensible) };
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
