import type { ElementDefinition, StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { Definitions, ElementDefinition as BaseElement, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";

/** An element of a snapshot with what stands below it and the slices that it is parted into (R4 profiling.html, elementdefinition.html). */
export interface TreeNode {
  readonly element: ElementDefinition;
  /** As R4 names it: `value` for `value[x]` and for `valueQuantity`. Empty for the root. */
  readonly name: string;
  /** The type that a short name of a choice stands for: `Quantity` of `valueQuantity`. */
  readonly shortcut: string | undefined;
  readonly children: TreeNode[];
  readonly slices: TreeNode[];
  /** Its slices by their names: there may be many. */
  readonly byName: Map<string | undefined, TreeNode>;
  /** What R4 says of the same element; undefined for the root, and for what R4 does not define. */
  readonly base: BaseElement | undefined;
  /** What its children are elements of; undefined where its type can't be told or has none. */
  readonly scope: TypeDefinition | undefined;
}

/** A snapshot as a tree. An element that it leaves out between others is put in, with nothing to say. Undefined when it has no root. */
export function treeOf({ snapshot, type }: StructureDefinition, { definitionOf }: Definitions): TreeNode | undefined {
  const [first, ...rest] = snapshot?.element ?? [];
  if (first === undefined) return undefined;
  const root: TreeNode = {
    element: first,
    name: "",
    shortcut: undefined,
    children: [],
    slices: [],
    byName: new Map(),
    base: undefined,
    scope: definitionOf(type),
  };
  const open: TreeNode[] = [root];
  for (const element of rest) {
    const steps = element.path.split(".");
    while (open.length > 1 && (open.length >= steps.length || !isWithin(element.path, open.at(-1)))) open.pop();
    for (let depth = open.length; depth < steps.length - 1; depth++) {
      const path = steps.slice(0, depth + 1).join(".");
      open.push(place({ path }, open.at(-1) ?? root, definitionOf));
    }
    open.push(place(element, open.at(-1) ?? root, definitionOf));
  }
  return root;
}

function isWithin(path: string, node: TreeNode | undefined): boolean {
  return node !== undefined && path.startsWith(`${node.element.path}.`);
}

type TypeOf = Definitions["definitionOf"];

/** Puts an element into its parent: as a child, or as a slice of one. */
function place(element: ElementDefinition, parent: TreeNode, typeOf: TypeOf): TreeNode {
  const node = nodeOf(element, parent, typeOf);
  const entry = parent.children.find(({ name }) => name === node.name);
  if (element.sliceName === undefined && node.shortcut === undefined) {
    if (entry !== undefined) return entry;
    parent.children.push(node);
    return node;
  }
  const sliced = entry ?? nodeOf({ path: parent.element.path + (parent.element.path === "" ? "" : ".") + entryName(node) }, parent, typeOf);
  if (entry === undefined) parent.children.push(sliced);
  const owner = ownerOf(sliced, element.sliceName);
  const known = owner.byName.get(sliceNameOf(node));
  if (known !== undefined) owner.slices.splice(owner.slices.indexOf(known), 1);
  owner.slices.push(node);
  owner.byName.set(sliceNameOf(node), node);
  return node;
}

/** The element of an id (elementdefinition.html, id): `Composition.section:codeA.code`. */
export function elementNamed(id: string, root: TreeNode): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const step of id.split(".").slice(1)) {
    const [name = "", slice] = step.split(":");
    const child: TreeNode | undefined = node?.children.find((one) => one.name === name.replace("[x]", ""));
    node = slice === undefined ? child : child && sliceNamed(slice, child);
  }
  return node;
}

function sliceNamed(name: string, { byName, slices }: TreeNode): TreeNode | undefined {
  return byName.get(name) ?? slices.map((slice) => sliceNamed(name, slice)).find((found) => found !== undefined);
}

/** The slice that is parted into slices again: `a` of `a/b`; else the entry itself. */
function ownerOf(entry: TreeNode, sliceName: string | undefined): TreeNode {
  const steps = sliceName?.split("/") ?? [];
  let owner = entry;
  for (let length = 1; length < steps.length; length++) {
    const name = steps.slice(0, length).join("/");
    owner = owner.byName.get(name) ?? owner;
  }
  return owner;
}

/** The name of a slice; the short name of a choice is one by itself. */
export function sliceNameOf({ element, shortcut }: TreeNode): string | undefined {
  return element.sliceName ?? (shortcut === undefined ? undefined : element.path.slice(element.path.lastIndexOf(".") + 1));
}

function entryName({ name, base }: TreeNode): string {
  return base?.isChoice === true ? `${name}[x]` : name;
}

function nodeOf(element: ElementDefinition, parent: TreeNode, typeOf: TypeOf): TreeNode {
  const last = element.path.slice(element.path.lastIndexOf(".") + 1);
  const plain = last.endsWith("[x]") ? last.slice(0, -3) : last;
  const property = last === plain ? parent.scope?.properties.get(plain) : undefined;
  const isShortcut = property?.element.isChoice === true;
  const name = isShortcut ? property.element.name : plain;
  const base = isShortcut ? property.element : parent.scope?.elements.find((candidate) => candidate.name === name);
  const shortcut = isShortcut ? property.type : undefined;
  return {
    element,
    name,
    shortcut,
    children: [],
    slices: [],
    byName: new Map(),
    base,
    scope: base?.content ?? scopeOf(element, base, shortcut, typeOf),
  };
}

function scopeOf(
  element: ElementDefinition,
  base: BaseElement | undefined,
  shortcut: string | undefined,
  typeOf: TypeOf,
): TypeDefinition | undefined {
  if (shortcut !== undefined) return typeOf(shortcut);
  const [only, ...others] = element.type ?? base?.types ?? [];
  if (only === undefined || others.length > 0) return typeOf("Element");
  const type = typeOf(only.code);
  return type?.kind === "primitive" ? typeOf("Element") : type;
}
