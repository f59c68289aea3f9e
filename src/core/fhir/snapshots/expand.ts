import type { ElementDefinition, ElementType, StructureDefinition } from "../conformance/structure-definition.ts";
import { copyOf, treeOf, type ElementNode } from "./element-tree.ts";
import { SnapshotFault } from "./snapshot-fault.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";
const SYSTEM_TYPE = "http://hl7.org/fhirpath/System.";

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
 * Lists what an element holds, where its snapshot does not yet: of what it refers to, of the one profile of its type, of its type (profiling.html: "walk into" datatypes).
 * @param base the tree of the base, in which content references lead
 * @throws SnapshotFault where nothing says what it holds
 */
export function expand(node: ElementNode, base: ElementNode, bases: Bases): ElementNode[] {
  if (node.children !== undefined) return node.children;
  const reference = node.element.contentReference;
  node.children = reference === undefined ? ofTypes(node, bases) : ofReference(node, reference, base, bases);
  return node.children;
}

function ofReference(node: ElementNode, reference: string, base: ElementNode, bases: Bases): ElementNode[] {
  const [definition = "", id = ""] = reference.split("#");
  // Those of another definition: of a base in a differential for a derived model.
  const within = definition === "" ? base : rootedAt(bases.baseOf(definition));
  const target = within && targetOf(within, id);
  if (target?.children === undefined) throw new SnapshotFault(`it refers to the content of ${reference}, which is not there`);
  const { contentReference: _, ...own } = node.element;
  node.element = { ...own, ...(target.element.type && { type: target.element.type }) };
  return target.children.map(copyOf);
}

function targetOf(root: ElementNode, id: string): ElementNode | undefined {
  return id
    .split(".")
    .slice(1)
    .reduce<ElementNode | undefined>((node, name) => node?.children?.find((child) => child.name === name), root);
}

function ofTypes(node: ElementNode, bases: Bases): ElementNode[] {
  const types = node.element.type ?? [];
  const codes = new Set(types.map(({ code }) => code));
  const [type] = types;
  if (type === undefined) throw new SnapshotFault("it has no type, and holds nothing");
  const [code = ""] = codes;
  if (codes.size === 1 && code.startsWith(SYSTEM_TYPE)) throw new SnapshotFault("it is a plain value, and holds nothing");
  const profile = types.length === 1 ? onlyProfile(type) : undefined;
  const definition = (profile === undefined ? undefined : bases.baseOf(profile)) ?? bases.baseOf(canonicalOf(codes.size === 1 ? code : "Element"));
  const children = rootedAt(definition)?.children;
  if (children === undefined) throw new SnapshotFault(`nothing says what a ${code} holds`);
  return children.map(copyOf);
}

/** The profile of a type that names one alone. */
export function onlyProfile({ profile }: ElementType): string | undefined {
  return profile?.length === 1 ? profile[0] : undefined;
}

function rootedAt(definition: StructureDefinition | undefined): ElementNode | undefined {
  return definition && treeOf(definition);
}
