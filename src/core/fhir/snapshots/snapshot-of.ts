import type { ElementDefinition, ElementType, Slicing, StructureDefinition } from "../conformance/structure-definition.ts";
import { BY_TYPE, closeChoices, isChoice, isOnlyOf, typeCalled, typesOf } from "./choices.ts";
import { copyOf, holderOf, listOf, nodeOf, sizeOf, sliceNamed, treeOf, type ElementNode } from "./element-tree.ts";
import { canonicalOf, expand, profileNotHeld, onlyProfile, type Bases } from "./expand.ts";
import { merge, uponProfile, withinTypes } from "./merge-element.ts";
import { refuseBeyondBase } from "./refuse.ts";
import { SnapshotFault } from "./snapshot-fault.ts";
import { stepsOf, type Step } from "./steps.ts";

/** The largest snapshot of a published guide that was met has 1,812 elements. */
const MOST_ELEMENTS = 20_000;
/** Extensions are sliced by url whether or not a differential says so (profiling.html, "Extensions"). */
const BY_URL: Slicing = { discriminator: [{ type: "value", path: "url" }], ordered: false, rules: "open" };
const EXTENSIONS: ReadonlySet<string> = new Set(["extension", "modifierExtension"]);
/** Types whose content is listed with the element that has it. */
const LISTED: ReadonlySet<string> = new Set(["BackboneElement", "Element"]);

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
  return new Making(definition, tree, bases).made(differential.element);
}

class Making {
  readonly #source: string;
  readonly #bases: Bases;
  /** As the base has it, where content references lead. */
  readonly #base: ElementNode;
  readonly #root: ElementNode;
  /** A type of its own (a logical model) may have elements that its base has not. */
  readonly #isNewType: boolean;
  #size: number;

  constructor({ url, derivation, differential }: StructureDefinition, base: ElementNode, bases: Bases) {
    this.#source = url;
    this.#bases = bases;
    this.#base = base;
    this.#isNewType = derivation === "specialization";
    const own = differential?.element[0]?.path.split(".")[0];
    this.#root = { ...copyOf(base), name: this.#isNewType && own !== undefined ? own : base.name };
    this.#size = sizeOf(this.#root);
  }

