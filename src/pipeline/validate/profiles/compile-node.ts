import type { Slicing } from "../../../core/fhir/conformance/structure-definition.ts";
import { sliceNameOf, type TreeNode } from "./element-tree.ts";
import { bindingsOf, codesOf, constraintsOf, maximumOf, rangesOf, typesOf, valuesOf, type Within } from "./element-rules.ts";
import type { FindProfile } from "./other-profiles.ts";
import type { NodePlan, SlicingPlan } from "./plan.ts";
import { compileTests } from "./slice-tests.ts";

const NO_CHILDREN: readonly NodePlan[] = [];

/** Makes the plan of one profile: of its tree what R4 does not say itself. */
export class NodeCompiler {
  readonly #within: Within;
  readonly #tree: TreeNode;
  readonly #find: FindProfile;
  /** By the path of an element that is referred to, the children of its plan: one list for all, so that what refers to itself has an end. */
  #referred = new Map<string, NodePlan[]>();

  constructor(within: Within, tree: TreeNode, find: FindProfile) {
    this.#within = within;
    this.#tree = tree;
    this.#find = find;
  }

  root(): NodePlan {
    let paths = new Set(referredPaths(this.#tree));
    for (;;) {
      this.#referred = new Map([...paths].map((path) => [path, []]));
      const plan = this.plan(this.#tree);
      const asked = [...paths].filter((path) => this.#referred.get(path)?.length !== 0);
      // What refers to elements about which nothing is said says nothing either.
      if (asked.length === paths.size) return plan;
      paths = new Set(asked);
    }
  }

  plan(node: TreeNode, owner?: TreeNode): NodePlan {
    const { element, base, name, scope } = node;
    const isSlice = owner !== undefined;
    const [min, max] = [element.min ?? 0, maximumOf(element.max)];
    const [leastOfBase, mostOfBase] = [base?.min ?? 0, base?.max ?? Infinity];
    const children = this.#childrenOf(node);
    return {
      name,
      path: element.path,
      slice: isSlice ? sliceNameOf(node) : undefined,
      min: isSlice || min > leastOfBase ? min : 0,
      max: max < mostOfBase ? max : Infinity,
      types: typesOf(node, this.#within),
      codes: codesOf(node),
      values: valuesOf(element),
      ranges: rangesOf(element),
      maxLength: element.maxLength,
      minLength: element.minLength,
      mustHaveValue: element.mustHaveValue === true,
      valueAlternatives: element.valueAlternatives ?? [],
      narrativeLanguage: element.narrativeLanguage,
      bindings: bindingsOf(element, base, this.#within),
      constraints: constraintsOf(node, scope, this.#within),
      slicing: this.#slicingOf(node, children),
      children,
    };
  }

  #childrenOf(node: TreeNode): readonly NodePlan[] {
    const { element, children } = node;
    const shared = children.length === 0 ? this.#referred.get(pathOf(element.contentReference)) : undefined;
    if (shared !== undefined) return shared;
    if (children.length === 0) return NO_CHILDREN;
    const plans = children.map((child) => this.plan(child)).filter(saysSomething);
    const own = element.sliceName === undefined ? this.#referred.get(element.path) : undefined;
    own?.push(...plans);
    return own ?? (plans.length === 0 ? NO_CHILDREN : plans);
  }

  #slicingOf(node: TreeNode, children: readonly NodePlan[]): SlicingPlan | undefined {
    const { element, slices } = node;
    const slicing = element.slicing ?? implicitSlicing(node);
    if (slicing === undefined || (slices.length === 0 && slicing.rules !== "closed")) return undefined;
    const plans = slices.map((slice) => withInherited(this.plan(slice, node), children));
    // Slices that any element may be of, and that demand nothing, part to no end.
    if (slicing.rules === "open" && slicing.ordered !== true && !plans.some(saysSomething)) return undefined;
    let tests: ReturnType<SlicingPlan["tests"]> | undefined;
    return {
      rules: slicing.rules,
      isOrdered: slicing.ordered === true,
      slices: plans,
      tests: () => (tests ??= compileTests(node, slicing, plans, { ...this.#within, find: this.#find, plan: (one) => this.plan(one) })),
    };
  }
}

/** A slice with what is said of the whole and not of itself: slices inherit from the entry (elementdefinition.html, slicing). */
function withInherited(slice: NodePlan, children: readonly NodePlan[]): NodePlan {
  const inherited = children.filter(({ name }) => !slice.children.some((own) => own.name === name));
  return inherited.length === 0 ? slice : { ...slice, children: [...slice.children, ...inherited] };
}

/** Slices of extensions and of choices are told by url and type where nothing else is said (profiling.html, Slicing). */
function implicitSlicing({ name, base, slices }: TreeNode): Slicing | undefined {
  if (slices.length === 0) return undefined;
  if (name === "extension" || name === "modifierExtension") return { discriminator: [{ type: "value", path: "url" }], rules: "open" };
  if (base?.isChoice === true) return { discriminator: [{ type: "type", path: "$this" }], rules: "open" };
  return { rules: "open" };
}

/** `Composition.section` of `#Composition.section`, or of that behind the address of a definition. */
function pathOf(contentReference: string | undefined): string {
  return contentReference === undefined ? "" : contentReference.slice(contentReference.indexOf("#") + 1);
}

function* referredPaths(node: TreeNode): Generator<string> {
  if (node.element.contentReference !== undefined) yield pathOf(node.element.contentReference);
  for (const one of [...node.children, ...node.slices]) yield* referredPaths(one);
}

/** Whether a node asks anything. Its children stand there only if they do; what is shared may be filled later. */
function saysSomething(plan: NodePlan): boolean {
  const {
    min,
    max,
    types,
    codes,
    values,
    ranges,
    maxLength,
    minLength,
    mustHaveValue,
    valueAlternatives,
    narrativeLanguage,
    bindings,
    constraints,
    slicing,
    children,
  } = plan;
  const isLong = maxLength !== undefined || minLength !== undefined;
  const isLimited = min > 0 || max < Infinity || codes !== undefined || isLong || slicing !== undefined;
  const isFilled = mustHaveValue || valueAlternatives.length > 0 || narrativeLanguage !== undefined;
  const isRuled = isFilled || values.length > 0 || ranges.length > 0 || bindings.length > 0 || constraints.length > 0 || types.length > 0;
  return isLimited || isRuled || children !== NO_CHILDREN;
}
