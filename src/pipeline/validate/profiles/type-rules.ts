import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Place } from "../place.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import { shown } from "../shown.ts";
import type { Spot } from "./children.ts";
import { isA } from "./criteria.ts";
import type { OtherProfile } from "./other-profiles.ts";
import type { Asking, NodePlan, ProfileName, TypePlan } from "./plan.ts";
import type { Said, Sink } from "./sink.ts";
import type { Pair, Standing, Whole } from "./standing.ts";
import { checkReference } from "./target-rules.ts";

/** What the rules about types need of the walk. */
interface Walking extends Asking {
  readonly whole: Whole;
  readonly standing: Standing;
  readonly sink: Sink<Pair>;
  readonly place: Place;
  check(plan: NodePlan, spot: Spot): void;
  say(plan: NodePlan, spot: Spot, said: { rule: RuleId; severity?: "information"; text: () => string }): void;
  said(plan: NodePlan, spot: Spot, said: { rule: "profile-target"; severity?: "error" | "warning"; text: () => string }): Said;
}

/** Whether it is a resource, and no element of one. */
export function isResource({ definition }: FhirPathNode): boolean {
  return definition?.kind === "resource";
}

/** A value against what a profile says of its type: the profiles that it holds to, what it leads to. */
export function checkType(type: TypePlan, plan: NodePlan, spot: Spot, walk: Walking): void {
  const { node } = spot;
  if (type.profiles.length > 0) checkProfiles(type.profiles, plan, spot, walk);
  if ((type.targets !== undefined || type.aggregation !== undefined) && node.type === "Reference") checkReference(type, plan, spot, walk);
}

/** A value that holds to one of some profiles. */
function checkProfiles(names: readonly ProfileName[], plan: NodePlan, spot: Spot, walk: Walking): void {
  const { node } = spot;
  const [only, ...others] = names;
  const found = only && others.length === 0 ? walk.whole.find(only) : undefined;
  if (only && found) {
    if (isResource(node)) checkResource(found, plan, spot, walk);
    else {
      if (walk.sink.kind === "tell" && isOwnDefinition(found, node)) walk.whole.toldExtensions.add(node.value);
      walk.check(found.plan.root, spot);
    }
    return;
  }
  const answers = names.map((name) =>
    name.coreType === undefined ? walk.holds(node, name) : isA(node, name.coreType, walk.definitions) ? "yes" : "no",
  );
  if (answers.includes("yes")) return;
  if (answers.includes("unknown")) {
    walk.sink.isOpen = true;
    for (const name of names) if (name.coreType === undefined && walk.whole.find(name) === undefined) tellUnheld(name.canonical, plan, spot, walk);
    return;
  }
  const text = (): string => {
    const name = names.find((one) => walk.whole.find(one)?.held.resource.type === node.type) ?? names[0];
    const difference = name && walk.difference(node, name);
    return `it holds to none of ${names.map(({ canonical }) => shown(canonical)).join(", ")}${difference === undefined ? "." : `; ${difference}`}`;
  };
  walk.say(plan, spot, { rule: "profile-type", text });
}

/** Whether a profile is the one that an extension's url names: what is told of it then need not be told again for itself. */
function isOwnDefinition({ held }: OtherProfile, { type, value }: FhirPathNode): boolean {
  return type === "Extension" && value instanceof JsonObject && value.string("url") === held.resource.url;
}

function checkResource(profile: OtherProfile, plan: NodePlan, spot: Spot, walk: Walking): void {
  const { resource } = profile.held;
  if (!isA(spot.node, resource.type, walk.definitions)) {
    walk.say(plan, spot, {
      rule: "profile-type",
      text: () => `it is a ${shown(spot.node.type, 64)}, and the profile ${resource.url} is of ${resource.type}.`,
    });
    return;
  }
  const pair = walk.whole.pair(walk.whole.standingOf(spot.node, { from: walk.standing, place: walk.place }), profile);
  if (walk.sink.kind === "tell") walk.whole.tellWithin(pair, walk.sink);
  else need(pair, plan, spot, walk);
}

/** In a trial, what stands within is asked by itself. */
function need(pair: Pair, plan: NodePlan, spot: Spot, walk: Walking): void {
  const answer = walk.whole.answer(pair);
  if (pair.hasRemarks) walk.sink.hasRemarks = true;
  if (answer === "unknown") walk.sink.isOpen = true;
  if (answer === "no")
    walk.say(plan, spot, {
      rule: "profile-type",
      text: () => walk.whole.difference(pair)?.text ?? `it does not hold to ${pair.profile.held.resource.url}.`,
    });
}

function tellUnheld(canonical: string, plan: NodePlan, spot: Spot, walk: Walking): void {
  if (walk.sink.kind !== "tell" || !walk.whole.isNews(`profile ${canonical}`)) return;
  const text = (): string => `Conformance to the profile ${shown(canonical)} was not checked: it is not held here.`;
  walk.say(plan, spot, { rule: "profile-not-held", severity: "information", text });
}
