import type {
  Binding,
  Constraint,
  Discriminator,
  ElementDefinition,
  ElementType,
  Slicing,
  StructureDefinition,
} from "../conformance/structure-definition.ts";
import { extensionsOf, flagOf, isFields, isShallow, numberOf, objectsOf, oneOf, present, textOf, textsOf, valueOf, type Fields } from "./fields.ts";

const EXTENSIONS = {
  imposes: "http://hl7.org/fhir/StructureDefinition/structuredefinition-imposeProfile",
  minLength: "http://hl7.org/fhir/StructureDefinition/minLength",
  mustHaveValue: "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue",
  narrativeLanguage: "http://hl7.org/fhir/StructureDefinition/narrative-language-control",
  valueAlternatives: "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.valueAlternatives",
  profileElement: "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element",
  maxValueSet: "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet",
  additional: "http://hl7.org/fhir/tools/StructureDefinition/additional-binding",
  additionalOfR5: "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.binding.additional",
  obligation: "http://hl7.org/fhir/StructureDefinition/obligation",
  obligationOfTools: "http://hl7.org/fhir/tools/StructureDefinition/obligation",
};

/** `fixedCode`, `patternCodeableConcept`, `minValueDate`: kept as they are. */
const VALUED = /^(fixed|pattern|minValue|maxValue)[A-Z]/;

/** What is asked of a StructureDefinition as a package has it; undefined where it lacks what makes it one. */
export function strippedStructureDefinition(resource: Fields): StructureDefinition | undefined {
  const [url, name, type] = [textOf(resource["url"]), textOf(resource["name"]), textOf(resource["type"])];
  const kind = oneOf(resource["kind"], ["primitive-type", "complex-type", "resource", "logical"]);
  if (url === undefined || type === undefined || kind === undefined) return undefined;
  return present({
    url,
    version: textOf(resource["version"]),
    name: name ?? url,
    title: textOf(resource["title"]),
    status: textOf(resource["status"]),
    type,
    kind,
    abstract: flagOf(resource["abstract"]),
    derivation: oneOf(resource["derivation"], ["specialization", "constraint"]),
    baseDefinition: textOf(resource["baseDefinition"]),
    context: objectsOf(resource["context"]).flatMap(contextOf),
    contextInvariant: textsOf(resource["contextInvariant"]),
    snapshot: viewOf(resource["snapshot"]),
    differential: viewOf(resource["differential"]),
    imposes: extensionsOf(resource, EXTENSIONS.imposes).flatMap((one) => textOf(valueOf(one)) ?? []),
  }) as StructureDefinition;
}

function contextOf(context: Fields): NonNullable<StructureDefinition["context"]> {
  const [type, expression] = [textOf(context["type"]), textOf(context["expression"])];
  return type === undefined || expression === undefined ? [] : [{ type, expression }];
}

function viewOf(view: unknown): StructureDefinition["snapshot"] {
  if (!isFields(view)) return undefined;
  const element = objectsOf(view["element"]).flatMap(strippedElement);
  return element.length === 0 ? undefined : { element };
}

function strippedElement(element: Fields): ElementDefinition[] {
  const path = textOf(element["path"]);
  if (path === undefined) return [];
  const valued = Object.entries(element).filter(([name, value]) => VALUED.test(name) && isShallow(value));
  const stripped = present({
    id: textOf(element["id"]),
    path,
    sliceName: textOf(element["sliceName"]),
    sliceIsConstraining: flagOf(element["sliceIsConstraining"]),
    min: numberOf(element["min"]),
    max: textOf(element["max"]),
    base: baseOf(element["base"]),
    representation: textsOf(element["representation"]),
    contentReference: textOf(element["contentReference"]),
    type: objectsOf(element["type"]).flatMap(typeOf),
    isModifier: flagOf(element["isModifier"]),
    isSummary: flagOf(element["isSummary"]),
    mustSupport: flagOf(element["mustSupport"]),
    maxLength: numberOf(element["maxLength"]),
    minLength: numberOf(valueIn(element, EXTENSIONS.minLength)),
    mustHaveValue: flagOf(element["mustHaveValue"] ?? valueIn(element, EXTENSIONS.mustHaveValue)),
    valueAlternatives: [
      ...textsOf(element["valueAlternatives"]),
      ...extensionsOf(element, EXTENSIONS.valueAlternatives).flatMap((one) => textOf(valueOf(one)) ?? []),
    ],
    narrativeLanguage: textOf(valueIn(element, EXTENSIONS.narrativeLanguage)),
    short: textOf(element["short"]),
    slicing: slicingOf(element["slicing"]),
    binding: bindingOf(element["binding"]),
    constraint: objectsOf(element["constraint"]).flatMap(constraintOf),
    condition: textsOf(element["condition"]),
    obligation: [...new Set(extensionsOf(element, EXTENSIONS.obligation, EXTENSIONS.obligationOfTools).flatMap(codesOfObligation))],
  });
  return [{ ...stripped, ...Object.fromEntries(valued) }];
}

