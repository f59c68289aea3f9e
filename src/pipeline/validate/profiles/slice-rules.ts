import { shown } from "../shown.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import type { Spot } from "./children.ts";
import { bestCandidate, partIntoSlices, type Membership } from "./part-into-slices.ts";
import type { Asking, NodePlan, SlicingPlan } from "./plan.ts";
import type { Sink } from "./sink.ts";
import type { Pair } from "./standing.ts";

/** What the rules about slices need of the walk. */
interface Walking extends Asking {
  readonly sink: Sink<Pair>;
  check(plan: NodePlan, spot: Spot): void;
  own(plan: NodePlan, spot: Spot): boolean;
  at(plan: NodePlan, spot: Spot, act: () => void): void;
  say(plan: NodePlan, spot: Spot, said: { rule: RuleId; severity?: "warning"; text: () => string; about?: string }): void;
}

/** Elements that are parted into slices: how many of each, in which order, and each against what its slice says (R4 profiling.html, Slicing). */
export function checkSlices(entry: NodePlan, slicing: SlicingPlan, spots: readonly Spot[], within: Spot, walk: Walking): void {
  const ofType = spots.filter((spot) => entry.codes === undefined || isAllowed(entry, spot, walk));
  const members = partIntoSlices(ofType, slicing, walk);
  checkOrder(entry, slicing, members, walk);
  const bySlice = membersBySlice(members);
  for (const slice of slicing.slices) {
    const own = bySlice.get(slice) ?? NONE;
    checkCount(entry, slicing, slice, own, members, within, walk);
    if (slice.slicing && own.length > 0)
      checkSlices(
        slice,
        slice.slicing,
        own.map(({ spot }) => spot),
        within,
        walk,
      );
    else for (const { spot } of own) walk.at(entry, spot, () => walk.check(slice, spot));
    if (walk.sink.isDone) return;
  }
  for (const { spot, of } of members) if (of.length === 0) walk.at(entry, spot, () => walk.check(entry, spot));
}

const NONE: readonly Membership[] = [];

/** Looked through once, however many slices there are. */
function membersBySlice(members: readonly Membership[]): ReadonlyMap<NodePlan, readonly Membership[]> {
  const found = new Map<NodePlan, Membership[]>();
  for (const member of members)
    for (const slice of member.of) {
      const own = found.get(slice);
      if (own) own.push(member);
      else found.set(slice, [member]);
    }
  return found;
}

/** One of another type is told of as that, and is of no slice. */
function isAllowed(entry: NodePlan, spot: Spot, walk: Walking): boolean {
  let isAllowed = true;
  if (entry.codes?.has(spot.node.type) !== true) walk.at(entry, spot, () => (isAllowed = walk.own(entry, spot)));
  return isAllowed;
}

/** What holds to several profiles does nothing wrong: it is the profile that does not tell its slices apart. */
function isByProfile(slicing: SlicingPlan): boolean {
  return slicing.tests().isByProfile;
}

function checkOrder(entry: NodePlan, slicing: SlicingPlan, members: readonly Membership[], walk: Walking): void {
  const { rules, isOrdered, slices } = slicing;
  let last = -1;
  let isBehind = false;
  for (const { spot, of, perhaps } of members) {
    const [slice, other] = of;
    const tell = (rule: RuleId, text: () => string): void => walk.at(entry, spot, () => walk.say(entry, spot, { rule, text }));
    if (slice !== undefined && other !== undefined) {
      const text = (): string => `it is of the slices ${of.map(({ slice: name }) => name ?? "").join(" and ")} at once, and may be of one.`;
      walk.at(entry, spot, () =>
        walk.say(entry, spot, { rule: "profile-slice-several", ...(isByProfile(slicing) && { severity: "warning" }), text }),
      );
    }
    if (slice === undefined) {
      if (perhaps.length > 0) walk.sink.isOpen = true;
      else if (rules === "closed") tell("profile-slice-unknown", () => `it is of none of the slices that may stand there: ${named(slices)}.`);
      isBehind = true;
      continue;
    }
    const at = isOrdered ? slices.indexOf(slice) : last;
    if (rules === "openAtEnd" && isBehind)
      tell("profile-slice-order", () => `it is of the slice ${slice.slice ?? ""}, and stands behind what is of none: that belongs at the end.`);
    else if (isOrdered && at < last)
      tell("profile-slice-order", () => `it is of the slice ${slice.slice ?? ""}, which stands before ${slices[last]?.slice ?? ""}.`);
    last = Math.max(last, at);
  }
}

function checkCount(
  entry: NodePlan,
  slicing: SlicingPlan,
  slice: NodePlan,
  own: readonly Membership[],
  members: readonly Membership[],
  within: Spot,
  walk: Walking,
): void {
  const { min, max } = slice;
  const count = own.length;
  if (count >= min && count <= max) return;
  const perhaps = members.filter((one) => one.of.length === 0 && one.perhaps.includes(slice)).length;
  if (count < min && count + perhaps >= min) {
    walk.sink.isOpen = true;
    return;
  }
  const name = `the slice ${shown(slice.slice ?? "", 64)} of ${entry.path}`;
  const [first] = own;
  if (max === 0 && first !== undefined) {
    walk.at(entry, first.spot, () =>
      walk.say(entry, first.spot, { rule: "profile-slice-count", text: () => `${name} may not stand there: remove it.` }),
    );
    return;
  }
  if (count > 0) {
    const how = count > max ? `may stand there at most ${max} times` : `has to stand there at least ${min} times`;
    walk.say(entry, within, { rule: "profile-slice-count", text: () => `${name} ${how}, and is there ${count} times.` });
    return;
  }
  const text = (): string => {
    const rest = members.filter(({ of }) => of.length === 0);
    const best = bestCandidate(slicing, slice, rest, walk);
    if (best === undefined) return `${name} is missing (at least ${min})${wanted(slicing, slice)}.`;
    const { index } = best.spot;
    return `${name} is missing (at least ${min}); nearest is ${entry.name}${index === undefined ? "" : `[${index}]`}: ${best.text}${best.text.endsWith(".") ? "" : "."}`;
  };
  walk.say(entry, within, { rule: "profile-slice-missing", text });
}

/** What tells the slice, as far as it can be named. */
function wanted(slicing: SlicingPlan, slice: NodePlan): string {
  const criteria = slicing.tests().criteria[slicing.slices.indexOf(slice)]?.flat() ?? [];
  const wants = criteria.flatMap((criterion) => (criterion === undefined ? [] : [criterion.wants]));
  return wants.length === 0 ? "" : `: ${wants.join(", ")}`;
}

function named(slices: readonly NodePlan[]): string {
  return (
    slices
      .map(({ slice }) => slice ?? "")
      .slice(0, 12)
      .join(", ") + (slices.length > 12 ? ", …" : "")
  );
}