  made(differential: readonly ElementDefinition[]): readonly ElementDefinition[] {
    if (differential.length > MOST_ELEMENTS) throw new SnapshotFault(`its differential has more than ${MOST_ELEMENTS} elements`);
    for (const { element, steps } of stepsOf(differential, this.#root.name)) this.#apply(element, steps);
    closeChoices(this.#root);
    return listOf(this.#root);
  }

  #apply(element: ElementDefinition, steps: readonly Step[]): void {
    let node = this.#root;
    const passed = [node];
    try {
      for (const [at, step] of steps.entries()) {
        node = this.#into(node, step, at === steps.length - 1 ? element : undefined);
        passed.push(node);
      }
      this.#say(node, element, passed.at(-2));
    } catch (error) {
      if (!(error instanceof SnapshotFault)) throw error;
      const lacking = passed.map((node) => profileNotHeld(node, this.#bases)).find((profile) => profile !== undefined);
      throw new SnapshotFault(`${error.message}${lacking === undefined ? "" : `; ${lacking} is not held`}`, element.id ?? element.path);
    }
  }

  /** @param element what is said of the element that the step leads to, where it is the last */
  #into(parent: ElementNode, step: Step, element: ElementDefinition | undefined): ElementNode {
    const children = this.#childrenOf(parent);
    const entry = children.find(({ name }) => name === step.name);
    if (entry === undefined) return this.#intoChoice(parent, step, element) ?? this.#added(parent, step, element);
    if (step.slice === undefined) return entry;
    const slice = sliceNamed(entry, step.slice);
    if (slice !== undefined) return slice;
    const code = typeCalled(entry, step.slice);
    if (element === undefined && code === undefined) throw new SnapshotFault(`there is no slice ${step.slice} that it could be in`);
    return this.#sliced(parent, entry, step.slice, element?.type === undefined ? code : undefined);
  }

  /** `valueQuantity`: the slice of `value[x]` that is of this type, or the element where it can be of no other. */
  #intoChoice(parent: ElementNode, { name, slice }: Step, element: ElementDefinition | undefined): ElementNode | undefined {
    const entry = parent.children?.find((child) => typeCalled(child, name) !== undefined);
    const code = entry && typeCalled(entry, name);
    if (entry === undefined || code === undefined) return undefined;
    const known = sliceNamed(entry, slice ?? name) ?? entry.slices.find((one) => isOnlyOf(one, code));
    if (known !== undefined) return known;
    if (isOnlyOf(entry, code) && entry.slices.length === 0 && slice === undefined) return entry;
    return this.#sliced(parent, entry, slice ?? name, element?.type === undefined ? code : undefined);
  }

  #added(parent: ElementNode, { name }: Step, element: ElementDefinition | undefined): ElementNode {
    if (!this.#isNewType || element === undefined) throw new SnapshotFault(`there is no ${name} in ${parent.name}`);
    const node = nodeOf(name, undefined, { ...element, base: { path: element.path, min: element.min ?? 0, max: element.max ?? "1" } });
    (parent.children ??= []).push(node);
    this.#grow(1);
    return node;
  }

  /**
   * A new slice has what its base says of what it is a slice of, but for how often it must stand; within it what stands within its entry; never what another slice has. What this differential says of the
   * entry itself is not said again: whoever holds an element against a slice holds it against the entry.
   * @param code the type that the name of a slice says, where nothing else says one
   */
  #sliced(parent: ElementNode, entry: ElementNode, slice: string, code: string | undefined): ElementNode {
    const holder = holderOf(entry, slice);
    const { slicing: _, ...said } = holder.before ?? holder.element;
    const type = code === undefined ? holder.element.type : typesOf(entry, code);
    // What an extension's value must be stays as it is in slices of it, as publishers have it; of all else a slice need not stand.
    const isOfExtension = entry.name === "value[x]" && /^(?:Extension|extension|modifierExtension)$/.test(parent.name);
    const element = { ...said, ...(type && { type }), sliceName: slice, ...(!isOfExtension && { min: 0 }) };
    const node: ElementNode = { ...nodeOf(entry.name, slice, withinTypes(element)), unlisted: holder };
    if (holder.element.slicing === undefined) {
      if (EXTENSIONS.has(entry.name)) holder.element = { ...holder.element, slicing: BY_URL };
      else if (isChoice(entry)) holder.element = { ...holder.element, slicing: BY_TYPE };
    }
    holder.slices.push(node);
    this.#grow(1);
    if (type?.some((one) => LISTED.has(one.code)) === true) this.#childrenOf(node);
    return node;
  }

  #childrenOf(parent: ElementNode): readonly ElementNode[] {
    if (parent.children !== undefined) return parent.children;
    const { unlisted } = parent;
    const isAsEntry = unlisted?.children !== undefined && isSame(parent.element.type, unlisted.element.type);
    parent.children = isAsEntry ? unlisted.children?.map(copyOf) : expand(parent, this.#base, this.#bases);
    this.#grow(sizeOf(parent) - 1);
    return parent.children ?? [];
  }

  #say(node: ElementNode, element: ElementDefinition, parent: ElementNode | undefined): void {
    // A slice may have the types that its base allows, whatever this differential leaves of them to the entry: published profiles say both.
    refuseBeyondBase(node.unlisted?.before ?? node.element, element, this.#bases);
    node.before ??= node.element;
    node.element = merge(this.#uponProfile(node.element, element.type), element, this.#source);
    // A type that must be there leaves no room for another, where there is one at most.
    const entry = node.slice !== undefined && isChoice(node) ? parent?.children?.find(({ name }) => name === node.name) : undefined;
    const code = node.element.type?.[0]?.code;
    if (entry === undefined || code === undefined || (element.min ?? 0) === 0 || entry.element.max !== "1") return;
    entry.element = { ...entry.element, type: typesOf(entry, code) };
  }

  #uponProfile(element: ElementDefinition, types: readonly ElementType[] | undefined): ElementDefinition {
    const [type] = types ?? [];
    // Profiles of Reference say something of the reference, not of what it leads to: publishers leave them out.
    if (type === undefined || types?.length !== 1 || type.code === "Reference") return element;
    const profile = onlyProfile(type);
    const root = profile === undefined || profile === canonicalOf(type.code) ? undefined : this.#bases.rootOf(profile);
    return root === undefined ? element : uponProfile(element, root, type.code === "Extension");
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size > MOST_ELEMENTS) throw new SnapshotFault(`its snapshot would have more than ${MOST_ELEMENTS} elements`);
  }
}

function isSame(own: readonly ElementType[] | undefined, other: readonly ElementType[] | undefined): boolean {
  return own === other || JSON.stringify(own) === JSON.stringify(other);
}
