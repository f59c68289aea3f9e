import type { ElementDefinition, ElementType, Slicing, StructureDefinition } from "../conformance/structure-definition.ts";
import { copyOf, holderOf, listOf, nodeOf, sizeOf, sliceNamed, treeOf, type ElementNode } from "./element-tree.ts";
import { canonicalOf, expand, onlyProfile, type Bases } from "./expand.ts";
import { merge, uponProfile } from "./merge-element.ts";
import { placesOf, type Step } from "./places.ts";
import { SnapshotFault } from "./snapshot-fault.ts";

/** The largest snapshot of a published guide that was met has 1,812 elements. */
const MOST_ELEMENTS = 20_000;
const BY_URL: Slicing = { discriminator: [{ type: "value", path: "url" }], ordered: false, rules: "open" };
const BY_TYPE: Slicing = { discriminator: [{ type: "type", path: "$this" }], ordered: false, rules: "open" };

/**
 * The snapshot of a definition: its differential upon the snapshot of its base (R4 profiling.html, structuredefinition.html; elementdefinition.html, "Interpretation of elements in a differential").
 * Differentials need neither ids nor the elements between, nor be in order.
 * @param definition one with a differential
 * @throws SnapshotFault naming the element that can't be placed
 */
export function snapshotOf(definition: StructureDefinition, bases: Bases): readonly ElementDefinition[] {
  const { baseDefinition, differential } = definition;
  if (differential === undefined) throw new SnapshotFault("it has neither a snapshot nor a differential");
  if (baseDefinition === undefined) throw new SnapshotFault("it has a differential, and names no base");
  const base = bases.baseOf(baseDefinition);
  if (base === undefined) throw new SnapshotFault(`its base ${baseDefinition} is not held`);
  const tree = treeOf(base);
  if (tree === undefined) throw new SnapshotFault(`the snapshot of its base ${baseDefinition} can't be read`);
  return new Making(definition, tree, bases).made();
}

class Making {
  readonly #definition: StructureDefinition;
  readonly #bases: Bases;
  readonly #base: ElementNode;
  readonly #root: ElementNode;
  readonly #isNewType: boolean;
  #size: number;

  constructor(definition: StructureDefinition, base: ElementNode, bases: Bases) {
    this.#definition = definition;
    this.#bases = bases;
    this.#base = base;
    this.#isNewType = definition.derivation === "specialization";
    const own = definition.differential?.element[0]?.path.split(".")[0];
    this.#root = { ...copyOf(base), name: this.#isNewType && own !== undefined ? own : base.name };
    this.#size = sizeOf(this.#root);
  }