function baseOf(base: unknown): ElementDefinition["base"] {
  if (!isFields(base)) return undefined;
  const [path, min, max] = [textOf(base["path"]), numberOf(base["min"]), textOf(base["max"])];
  return path === undefined || min === undefined || max === undefined ? undefined : { path, min, max };
}

function typeOf(type: Fields): ElementType[] {
  const code = textOf(type["code"]);
  if (code === undefined) return [];
  return [
    present({
      code,
      profile: profilesOf(type),
      targetProfile: textsOf(type["targetProfile"]),
      aggregation: textsOf(type["aggregation"]),
      versioning: textOf(type["versioning"]),
    }) as ElementType,
  ];
}

/** With `#` and the id of the element of the profile that is meant, where that is another than its root. */
function profilesOf(type: Fields): readonly string[] {
  const [canonicals, besides] = [type["profile"], type["_profile"]];
  if (!Array.isArray(canonicals) || !Array.isArray(besides)) return textsOf(canonicals);
  return canonicals.flatMap((canonical, at) => {
    const beside: unknown = besides[at];
    const element = isFields(beside) ? textOf(valueIn(beside, EXTENSIONS.profileElement)) : undefined;
    const text = textOf(canonical);
    return text === undefined ? [] : [element === undefined ? text : `${text}#${element}`];
  });
}

function slicingOf(slicing: unknown): Slicing | undefined {
  if (!isFields(slicing)) return undefined;
  const discriminator = objectsOf(slicing["discriminator"]).flatMap((one): Discriminator[] => {
    const type = oneOf(one["type"], ["value", "exists", "pattern", "type", "profile", "position"]);
    return type === undefined ? [] : [{ type, path: textOf(one["path"]) ?? "$this" }];
  });
  const rules = oneOf(slicing["rules"], ["closed", "open", "openAtEnd"]) ?? "open";
  return present({ discriminator, ordered: flagOf(slicing["ordered"]), rules });
}

function bindingOf(binding: unknown): Binding | undefined {
  if (!isFields(binding)) return undefined;
  const strength = oneOf(binding["strength"], ["required", "extensible", "preferred", "example"]);
  if (strength === undefined) return undefined;
  return present({
    strength,
    valueSet: textOf(binding["valueSet"]),
    maxValueSet: textOf(valueIn(binding, EXTENSIONS.maxValueSet)),
    additional: [
      ...objectsOf(binding["additional"]).flatMap((one) => additionalOf(one["purpose"], one["valueSet"], one["usage"] !== undefined)),
      ...extensionsOf(binding, EXTENSIONS.additional, EXTENSIONS.additionalOfR5).flatMap((one) =>
        additionalOf(valueIn(one, "purpose"), valueIn(one, "valueSet"), valueIn(one, "usage") !== undefined),
      ),
    ],
  }) as Binding;
}

function additionalOf(givenPurpose: unknown, givenSet: unknown, hasUsage: boolean): NonNullable<Binding["additional"]> {
  const [purpose, valueSet] = [textOf(givenPurpose), textOf(givenSet)];
  return purpose === undefined || valueSet === undefined ? [] : [{ purpose, valueSet, ...(hasUsage && { usage: true }) }];
}

/** The value of the first extension with a url. */
function valueIn(fields: Fields, url: string): unknown {
  const [extension] = extensionsOf(fields, url);
  return extension && valueOf(extension);
}

function constraintOf(constraint: Fields): Constraint[] {
  const key = textOf(constraint["key"]);
  if (key === undefined) return [];
  return [
    present({
      key,
      severity: oneOf(constraint["severity"], ["error", "warning"]) ?? "error",
      human: textOf(constraint["human"]) ?? key,
      expression: textOf(constraint["expression"]),
      source: textOf(constraint["source"]),
    }) as Constraint,
  ];
}

function codesOfObligation(obligation: Fields): string[] {
  return extensionsOf(obligation, "code").flatMap((one) => textOf(valueOf(one)) ?? []);
}
