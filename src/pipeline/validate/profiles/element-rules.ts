import type { Held } from "../../../core/fhir/conformance/conformance.ts";
import type { Constraint, ElementDefinition, StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import { compileFhirPath } from "../../../core/fhir/fhirpath/compile.ts";
import { FhirPathSyntaxError } from "../../../core/fhir/fhirpath/errors.ts";
import type { Definitions, ElementDefinition as BaseElement, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import { namedCoreType } from "../../../core/fhir/r4/held-profiles.ts";
import { CHECKED_ELSEWHERE, mended } from "../invariants/mended.ts";
import type { TreeNode } from "./element-tree.ts";
import type { BindingPlan, ConstraintPlan, ProfileName, RangePlan, TypePlan, ValuePlan } from "./plan.ts";

/*
 * What one element of a snapshot says beyond R4, by kinds of rules.
 */

/** The definition that an element stands in. */
export interface Within {
  readonly held: Held<StructureDefinition>;
  readonly definitions: Definitions;
  /** What is wrong with the profile itself. */
  readonly faults: string[];
}

/** A canonical without its version. */
export function unversioned(canonical: string): string {
  return canonical.split("|", 1)[0] ?? canonical;
}

export function maximumOf(max: string | undefined): number {
  return max === undefined || max === "*" ? Infinity : Number.parseInt(max, 10);
}

export function valuesOf(element: ElementDefinition): readonly ValuePlan[] {
  return keyed(element, "fixed", "pattern").map(([name, value]) => ({ kind: name.startsWith("fixed") ? "fixed" : "pattern", value }));
}

export function rangesOf(element: ElementDefinition): readonly RangePlan[] {
  return keyed(element, "minValue", "maxValue").map(([name, value]) => ({
    kind: name.startsWith("min") ? "min" : "max",
    type: name.slice("minValue".length),
    value,
  }));
}

function keyed(element: ElementDefinition, ...prefixes: readonly string[]): [name: string, value: unknown][] {
  return Object.entries(element).filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length))));
}

/** Profiles that R4's own elements name already. */
const OF_BASE: ReadonlySet<string> = new Set(["SimpleQuantity", "MoneyQuantity"].map((name) => `http://hl7.org/fhir/StructureDefinition/${name}`));
const ANY: ReadonlySet<string> = new Set(["Resource", "DomainResource"]);

/** The types of an element, where something is said about any: profiles, targets other than R4's. */
export function typesOf({ element, base, shortcut }: TreeNode, within: Within): readonly TypePlan[] {
  const own = (element.type ?? []).filter(({ code }) => shortcut === undefined || code === shortcut);
  return own.flatMap((type): TypePlan[] => {
    const profiles = (type.profile ?? [])
      .filter((canonical) => !OF_BASE.has(unversioned(canonical)))
      .map((canonical) => nameOf(canonical, within))
      .filter(({ coreType }) => coreType === undefined || coreType !== type.code);
    const targets = (type.targetProfile ?? []).map((canonical) => nameOf(canonical, within));
    const isAsBase = isSameTargets(targets, base?.types.find(({ code }) => code === type.code)?.targets ?? []);
    const isSaid = profiles.length > 0 || !isAsBase || type.aggregation !== undefined;
    return isSaid ? [{ code: type.code, profiles, targets: isAsBase ? undefined : targets, aggregation: type.aggregation }] : [];
  });
}

function isSameTargets(targets: readonly ProfileName[], base: readonly string[]): boolean {
  if (targets.length === 0 || targets.some(({ coreType }) => coreType !== undefined && ANY.has(coreType))) return true;
  return targets.length >= base.length && targets.every(({ coreType }) => coreType !== undefined && base.includes(coreType));
}

function nameOf(canonical: string, { held, definitions }: Within): ProfileName {
  const type = namedCoreType(unversioned(canonical));
  return { canonical, from: held.origin, coreType: type !== undefined && definitions.definitionOf(type) !== undefined ? type : undefined };
}

/** The codes of the types that are left; undefined where they are R4's, or FHIRPath's own (an id, a url). */
export function codesOf({ element, base, shortcut }: TreeNode): ReadonlySet<string> | undefined {
  if (shortcut !== undefined) return new Set([shortcut]);
  const codes = new Set((element.type ?? []).map(({ code }) => code));
  if (codes.size === 0 || [...codes].some((code) => code.includes(":"))) return undefined;
  const isAsBase = base === undefined || base.content !== undefined || base.types.every(({ code }) => codes.has(code));
  return isAsBase ? undefined : codes;
}

const CHECKED: ReadonlySet<string> = new Set(["required", "extensible"]);

/** Bindings that R4 has not; the required ones that are added (R5's `additional`) among them. */
export function bindingsOf({ binding }: ElementDefinition, base: BaseElement | undefined, { held }: Within): readonly BindingPlan[] {
  if (binding === undefined) return [];
  const from = held.origin;
  const found: BindingPlan[] = [];
  const { strength, valueSet, maxValueSet } = binding;
  const isOfBase = (url: string): boolean => {
    const plain = unversioned(url);
    return plain === base?.bindings.required || (strength === "extensible" && plain === base?.bindings.extensible);
  };
  if (valueSet !== undefined && CHECKED.has(strength) && !isOfBase(valueSet)) found.push({ strength, valueSet, from });
  if (maxValueSet !== undefined && unversioned(maxValueSet) !== base?.bindings.maximum)
    found.push({ strength: "maximum", valueSet: maxValueSet, from });
  for (const { purpose, valueSet: added, usage } of binding.additional ?? []) {
    if (usage === true) continue;
    if (purpose === "required") found.push({ strength: "required", valueSet: added, from });
    if (purpose === "maximum") found.push({ strength: "maximum", valueSet: added, from });
  }
  return found;
}

/** Those of R4's abstract types stand in every snapshot. */
const OF_EVERY_ELEMENT = /^(?:ele|ext|dom|txt)-\d+$/;

/** The invariants that R4 does not state itself of the same element or its types. */
export function constraintsOf({ element, base }: TreeNode, type: TypeDefinition | undefined, within: Within): readonly ConstraintPlan[] {
  const { definitions, faults } = within;
  const known = new Set<string>(CHECKED_ELSEWHERE);
  const types = [type, ...(element.type ?? []).map(({ code }) => definitions.definitionOf(code))];
  for (const { key } of [...(base?.invariants ?? []), ...(base?.content?.invariants ?? []), ...types.flatMap((one) => one?.invariants ?? [])])
    known.add(key);
  return (element.constraint ?? []).flatMap((constraint): ConstraintPlan[] => {
    const { key, expression } = constraint;
    if (expression === undefined || OF_EVERY_ELEMENT.test(key) || known.has(key)) return [];
    return [planOf(constraint, expression, definitions, faults)];
  });
}

function planOf({ key, severity, human }: Constraint, text: string, definitions: Definitions, faults: string[]): ConstraintPlan {
  let made: { readonly expression: ReturnType<ConstraintPlan["expression"]> } | undefined;
  const make = (): ReturnType<ConstraintPlan["expression"]> => {
    try {
      return compileFhirPath(mended(text), definitions, "lenient");
    } catch (error) {
      if (!(error instanceof FhirPathSyntaxError)) throw error;
      faults.push(`its invariant ${key} can't be read: ${error.message}`);
      return undefined;
    }
  };
  return { key, severity, human, text, expression: () => (made ??= { expression: make() }).expression };
}
