import type { Held } from "../../../core/fhir/conformance/conformance.ts";
import type { StructureDefinition } from "../../../core/fhir/conformance/structure-definition.ts";
import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { namedCoreType } from "../../../core/fhir/r4/held-profiles.ts";
import type { TreeNode } from "./element-tree.ts";
import { codesOf, unversioned, valuesOf, type Within } from "./element-rules.ts";
import { agrees, below, saying } from "./fixed-values.ts";
import type { FindProfile } from "./other-profiles.ts";
import type { Answer, Criterion, NodePlan, ProfileName, Step, ValuePlan } from "./plan.ts";

/*
 * What a slice asks at the end of a discriminator's path, worked out from the definitions: the value may stand there, above it, in a slice below, or in the profile of a datatype, of an
 * extension or of what is referred to (R4 profiling.html, Discriminator).
 */

/** What a slicing is compiled with. */
export interface Compiling extends Within {
  readonly find: FindProfile;
  readonly plan: (node: TreeNode) => NodePlan;
}

/** Where a path has come to in the definitions. */
interface Stand {
  /** Undefined where nothing is said but by what stands above. */
  readonly node: TreeNode | undefined;
  readonly held: Held<StructureDefinition>;
  /** What fixed values and patterns further up say here. */
  readonly above: readonly ValuePlan[];
  /** The profile whose root it is. */
  readonly profile: ProfileName | undefined;
  readonly type: string | undefined;
}

/** Alternatives, and those to look at where none of the former says anything: the profiles of the types. */
interface Stands {
  readonly own: readonly Stand[];
  readonly more: readonly Stand[];
}

/** What a slice asks; undefined when it asks nothing that tells it from others. */
export function criterionOf(slice: TreeNode, steps: readonly Step[], type: string, compiling: Compiling): Criterion | undefined {
  const start: Stand = { node: slice, held: compiling.held, above: [], profile: undefined, type: undefined };
  let stands: Stands = { own: [start], more: [] };
  for (const step of steps) stands = stepped(stands, step, compiling);
  const lists = [stands.own, stands.own.flatMap((stand) => slicesOf(stand)), stands.more, stands.more.flatMap((stand) => slicesOf(stand))];
  // Of a choice whose short name alone is mentioned that is the type, though it need not be there.
  if (type === "type") lists.push(stands.own.flatMap((stand) => slicesOf(stand, 0)));
  const ask = type === "type" ? typeCriterion : type === "profile" ? profileCriterion : type === "exists" ? existsCriterion : valueCriterion;
  // That it has to be there, or may not, tells a slice only where nothing tells more: an element that has to be there may be sliced itself, and have its value in a slice.
  return askedBy(ask, lists, compiling) ?? (ask === valueCriterion ? askedBy(existsCriterion, lists, compiling) : undefined);
}

type Asks = (stand: Stand, compiling: Compiling) => Criterion | undefined;

function askedBy(ask: Asks, lists: readonly (readonly Stand[])[], compiling: Compiling): Criterion | undefined {
  for (const list of lists) {
    const found = list.map((stand) => ask(stand, compiling)).filter((criterion) => criterion !== undefined);
    const [only] = found;
    if (only !== undefined) return found.length === 1 ? only : anyOf(found);
  }
  return undefined;
}

/** Slices that have to be there so often. */
function slicesOf({ node, held, above }: Stand, least = 1): Stand[] {
  const slices = node?.slices.filter(({ element }) => (element.min ?? 0) >= least) ?? [];
  return slices.map((slice) => ({ node: slice, held, above, profile: undefined, type: undefined }));
}

function anyOf(criteria: readonly Criterion[]): Criterion {
  return {
    wants: criteria.map(({ wants }) => wants).join(" or "),
    test: (nodes, asking) => {
      let answer: Answer = "no";
      for (const one of criteria) {
        const own = one.test(nodes, asking);
        if (own === "yes") return "yes";
        if (own === "unknown") answer = "unknown";
      }
      return answer;
    },
    near: (nodes, asking) => {
      for (const one of criteria) {
        const near = one.near?.(nodes, asking);
        if (near !== undefined) return near;
      }
      return undefined;
    },
  };
}

