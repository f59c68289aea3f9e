import type { Binding, Constraint, ElementDefinition, Slicing } from "../conformance/structure-definition.ts";

const VALUED = /^(?:fixed|pattern)[A-Z]/;

/**
 * What a differential says of an element, upon what its base says (elementdefinition.html; profiling.html, "Constraining"): what it says replaces, but constraints and conditions add up, a closed
 * slicing stays closed, and a binding keeps what the differential leaves out.
 * @param source the definition that the differential is of: that of constraints which name none
 */
export function merge(base: ElementDefinition, differential: ElementDefinition, source: string): ElementDefinition {
  const merged: Writable = { ...base };
  for (const [key, value] of Object.entries(differential)) {
    if (KEPT.has(key)) continue;
    const kind = VALUED.exec(key)?.[0].slice(0, -1);
    // A value of another type takes the place of the one that stands.
    if (kind !== undefined) for (const other of Object.keys(merged)) if (VALUED.exec(other)?.[0].slice(0, -1) === kind) delete merged[other];
    merged[key] = value;
  }
  if (differential.slicing) merged["slicing"] = mergeSlicing(base.slicing, differential.slicing);
  if (differential.binding) merged["binding"] = mergeBinding(base.binding, differential.binding);
  if (differential.constraint) merged["constraint"] = mergeConstraints(base.constraint ?? [], differential.constraint, source);
  if (differential.condition) merged["condition"] = [...new Set([...(base.condition ?? []), ...differential.condition])];
  return merged as unknown as ElementDefinition;
}

type Writable = Record<string, unknown>;

/** What an element is, and not what is said of it. */
const KEPT: ReadonlySet<string> = new Set(["id", "path", "base", "sliceName", "contentReference"]);

/** Discriminators add up, order that was asked for stays, and who closed a list closed it for those who follow. */
export function mergeSlicing(base: Slicing | undefined, own: Slicing): Slicing {
  if (base === undefined) return own;
  const discriminator = [...(base.discriminator ?? [])];
  for (const one of own.discriminator ?? []) if (!discriminator.some(({ type, path }) => type === one.type && path === one.path)) discriminator.push(one);
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
export function mergeConstraints(base: readonly Constraint[], own: readonly Constraint[], source: string): readonly Constraint[] {
  const more = own.filter(({ key }) => !base.some((one) => one.key === key));
  return more.length === 0 ? base : [...base, ...more.map((constraint) => ({ source, ...constraint }))];
}

/**
 * An element whose type is held to one profile has what the root of that profile says (an extension: how often it may stand, whether it modifies; all: constraints and a binding), where it does
 * not say so itself.
 */
export function uponProfile(element: ElementDefinition, root: ElementDefinition, isExtension: boolean): ElementDefinition {
  const ofRoot: Writable = { ...root };
  for (const key of ["id", "path", "base", "sliceName", "type", "slicing", "contentReference", ...(isExtension ? [] : ["min", "max"])]) delete ofRoot[key];
  return {
    ...element,
    ...ofRoot,
    constraint: mergeConstraints(root.constraint ?? [], element.constraint ?? [], ""),
  } as unknown as ElementDefinition;
}
