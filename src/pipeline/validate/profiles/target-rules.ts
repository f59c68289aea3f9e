import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { shown } from "../shown.ts";
import type { Spot } from "./children.ts";
import { isA } from "./criteria.ts";
import type { NodePlan, ProfileName, TypePlan } from "./plan.ts";
import type { Said } from "./sink.ts";
import type { Pair, Standing, Target, Whole } from "./standing.ts";
import type { Sink } from "./sink.ts";

/** What the rules about references need of the walk. */
interface Walking {
  readonly whole: Whole;
  readonly standing: Standing;
  readonly sink: Sink<Pair>;
  readonly definitions: Definitions;
  readonly place: { expression(): string };
  said(plan: NodePlan, spot: Spot, said: { rule: "profile-target"; severity?: "error" | "warning"; text: () => string }): Said;
}

/** The text of a Reference, uri or canonical. */
export function referenceOf({ value }: FhirPathNode): string | undefined {
  return value instanceof JsonObject ? value.string("reference") : typeof value === "string" ? value : undefined;
}

/** A Reference against the profiles of what it may lead to (R4 references.html; elementdefinition.html, targetProfile, aggregation). */
export function checkReference({ targets, aggregation }: TypePlan, plan: NodePlan, spot: Spot, walk: Walking): void {
  const reference = referenceOf(spot.node);
  if (reference === undefined || reference === "") return;
  const { whole, standing } = walk;
  const target = whole.leadsTo(reference, standing);
  if (aggregation !== undefined) checkAggregation(aggregation, reference, target, plan, spot, walk);
  if (targets === undefined) return;
  const names = (): string => targets.map(({ coreType, canonical }) => coreType ?? shown(canonical)).join(" or ");
  if (target.kind !== "found") {
    if (target.kind === "typed" && !targets.some((name) => mayBe(target.type, name, walk))) {
      const text = (): string => `${shown(reference)} names a ${shown(target.type, 64)}, and ${names()} is asked for.`;
      walk.sink.say(walk.said(plan, spot, { rule: "profile-target", severity: standing.entry ? "error" : "warning", text }));
    }
    return;
  }
  const { resource } = target.standing;
  const left = targets.filter((name) => mayBe(resource.type, name, walk));
  if (left.length === 0) {
    const text = (): string => `${shown(reference)} leads to a ${shown(resource.type, 64)}, and ${names()} is asked for.`;
    walk.sink.say(walk.said(plan, spot, { rule: "profile-target", text }));
    return;
  }
  if (left.some(({ coreType }) => coreType !== undefined)) return;
  const alternatives = left.map((name) => whole.find(name)).map((profile) => profile && whole.pair(target.standing, profile));
  const held = alternatives.filter((pair) => pair !== undefined);
  if (held.length < alternatives.length) {
    walk.sink.isOpen = true;
    return;
  }
  walk.sink.needs.push({
    alternatives: held,
    said: walk.sink.kind === "ask" ? undefined : unmet(reference, resource.type, left, held, plan, spot, walk),
  });
}

/** What is told where none of the alternatives holds: when that is known the walk is elsewhere, so that the place is kept. */
function unmet(
  reference: string,
  type: string,
  left: readonly ProfileName[],
  held: readonly Pair[],
  plan: NodePlan,
  spot: Spot,
  walk: Walking,
): Said {
  const expression = walk.place.expression();
  const text = (): string => {
    const [pair] = held;
    const first = pair && walk.whole.difference(pair);
    const told = `${shown(reference)} leads to a ${type} that does not hold to ${left.map(({ canonical }) => shown(canonical)).join(" or ")}`;
    return first === undefined ? `${told}.` : `${told}; ${first.expression}: ${first.text}`;
  };
  return { ...walk.said(plan, spot, { rule: "profile-target", text }), expression: () => expression };
}

/** Whether a resource of a type may be what a target profile asks for. A profile that is not held may be of any. */
function mayBe(type: string, name: ProfileName, { whole, definitions }: Walking): boolean {
  const wanted = name.coreType ?? whole.find(name)?.held.resource.type;
  return wanted === undefined || isA({ type }, wanted, definitions);
}

function checkAggregation(
  aggregation: NonNullable<TypePlan["aggregation"]>,
  reference: string,
  target: Target,
  plan: NodePlan,
  spot: Spot,
  walk: Walking,
): void {
  const { standing } = walk;
  const kind = target.kind === "found" ? (target.isContained ? "contained" : "bundled") : reference.startsWith("#") ? "contained" : "referenced";
  // Whether a resource by itself is of a Bundle nobody can tell. What stands in the same Bundle is referred to as well.
  if (kind === "referenced" && standing.entry === undefined && aggregation.includes("bundled")) return;
  if (aggregation.includes(kind) || (kind === "bundled" && aggregation.includes("referenced"))) return;
  const text = (): string => `${shown(reference)} is ${kind}, and a resource that is ${aggregation.join(" or ")} is asked for.`;
  walk.sink.say(walk.said(plan, spot, { rule: "profile-target", text }));
}