function stepped({ own, more }: Stands, step: Step, compiling: Compiling): Stands {
  if (step.kind === "type") {
    const isOfType = ({ node }: Stand): boolean => (node?.element.type ?? []).some(({ code }) => code === step.type);
    const typed = own.flatMap((stand) => [...(stand.node?.slices ?? []).map((node) => ({ ...stand, node })), stand]).filter(isOfType);
    return { own: typed.length > 0 ? typed.slice(0, 1) : own, more };
  }
  if (step.kind === "resolve") {
    const led = [...own, ...more].flatMap((stand) => targetsOf(stand, compiling));
    return { own: led, more: [] };
  }
  const [wider, deeper]: [Stand[], Stand[]] = [[], []];
  for (const stand of own) {
    // Where it is sliced, what is asked below stands in the slices that have to be there.
    const inSlices = slicesOf(stand).flatMap((slice) => below1(slice, step, compiling));
    wider.push(...(inSlices.length > 0 ? inSlices : below1(stand, step, compiling)));
  }
  for (const stand of [...own, ...more]) for (const root of profilesOf(stand, compiling)) deeper.push(...below1(root, step, compiling));
  for (const stand of more) deeper.push(...below1(stand, step, compiling));
  return { own: wider, more: deeper };
}

/** The roots of the profiles of an element's types. */
function profilesOf({ node }: Stand, compiling: Compiling): Stand[] {
  const names = (node?.element.type ?? []).flatMap(({ profile }) => profile ?? []).map((canonical) => nameIn(canonical, compiling));
  return names.flatMap((name) => rootOf(name, compiling) ?? []);
}

function nameIn(canonical: string, { held, definitions }: Compiling): ProfileName {
  return { canonical, from: held.origin, coreType: coreTypeOf(canonical, definitions) };
}

function coreTypeOf(canonical: string, { definitionOf }: Definitions): string | undefined {
  const type = namedCoreType(unversioned(canonical));
  return type !== undefined && definitionOf(type) !== undefined ? type : undefined;
}

function rootOf(name: ProfileName, { find }: Compiling): Stand | undefined {
  const found = find(name);
  return found && { node: found.tree, held: found.held, above: [], profile: name, type: found.held.resource.type };
}

/** What a Reference leads to, by its target profiles. */
function targetsOf({ node, held }: Stand, compiling: Compiling): Stand[] {
  const targets = (node?.element.type ?? []).flatMap(({ targetProfile }) => targetProfile ?? []);
  return targets.map((canonical): Stand => {
    const name = nameIn(canonical, { ...compiling, held });
    const found = name.coreType === undefined ? rootOf(name, compiling) : undefined;
    return found ?? { node: undefined, held, above: [], profile: name, type: name.coreType };
  });
}

function below1({ node, held, above }: Stand, step: Extract<Step, { kind: "child" | "extension" }>, compiling: Compiling): Stand[] {
  if (step.kind === "extension") {
    const entry = node?.children.find(({ name }) => name === "extension");
    const slice = entry?.slices.find((one) => urlOf(one, compiling) === step.url);
    const stand = slice && { node: slice, held, above: [], profile: undefined, type: undefined };
    const defined = rootOf({ canonical: step.url, from: held.origin, coreType: undefined }, compiling);
    return [stand, defined].filter((one) => one !== undefined);
  }
  const { name } = step;
  const said = [...above, ...(node ? valuesOf(node.element) : [])].flatMap(({ kind, value }) =>
    below(value, name).map((one): ValuePlan => ({ kind, value: one })),
  );
  const child = node?.children.find((one) => one.name === name);
  return child === undefined && said.length === 0 ? [] : [{ node: child, held, above: said, profile: undefined, type: undefined }];
}

/** The url of the extension that a slice is: that of its profile, or the one that is fixed in it. */
function urlOf(slice: TreeNode, { find, held, definitions }: Compiling): string | undefined {
  const fixed = slice.children.find(({ name }) => name === "url");
  const own = fixed && valuesOf(fixed.element)[0]?.value;
  if (typeof own === "string") return own;
  const canonical = slice.element.type?.flatMap(({ profile }) => profile ?? [])[0];
  if (canonical === undefined) return undefined;
  const found = find({ canonical, from: held.origin, coreType: coreTypeOf(canonical, definitions) });
  const url = found?.tree.children.find(({ name }) => name === "url");
  const said = url && valuesOf(url.element)[0]?.value;
  // By convention, and where the definition is not here.
  return typeof said === "string" ? said : unversioned(canonical);
}

/** The url of an extension slice: what all slicings of extensions go by. */
export function urlCriterion(slice: TreeNode, compiling: Compiling): Criterion | undefined {
  const url = urlOf(slice, compiling);
  return url === undefined ? undefined : valueAsked({ kind: "fixed", value: url });
}

function valueAsked(asked: ValuePlan): Criterion {
  const { value } = asked;
  return {
    ...(typeof value === "string" && { key: value }),
    wants: saying(value),
    test: (nodes) => (nodes.some((node) => agrees(asked, node.value)) ? "yes" : "no"),
  };
}

