import type { Discriminator, Slicing } from "../../../core/fhir/conformance/structure-definition.ts";
import { criterionOf, urlCriterion, type Compiling } from "./criteria.ts";
import { parsePath } from "./discriminator-path.ts";
import { sliceNameOf, type TreeNode } from "./element-tree.ts";
import type { Criterion, DiscriminatorGroup, NodePlan, SliceTests, Step } from "./plan.ts";

interface Parted {
  readonly discriminator: Discriminator;
  readonly path: readonly Step[];
  /** How many of its steps lead to the element of which several things are asked together. */
  readonly shared: number;
}

/** By what an element is told to be of a slice: the discriminators' paths, and for each slice what it asks at their ends. */
export function compileTests(entry: TreeNode, { discriminator = [] }: Slicing, plans: readonly NodePlan[], compiling: Compiling): SliceTests {
  const { faults } = compiling;
  const parted = discriminator.flatMap((one): Parted[] => {
    const path = one.type === "position" ? [] : parsePath(one.path);
    if (path === undefined) faults.push(`the discriminator ${one.path} of ${entry.element.path} can't be read`);
    return path === undefined || one.type === "position"
      ? []
      : [{ discriminator: one, path, shared: isOfValue(one) ? Math.max(path.length - 1, 0) : 0 }];
  });
  const positions = discriminator.some(({ type }) => type === "position") ? positionsOf(entry, plans, faults) : undefined;
  const byPrefix = Map.groupBy(parted, ({ path, shared, discriminator: { type } }) =>
    JSON.stringify([path.slice(0, shared), shared > 0 || isValue(type)]),
  );
  const grouped = [...byPrefix.values()];
  const groups = grouped.map((members): DiscriminatorGroup => {
    const [first] = members;
    return { prefix: first?.path.slice(0, first.shared) ?? [], tails: members.map(({ path, shared }) => path.slice(shared)) };
  });
  const criteria = entry.slices.map((slice) =>
    grouped.map((members) => members.map(({ discriminator: one, path }) => criterionIn(slice, one, path, compiling))),
  );
  entry.slices.forEach((slice, at) => {
    const isTold = positions !== undefined || criteria[at]?.some((group) => group.some((criterion) => criterion !== undefined)) === true;
    if (!isTold && discriminator.length > 0)
      faults.push(`nothing tells which elements are of the slice ${sliceNameOf(slice) ?? ""} of ${entry.element.path}`);
  });
  const isByProfile =
    discriminator.length === 0 ||
    discriminator.some(({ type }) => type === "profile") ||
    criteria.flat(2).some((criterion) => criterion?.isWhole === true);
  return { groups, criteria, byKey: keysOf(criteria), isByProfile, positions };
}

function isValue(type: Discriminator["type"]): boolean {
  return type === "value" || type === "pattern";
}

/** Whether what it asks may be asked together with others of the same element: not what leads elsewhere. */
function isOfValue({ type }: Discriminator): boolean {
  return isValue(type);
}

function criterionIn(slice: TreeNode, { type }: Discriminator, path: readonly Step[], compiling: Compiling): Criterion | undefined {
  const [first, ...others] = path;
  const isUrl = first?.kind === "child" && first.name === "url" && others.length === 0;
  return (isUrl ? urlCriterion(slice, compiling) : undefined) ?? criterionOf(slice, path, type, compiling);
}

function keysOf(criteria: SliceTests["criteria"]): SliceTests["byKey"] {
  const keys = new Map<string, number[]>();
  for (const [at, [group]] of criteria.entries()) {
    const key = group?.[0]?.key;
    if (key === undefined) return undefined;
    keys.set(key, [...(keys.get(key) ?? []), at]);
  }
  return keys;
}

/** Each slice begins where the one before it ends, so that must be the same in every resource. */
function positionsOf(entry: TreeNode, plans: readonly NodePlan[], faults: string[]): SliceTests["positions"] {
  let from = 0;
  const ranges: [number, number][] = [];
  for (const [at, { min, max }] of plans.entries()) {
    if (min !== max && at < plans.length - 1) {
      faults.push(`slices of ${entry.element.path} are told by position, and one that is not the last has no fixed number`);
      return undefined;
    }
    ranges.push([from, from + max]);
    from += max;
  }
  return ranges;
}
