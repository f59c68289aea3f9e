import type { Binding, Constraint, ElementDefinition, Slicing } from "../conformance/structure-definition.ts";

const VALUED = /^(fixed|pattern)[A-Z]/;
/** What an element is, and not what is said of it. */
const KEPT: ReadonlySet<string> = new Set(["id", "path", "base", "sliceName", "contentReference"]);
/** Types that a code can be had of: a binding says nothing of others (elementdefinition.html, ElementDefinition.binding; R5's CodeableReference, and what R4's own definitions bind). */
const CODED: ReadonlySet<string> = new Set([
  ...["code", "Coding", "CodeableConcept", "CodeableReference", "Quantity", "Age", "Count", "Distance", "Duration", "Money"],
  ...["string", "uri", "url", "canonical", "oid", "uuid", "id", "markdown"],
]);

/**
 * What a differential says of an element, upon what its base says (elementdefinition.html; profiling.html, "Constraining"): what it says replaces, but constraints and conditions add up, a closed
 * slicing stays closed, and a binding keeps what the differential leaves out.
 * @param source the definition that the differential is of: that of constraints which name none
 */
export function merge(base: ElementDefinition, differential: ElementDefinition, source: string): ElementDefinition {
  const said = Object.entries(differential).filter(([name]) => !KEPT.has(name));
  const values = new Set(said.map(([name]) => VALUED.exec(name)?.[1]));
  // A value of another type takes the place of the one that stands.
  const kept = Object.entries(base).filter(([name]) => !values.has(VALUED.exec(name)?.[1]) || VALUED.exec(name) === null);
  const merged: ElementDefinition = {
    ...(Object.fromEntries([...kept, ...said]) as unknown as ElementDefinition),
    ...(differential.slicing && { slicing: mergeSlicing(base.slicing, differential.slicing) }),
    ...(differential.binding && { binding: mergeBinding(base.binding, differential.binding) }),
    ...(differential.constraint && { constraint: mergeConstraints(base.constraint ?? [], differential.constraint, source) }),
    ...(differential.condition && { condition: [...new Set([...(base.condition ?? []), ...differential.condition])] }),
  };
  return differential.type === undefined ? merged : withinTypes(merged);
}

/** An element without a binding where none of the types that are left has codes. */
export function withinTypes(element: ElementDefinition): ElementDefinition {
  const { binding, ...rest } = element;
  const hasCodes = element.type?.some(({ code }) => CODED.has(code) || code.includes(":")) !== false;
  return binding === undefined || hasCodes ? element : rest;
}

/** Discriminators add up, order that was asked for stays, and who closed a list closed it for those who follow. */
function mergeSlicing(base: Slicing | undefined, own: Slicing): Slicing {
  if (base === undefined) return own;
  const discriminator = [...(base.discriminator ?? [])];
  for (const one of own.discriminator ?? [])
    if (!discriminator.some(({ type, path }) => type === one.type && path === one.path)) discriminator.push(one);
  return {
    ...base,
    ...own,
    ...(discriminator.length > 0 && { discriminator }),
    ...(base.ordered === true && { ordered: true }),
    rules: base.rules === "closed" ? "closed" : own.rules,
  };
}

function mergeBinding(base: Binding | undefined, own: Binding): Binding {
  if (base === undefined) return own;
  const additional = [...(base.additional ?? []), ...(own.additional ?? [])];
  return { ...base, ...own, ...(additional.length > 0 && { additional }) };
}

/** Those that stand, and those of other keys. */
function mergeConstraints(base: readonly Constraint[], own: readonly Constraint[], source: string): readonly Constraint[] {
  const more = own.filter(({ key }) => !base.some((one) => one.key === key));
  return more.length === 0 ? base : [...base, ...more.map((constraint) => ({ source, ...constraint }))];
}

/**
 * An element whose type is held to one profile has what the root of that profile says where it goes beyond the type: constraints, a binding, fixed values; of an extension also how often it may stand
 * and whether it modifies.
 */
export function uponProfile(element: ElementDefinition, root: ElementDefinition, isExtension: boolean): ElementDefinition {
  const own = new Set([...KEPT, "type", "slicing", ...(isExtension ? [] : ["min", "max"])]);
  const ofRoot = Object.fromEntries(Object.entries(root).filter(([name]) => !own.has(name)));
  return { ...element, ...ofRoot, constraint: mergeConstraints(root.constraint ?? [], element.constraint ?? [], "") };
}
