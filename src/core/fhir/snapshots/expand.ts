import type { ElementDefinition, ElementType, StructureDefinition } from "../conformance/structure-definition.ts";
import { copyOf, treeOf, type ElementNode } from "./element-tree.ts";
import { SnapshotFault } from "./snapshot-fault.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";
/** How the types of FHIRPath begin. */
export const SYSTEM_TYPE = "http://hl7.org/fhirpath/System.";

/** The definitions that a snapshot stands upon, each with its snapshot. */
export interface Bases {
  /** @returns undefined when it is not held. @throws SnapshotFault when it can't have a snapshot */
  readonly baseOf: (canonical: string) => StructureDefinition | undefined;
  /** What a profile says of its root: less than its snapshot, and to be had of one that is still in the making. */
  readonly rootOf: (canonical: string) => ElementDefinition | undefined;
}

/** What a type's own definition is called: types of packages (logical models) are called by their canonicals. */
export function canonicalOf(code: string): string {
  return code.includes(":") ? code : CORE + code;
}

/**
 * What an element holds where its snapshot does not list it: of what it refers to, of the one profile of its type, of its type (profiling.html: "walk into" datatypes).
 * @param base the tree of the base, in which content references lead
 * @throws SnapshotFault where nothing says what it holds
 */
export function expand(node: ElementNode, base: ElementNode, bases: Bases): ElementNode[] {
  const reference = node.element.contentReference;
  return reference === undefined ? ofTypes(node, bases) : ofReference(node, reference, base, bases);
}

/** Whatever a profile of the base says of what it refers to: it is the element of the type that is referred to, unsliced. */
function ofReference(node: ElementNode, reference: string, base: ElementNode, bases: Bases): ElementNode[] {
  const [definition = "", id = ""] = reference.split("#");
  const held = definition === "" ? undefined : bases.baseOf(definition);
  const within = held === undefined ? base : treeOf(held);
  const names = id.split(".").slice(1);
  const target = names.reduce((found, name) => found?.children?.find((child) => child.name === name), within);
  if (target?.children === undefined) throw new SnapshotFault(`it refers to the content of ${reference}, which is not there`);
  const { contentReference: _, ...own } = node.element;
  node.element = { ...own, ...(target.element.type && { type: target.element.type }) };
  return target.children.map(copyOf);
}

function ofTypes({ element }: ElementNode, bases: Bases): ElementNode[] {
  const [type, ...others] = element.type ?? [];
  if (type === undefined) throw new SnapshotFault("it has no type, and holds nothing");
  if (type.code.startsWith(SYSTEM_TYPE)) throw new SnapshotFault("it is a plain value, and holds nothing");
  const isOne = others.every(({ code }) => code === type.code);
  const profile = others.length === 0 ? onlyProfile(type) : undefined;
  const definition = (profile === undefined ? undefined : bases.baseOf(profile)) ?? bases.baseOf(canonicalOf(isOne ? type.code : "Element"));
  const children = definition && treeOf(definition)?.children;
  if (children === undefined) throw new SnapshotFault(`nothing says what a ${type.code} holds`);
  return children;
}

/** The profile of a type that names one alone. */
export function onlyProfile({ profile }: ElementType): string | undefined {
  return profile?.length === 1 ? profile[0] : undefined;
}

/** The profile that an element is held to, where it is not here: what it holds is then not known. */
export function profileNotHeld({ element }: ElementNode, bases: Bases): string | undefined {
  const profile = element.type?.length === 1 && element.type[0] !== undefined ? onlyProfile(element.type[0]) : undefined;
  return profile !== undefined && bases.rootOf(profile) === undefined ? profile : undefined;
}