  made(): readonly ElementDefinition[] {
    const elements = this.#definition.differential?.element ?? [];
    if (elements.length > MOST_ELEMENTS) throw new SnapshotFault(`its differential has more than ${MOST_ELEMENTS} elements`);
    for (const { element, steps } of placesOf(elements, this.#root.name)) {
      try {
        this.#apply(element, steps);
      } catch (error) {
        throw error instanceof SnapshotFault ? new SnapshotFault(error.message, error.element ?? element.id ?? element.path) : error;
      }
    }
    closeChoices(this.#root);
    return listOf(this.#root, this.#root.name);
  }

  #apply(element: ElementDefinition, steps: readonly Step[]): void {
    let node = this.#root;
    let parent: ElementNode | undefined;
    for (const [at, step] of steps.entries()) {
      parent = node;
      node = this.#into(node, step, at === steps.length - 1 ? element : undefined);
    }
    this.#say(node, element, parent);
  }

  /** @param element what is said of the element that the step leads to, where it is the last */
  #into(parent: ElementNode, step: Step, element: ElementDefinition | undefined): ElementNode {
    const children = this.#childrenOf(parent);
    const entry = children.find((child) => child.name === step.name);
    if (entry === undefined) return this.#intoChoice(parent, children, step, element) ?? this.#added(parent, step, element);
    if (step.slice === undefined) return entry;
    const slice = sliceNamed(entry, step.slice);
    if (slice !== undefined) return slice;
    if (element === undefined && !entry.name.endsWith("[x]")) throw new SnapshotFault(`it is within a slice ${step.slice} that nothing makes`);
    const code = typeCalled(entry, step.slice);
    return this.#sliced(entry, step.slice, element?.type === undefined && code !== undefined ? typesOf(entry, code) : undefined, isOfExtension(parent, entry));
  }

  #childrenOf(parent: ElementNode): readonly ElementNode[] {
    if (parent.children !== undefined) return parent.children;
    const inherited = parent.unlisted?.children;
    if (inherited !== undefined && !isNarrower(parent.element.type, parent.unlisted?.element.type)) {
      parent.children = inherited.map(asBefore);
      this.#grow(sizeOf(parent));
      return parent.children;
    }
    const children = expand(parent, this.#base, this.#bases);
    this.#grow(children.reduce((size, child) => size + sizeOf(child), 0));
    return children;
  }

  /** `valueQuantity`: the slice of `value[x]` that is of this type, or the element where it can be of no other. */
  #intoChoice(parent: ElementNode, children: readonly ElementNode[], { name, slice }: Step, element: ElementDefinition | undefined): ElementNode | undefined {
    const entry = children.find((child) => typeCalled(child, name) !== undefined);
    const code = entry && typeCalled(entry, name);
    if (entry === undefined || code === undefined) return undefined;
    const known = sliceNamed(entry, slice ?? name) ?? entry.slices.find((one) => isOnlyOf(one, code));
    if (known !== undefined) return known;
    if (isOnlyOf(entry, code) && entry.slices.length === 0 && slice === undefined) return entry;
    return this.#sliced(entry, slice ?? name, element?.type === undefined ? typesOf(entry, code) : undefined, isOfExtension(parent, entry));
  }

  #added(parent: ElementNode, { name }: Step, element: ElementDefinition | undefined): ElementNode {
    if (!this.#isNewType || element === undefined) throw new SnapshotFault(`there is no ${name} in ${parent.name}`);
    const node = nodeOf(name, undefined, element);
    const path = `${this.#root.name}.${element.path.split(".").slice(1).join(".")}`;
    node.element = { ...element, base: { path, min: element.min ?? 0, max: element.max ?? "1" } };
    (parent.children ??= []).push(node);
    this.#grow(1);
    return node;
  }

  /**
   * A new slice has what its base says of what it is a slice of, but for how often it must stand; never what another slice has. What this differential says of the entry holds for its slices without being said
   * again: whoever holds an element against a slice holds it against the entry.
   */
  #sliced(entry: ElementNode, slice: string, types: readonly ElementType[] | undefined, isOfExtension: boolean): ElementNode {
    const holder = holderOf(entry, slice);
    const { slicing: _, ...said } = holder.before ?? holder.element;
    const type = types ?? holder.element.type;
    const element = { ...said, ...(type && { type }), sliceName: slice, ...(!isOfExtension && { min: 0 }) };
    const node: ElementNode = { ...nodeOf(entry.name, slice, element), unlisted: holder };
    if (holder.element.slicing === undefined) {
      if (entry.name === "extension" || entry.name === "modifierExtension") holder.element = { ...holder.element, slicing: BY_URL };
      else if (entry.name.endsWith("[x]")) holder.element = { ...holder.element, slicing: BY_TYPE };
    }
    holder.slices.push(node);
    if (type?.some(({ code }) => code === "BackboneElement" || code === "Element")) this.#childrenOf(node);
    this.#grow(1);
    return node;
  }

  #say(node: ElementNode, element: ElementDefinition, parent: ElementNode | undefined): void {
    node.before ??= node.element;
    node.element = bindable(merge(this.#uponProfile(node, element.type), element, this.#definition.url));
    // A type that must be there leaves no room for another, where there is one at most.
    const entry = node.slice !== undefined && node.name.endsWith("[x]") ? parent?.children?.find((child) => child.name === node.name) : undefined;
    const [only] = node.element.type ?? [];
    if (entry !== undefined && only !== undefined && (element.min ?? 0) > 0 && entry.element.max === "1")
      entry.element = { ...entry.element, type: (entry.element.type ?? []).filter(({ code }) => code === only.code) };
  }

  #uponProfile(node: ElementNode, types: readonly ElementType[] | undefined): ElementDefinition {
    const [type] = types ?? [];
    const profile = types?.length === 1 && type !== undefined && type.code !== "Reference" ? onlyProfile(type) : undefined;
    if (type === undefined || profile === undefined || profile === canonicalOf(type.code)) return node.element;
    const root = this.#bases.rootOf(profile);
    return root === undefined ? node.element : uponProfile(node.element, root, type.code === "Extension");
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size > MOST_ELEMENTS) throw new SnapshotFault(`its snapshot would have more than ${MOST_ELEMENTS} elements`);
  }
}