function valueCriterion({ node, above, held, profile }: Stand, compiling: Compiling): Criterion | undefined {
  const values = [...(node ? valuesOf(node.element) : []), ...above];
  const [value] = values.filter(({ kind }) => kind === "fixed").concat(values);
  if (value !== undefined) return valueAsked(value);
  if (node === undefined) return undefined;
  const { binding } = node.element;
  const valueSet = binding?.strength === "required" ? binding.valueSet : undefined;
  const isBoundByBase = valueSet !== undefined && unversioned(valueSet) === node.base?.bindings.required;
  if (valueSet !== undefined && !isBoundByBase)
    return {
      wants: `a code of ${valueSet}`,
      test: (nodes, asking) => someOf(nodes, (one) => asking.isOf(one, valueSet, held.origin)),
    };
  if (profile === undefined && node.children.length > 0) {
    const plan = compiling.plan(node);
    if (plan.children.length > 0 || plan.constraints.length > 0) return planAsked(plan);
  }
  return undefined;
}

/** What the slice says of the element as a whole: several values in several places. */
function planAsked(plan: NodePlan): Criterion {
  return {
    isWhole: true,
    wants: "what the profile says of it",
    test: (nodes, asking) => someOf(nodes, (one) => asking.conforms(one, plan)),
  };
}

function existsCriterion({ node }: Stand): Criterion | undefined {
  if (node?.element.max === "0") return { wants: "nothing", test: (nodes) => (nodes.length === 0 ? "yes" : "no") };
  if ((node?.element.min ?? 0) > 0) return { wants: "something", test: (nodes) => (nodes.length > 0 ? "yes" : "no") };
  return undefined;
}

function typeCriterion({ node, profile, type }: Stand, compiling: Compiling): Criterion | undefined {
  const { definitions, find } = compiling;
  if (node !== undefined && node.slices.length > 0 && codesOf(node) === undefined && node.base?.isChoice === true) return undefined;
  const ofTypes = (node?.element.type ?? []).flatMap((one) => {
    const derived = (one.profile ?? []).flatMap((canonical) => find(nameIn(canonical, compiling))?.held.resource.type ?? []);
    return definitions.definitionOf(one.code)?.isAbstract === true && derived.length > 0 ? derived : [one.code];
  });
  const own = node?.shortcut === undefined ? ofTypes : [node.shortcut];
  const types = new Set(type !== undefined ? [type] : own);
  if (types.size === 0 && profile === undefined) return undefined;
  return {
    wants: [...types].join(" or "),
    test: (nodes) => (nodes.some((one) => [...types].some((wanted) => isA(one, wanted, definitions))) ? "yes" : "no"),
  };
}

/** Whether a node is of a type, or of one derived from it. */
export function isA({ type }: { readonly type: string }, wanted: string, { definitionOf }: Definitions): boolean {
  if (type === wanted) return true;
  for (let at = definitionOf(type)?.base; at !== undefined; at = definitionOf(at)?.base) if (at === wanted) return true;
  return false;
}

function profileCriterion(stand: Stand, compiling: Compiling): Criterion | undefined {
  const { node, profile } = stand;
  const names =
    profile !== undefined
      ? [profile]
      : (node?.element.type ?? []).flatMap((one) => one.profile ?? []).map((canonical) => nameIn(canonical, compiling));
  // A type that R4 itself says tells no slice, and of those that do the one that may be absent can't be asked for.
  if (names.length === 0) return node !== undefined && codesOf(node) === undefined ? undefined : typeCriterion(stand, compiling);
  const types = new Map(names.map((name) => [name, name.coreType ?? compiling.find(name)?.held.resource.type]));
  const isOfType = (one: FhirPathNode, name: ProfileName): boolean => {
    const type = types.get(name);
    return type === undefined || isA(one, type, compiling.definitions);
  };
  return {
    wants: names.map(({ canonical }) => canonical).join(" or "),
    test: (nodes, asking) =>
      someOf(nodes, (one) => {
        let answer: Answer = "no";
        for (const name of names) {
          if (!isOfType(one, name)) continue;
          const own = name.coreType === undefined ? asking.holds(one, name) : "yes";
          if (own === "yes") return own;
          if (own === "unknown") answer = own;
        }
        return answer;
      }),
    near: (nodes, asking) => {
      for (const one of nodes) for (const name of names) if (name.coreType === undefined && isOfType(one, name)) return asking.difference(one, name);
      return undefined;
    },
  };
}

function someOf(nodes: readonly FhirPathNode[], ask: (node: FhirPathNode) => Answer): Answer {
  let answer: Answer = "no";
  for (const node of nodes) {
    const own = ask(node);
    if (own === "yes") return own;
    if (own === "unknown") answer = own;
  }
  return answer;
}
