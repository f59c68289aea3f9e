import type { ElementDefinition, StructureDefinition } from "../conformance/structure-definition.ts";

/**
 * A snapshot as a tree while it is made: an element, what is within it, and the slices of it. Snapshots are lists in which a slice follows what it slices, and the order carries meaning
 * (elementdefinition.html, "The snapshot and differential"); as a tree each has its place, whatever order a differential comes in.
 */
export interface ElementNode {
  /** The last part of its path: `coding`, `value[x]`; of the root the type. */
  readonly name: string;
  /** The name of the slice that it is, whole: `a/b` for slice `b` of slice `a`. */
  readonly slice: string | undefined;
  element: ElementDefinition;
  /** Undefined: it ends here, and what its type holds is not listed. */
  children: ElementNode[] | undefined;
  /** Slices of it; those of a slice are re-slices. */
  readonly slices: ElementNode[];
  /** What its base says of it, once a differential has said something. */
  before?: ElementDefinition | undefined;
  /** Of a slice that a differential makes: what it is a slice of, whose content is its own once somebody asks for it. */
  readonly unlisted?: ElementNode | undefined;
}

/** The tree of a definition's snapshot. @returns undefined when it has none, or one in which an element stands where nothing holds it */
export function treeOf(definition: StructureDefinition): ElementNode | undefined {
  const elements = definition.snapshot?.element ?? [];
  const [first] = elements;
  if (first === undefined) return undefined;
  const root = nodeOf(first.path, undefined, withSource(first, definition.url));
  const stack = [root];
  for (const element of elements.slice(1)) {
    const names = element.path.split(".");
    const depth = names.length - 1;
    const parent = stack[depth - 1];
    const name = names[depth];
    if (depth === 0 || parent === undefined || name === undefined) return undefined;
    stack.length = depth;
    stack.push(placed(parent, name, withSource(element, definition.url)));
  }
  return root;
}

function placed(parent: ElementNode, name: string, element: ElementDefinition): ElementNode {
  const siblings = (parent.children ??= []);
  const entry = siblings.find((sibling) => sibling.name === name);
  const node = nodeOf(name, element.sliceName, element);
  if (entry === undefined) siblings.push(node);
  else if (element.sliceName !== undefined) holderOf(entry, element.sliceName).slices.push(node);
  // Twice the same element without a name of its own: the first stands.
  return node;
}

/** The slice of that name; undefined when there is none. */
export function sliceNamed(entry: ElementNode, slice: string): ElementNode | undefined {
  if (entry.slice === slice) return entry;
  for (const one of entry.slices) {
    const found = sliceNamed(one, slice);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a slice of that name is a slice of: the entry, or for `a/b` the slice `a`. */
export function holderOf(entry: ElementNode, slice: string): ElementNode {
  const at = slice.lastIndexOf("/");
  return (at > 0 ? sliceNamed(entry, slice.slice(0, at)) : undefined) ?? entry;
}

export function nodeOf(name: string, slice: string | undefined, element: ElementDefinition): ElementNode {
  return { name, slice, element, children: undefined, slices: [] };
}

/** A tree of its own, of the same elements: they are never changed, but replaced. */
export function copyOf(node: ElementNode): ElementNode {
  return { name: node.name, slice: node.slice, element: node.element, children: node.children?.map(copyOf), slices: node.slices.map(copyOf) };
}

/** How many elements a tree has. */
export function sizeOf(node: ElementNode): number {
  let size = 1;
  for (const child of node.children ?? []) size += sizeOf(child);
  for (const slice of node.slices) size += sizeOf(slice);
  return size;
}

/** The list of a tree, with the paths and ids of each (elementdefinition.html, "Element ids"). */
export function listOf(root: ElementNode): ElementDefinition[] {
  const list: ElementDefinition[] = [];
  const visit = (node: ElementNode, path: string, plainId: string): void => {
    const id = node.slice === undefined ? plainId : `${plainId}:${node.slice}`;
    list.push({ ...node.element, id, path });
    for (const child of node.children ?? []) visit(child, `${path}.${child.name}`, `${id}.${child.name}`);
    for (const slice of node.slices) visit(slice, path, plainId);
  };
  visit(root, root.name, root.name);
  return list;
}

/** Constraints say which definition states them first; where one does not, it is the definition that it stands in. */
function withSource(element: ElementDefinition, url: string): ElementDefinition {
  if (element.constraint === undefined || element.constraint.every(({ source }) => source !== undefined)) return element;
  return { ...element, constraint: element.constraint.map((constraint) => ({ source: url, ...constraint })) };
}