/** The type of a choice that a name such as `valueQuantity` says: `Quantity` of `value[x]`. */
function typeCalled(choice: ElementNode, name: string): string | undefined {
  if (!choice.name.endsWith("[x]")) return undefined;
  const stem = choice.name.slice(0, -"[x]".length);
  if (!name.startsWith(stem)) return undefined;
  const called = name.slice(stem.length);
  return choice.element.type?.find(({ code }) => code.charAt(0).toUpperCase() + code.slice(1) === called)?.code;
}

function typesOf(choice: ElementNode, code: string): readonly ElementType[] {
  return (choice.element.type ?? []).filter((type) => type.code === code);
}

function isOnlyOf(node: ElementNode, code: string): boolean {
  return node.element.type?.every((type) => type.code === code) === true;
}

/** What slices of a choice leave: nothing else where each type has one; and where one must stand, so must the element. */
function closeChoices(node: ElementNode): void {
  for (const child of node.children ?? []) closeChoices(child);
  for (const slice of node.slices) closeChoices(slice);
  if (!node.name.endsWith("[x]") || node.slices.length === 0 || !isByType(node.element.slicing)) return;
  const types = node.element.type ?? [];
  const isWhole = types.every(({ code }) => node.slices.some((slice) => isOnlyOf(slice, code)));
  const min = Math.max(node.element.min ?? 0, ...node.slices.map(({ element }) => element.min ?? 0));
  node.element = { ...node.element, min, slicing: { ...BY_TYPE, ...node.element.slicing, rules: isWhole ? "closed" : (node.element.slicing?.rules ?? "open") } };
}

function isByType(slicing: Slicing | undefined): boolean {
  return slicing?.discriminator?.length === 1 && slicing.discriminator[0]?.type === "type" && slicing.discriminator[0].path === "$this";
}

const BINDABLE = new Set(["code", "Coding", "CodeableConcept", "Quantity", "string", "uri", "Duration", "Age", "Count", "Distance", "Money", "CodeableReference", "markdown", "id", "url", "canonical","oid","uuid"]);
function bindable(element: ElementDefinition): ElementDefinition {
  if (element.binding === undefined || element.type === undefined || element.type.some(({ code }) => BINDABLE.has(code) || code.includes(":"))) return element;
  const { binding: _, ...rest } = element;
  return rest;
}

function isOfExtension(parent: ElementNode, entry: ElementNode): boolean { return entry.name === "value[x]" && /xtension$/.test(parent.name); }
function isNarrower(own: readonly ElementType[]|undefined, of: readonly ElementType[]|undefined): boolean {
  return JSON.stringify(own) !== JSON.stringify(of);
}
/** A tree as it was before anything was said of it. */
function asBefore(node: ElementNode): ElementNode {
  const element = node.before ?? node.element;
  return { name: node.name, slice: node.slice, element, children: node.children?.map(asBefore), slices: node.slices.filter((s)=>!s.unlisted).map(asBefore) , before: undefined, unlisted: undefined};
}
