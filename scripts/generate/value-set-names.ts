import type { ElementDefinition } from "./structure-definition.ts";

const CORE = "http://hl7.org/fhir/ValueSet/";
const MAXIMUM = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet";

/** The value sets that the codes of an element come from: always, and unless none of their codes fits. */
export interface Bindings {
  required?: string;
  maximum?: string;
  extensible?: string;
}

/** A value set's address as the artefact has it: without version and, for those of R4 itself, without what all have in common. */
export function valueSetName(canonical: string): string {
  return (canonical.split("|")[0] ?? "").replace(CORE, "");
}

/** Required and extensible bindings of an element, and the value set that limits one of another strength. */
export function compileBindings(element: ElementDefinition | undefined): Bindings {
  const binding = element?.binding;
  if (!binding) return {};
  const maximum = binding.extension?.find((extension) => extension.url === MAXIMUM)?.valueCanonical;
  const isRequired = binding.strength === "required" && binding.valueSet !== undefined;
  return {
    ...(isRequired && { required: valueSetName(binding.valueSet) }),
    ...(!isRequired && maximum !== undefined && { maximum: valueSetName(maximum) }),
    ...(binding.strength === "extensible" && binding.valueSet !== undefined && { extensible: valueSetName(binding.valueSet) }),
  };
}
