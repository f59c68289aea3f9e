import { FhirPathError } from "../../../core/fhir/fhirpath/errors.ts";
import type { Environment } from "../../../core/fhir/fhirpath/environment.ts";
import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Origin } from "../../../core/fhir/conformance/conformance.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { Severity } from "../../../core/fhir/issue.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";
import { childrenOf, spotsOf, type Spot } from "./children.ts";
import { checkContent } from "./content-rules.ts";
import { isOf, tellOfBinding } from "./code-rules.ts";
import { isA } from "./criteria.ts";
import { agrees, has, saying } from "./fixed-values.ts";
import type { Answer, Asking, ConstraintPlan, NodePlan, ProfileName } from "./plan.ts";
import { isBeyond } from "./ranges.ts";
import { Sink, type Said } from "./sink.ts";
import { referenceOf } from "./target-rules.ts";
import { checkType, isResource } from "./type-rules.ts";
import { checkSlices } from "./slice-rules.ts";
import type { Pair, Standing, Whole } from "./standing.ts";
import { placeAt } from "./place-at.ts";

/** What is said, but for where. */
export interface SaidHere {
  readonly rule: RuleId;
  readonly severity?: Severity;
  readonly text: () => string;
  readonly constraint?: ConstraintPlan;
  readonly about?: string;
  readonly within?: unknown;
}

/** Holds the elements of one resource against a plan: the second walk. It goes only where the plan has something to ask. */
export class PlanWalk implements Asking {
  readonly whole: Whole;
  readonly standing: Standing;
  readonly sink: Sink<Pair>;
  readonly place: Place;
  #environment: Environment | undefined;
  /** That of the resource whose profile is asked of a part that is a resource itself. */
  #outer: Environment | undefined;

  constructor(whole: Whole, standing: Standing, sink: Sink<Pair>, place: Place = placeAt(standing.place)) {
    this.whole = whole;
    this.standing = standing;
    this.sink = sink;
    this.place = place;
  }

  get definitions(): Definitions {
    return this.whole.definitions;
  }

  /** An element against what is said of it, at the place where the walk is. */
  check(plan: NodePlan, spot: Spot): void {
    if (this.sink.isDone) return;
    const { node } = spot;
    if (isResource(node) && node.value !== this.standing.resource.value) this.#elsewhere(node).enter(plan, spot);
    else this.enter(plan, spot);
  }

  /** The same, of an element of the resource whose walk it is. */
  enter(plan: NodePlan, spot: Spot): void {
    if (this.own(plan, spot)) this.children(plan.children, spot);
  }

  /** A walk through a resource that stands in this one: what it refers to counts from there, and it is `%resource`. */
  #elsewhere(resource: FhirPathNode): PlanWalk {
    const standing = this.whole.standingOf(resource, { from: this.standing, place: this.place });
    const walk = new PlanWalk(this.whole, standing, this.sink, this.place);
    walk.#outer = this.environment;
    return walk;
  }

  /** What is said of the element itself. False when it is not of a type that may stand there: then nothing more is asked of it. */
  own(plan: NodePlan, spot: Spot): boolean {
    const { node } = spot;
    const { codes, values, ranges, bindings, constraints, types } = plan;
    if (codes !== undefined && !isOneOf(node, codes, this.definitions)) {
      const text = (): string => `it is of type ${shown(node.type, 64)}, and ${[...codes].join(" or ")} is asked for.`;
      this.say(plan, spot, { rule: "profile-type", text });
      return false;
    }
    for (const value of values)
      if (!agrees(value, node.value)) {
        const [rule, asked] =
          value.kind === "fixed" ? (["profile-value", "the fixed value"] as const) : (["profile-pattern", "the pattern"] as const);
        this.say(plan, spot, { rule, text: () => `${asked} is ${saying(value.value)}, and it is ${shown(has(node.value))}.` });
      }
    for (const range of ranges)
      if (isBeyond(range, node, this.definitions)) {
        const text = (): string => `${shown(has(node.value))} is ${range.kind === "min" ? "less" : "more"} than ${saying(range.value)}.`;
        this.say(plan, spot, { rule: "profile-range", text });
      }
    checkContent(plan, spot, this);
    for (const binding of bindings) tellOfBinding(binding, plan, spot, this);
    for (const constraint of constraints) this.#constraint(constraint, plan, spot);
    const type =
      types.length === 0 ? undefined : (types.find(({ code }) => code === node.type) ?? types.find(({ code }) => isA(node, code, this.definitions)));
    if (type) checkType(type, plan, spot, this);
    return true;
  }

  /** The elements below one. */
  children(plans: readonly NodePlan[], spot: Spot): void {
    if (plans.length === 0) return;
    const { value, definition } = spot.node;
    if (value instanceof JsonObject) {
      if (definition === undefined) return;
      for (const { plan, properties } of this.whole.childrenOf(plans).of(value.shape, definition)) {
        if (this.sink.isDone) return;
        const [only, ...others] = properties;
        const spots =
          only === undefined
            ? NO_SPOTS
            : others.length === 0
              ? spotsOf(value, only, this.definitions)
              : properties.flatMap((one) => spotsOf(value, one, this.definitions));
        this.#found(plan, spots, spot);
      }
    } else for (const plan of plans) this.#found(plan, childrenOf(spot, plan.name, this.definitions), spot);
  }

  /** The elements of a name, however many. */
  #found(plan: NodePlan, spots: readonly Spot[], within: Spot): void {
    const { slicing } = plan;
    // Which of its slices is missing says more than that it is.
    if (spots.length > 0 || slicing?.slices.every((slice) => slice.min === 0) !== false) this.count(plan, spots.length, within);
    if (slicing) checkSlices(plan, slicing, spots, within, this);
    else
      for (const one of spots) {
        this.place.enter(plan.name);
        if (one.index !== undefined) this.place.enter(one.index);
        this.check(plan, one);
        if (one.index !== undefined) this.place.leave();
        this.place.leave();
      }
  }

  /** Does something where an element stands. */
  at({ name }: NodePlan, { index }: Spot, act: () => void): void {
    this.place.enter(name);
    if (index !== undefined) this.place.enter(index);
    act();
    if (index !== undefined) this.place.leave();
    this.place.leave();
  }

  /** How many there are. @param within what they stand in, at whose place it is told */
  count(plan: NodePlan, count: number, within: Spot): void {
    const { min, max, path } = plan;
    if (count >= min && count <= max) return;
    const rule = max === 0 ? "profile-element-forbidden" : count === 0 ? "profile-element-missing" : "profile-element-count";
    const text = (): string =>
      max === 0
        ? `${path} may not stand there: remove it.`
        : count === 0
          ? `${path} is required (at least ${min}): add it.`
          : `${path} stands there ${count} times, and not ${count < min ? `at least ${min}` : `at most ${max}`} times.`;
    this.say(plan, within, { rule, text, about: path, within: within.node.value });
  }

  say({ path }: NodePlan, { offset }: Spot, { severity = "error", about = plainPath(path), ...rest }: SaidHere): void {
    this.sink.say(this.said({ path }, { offset }, { severity, about, ...rest }));
  }

  /** What is to be said of where the walk is, for later: the place is kept. */
  said({ path }: Pick<NodePlan, "path">, { offset }: Pick<Spot, "offset">, { severity = "error", about = plainPath(path), ...rest }: SaidHere): Said {
    return { ...rest, severity, about, offset, expression: () => this.place.expression() };
  }

  #constraint(constraint: ConstraintPlan, plan: NodePlan, spot: Spot): void {
    const expression = constraint.expression();
    if (expression === undefined) {
      this.sink.isOpen = true;
      return;
    }
    try {
      if (expression.holds(spot.node, this.environment)) return;
      // Of a resource that is a part of another `%resource` may mean either: what contains it, or, where the invariant is that of its own profile, itself (R4 fhirpath.html, Variables).
      if (this.#outer && spot.node.value === this.standing.resource.value && expression.holds(spot.node, this.#outer)) return;
    } catch (error) {
      if (!(error instanceof FhirPathError)) throw error;
      this.sink.isOpen = true;
      return;
    }
    const { human, text, severity } = constraint;
    const told = `${human.trim().replace(/\.$/, "")}. In FHIRPath: ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`;
    this.say(plan, spot, { rule: "profile-value", severity, constraint, text: () => told });
  }

  get environment(): Environment {
    const { resource, container } = this.standing;
    return (this.#environment ??= {
      resource,
      rootResource: container,
      resolve: (reference) => {
        const target = this.whole.leadsTo(reference, this.standing);
        return target.kind === "found" ? target.standing.resource : undefined;
      },
      memberOf: (coded, valueSet) => boolean(this.isOf(coded, valueSet, NOBODY)),
      conformsTo: (element, profile) => {
        const name = { canonical: profile, from: NOBODY, coreType: undefined };
        return this.whole.find(name) === undefined ? undefined : boolean(this.holds(element, name));
      },
    });
  }

  // What criteria of slices and invariants ask.

  leadsTo(node: FhirPathNode): { readonly node?: FhirPathNode; readonly type?: string } {
    const reference = referenceOf(node);
    if (reference === undefined) return {};
    const target = this.whole.leadsTo(reference, this.standing);
    return target.kind === "found" ? { node: target.standing.resource } : target.kind === "typed" ? { type: target.type } : {};
  }

  conforms(node: FhirPathNode, plan: NodePlan): Answer {
    return isAbsent(node) ? "unknown" : this.#trial(node, plan, "ask").answer;
  }

  holds(node: FhirPathNode, name: ProfileName): Answer {
    const profile = this.whole.find(name);
    // Of what is not here no more is known than its type.
    if (profile === undefined || isAbsent(node)) return "unknown";
    if (profile.isElement !== true && !isA(node, profile.held.resource.type, this.definitions)) return "no";
    if (isResource(node)) return this.whole.answer(this.whole.pair(this.whole.standingOf(node), profile));
    return this.#trial(node, profile.plan.root, "ask").answer;
  }

  difference(node: FhirPathNode, name: ProfileName): string | undefined {
    const profile = this.whole.find(name);
    if (profile === undefined || isAbsent(node)) return undefined;
    const found = isResource(node)
      ? this.whole.difference(this.whole.pair(this.whole.standingOf(node), profile))
      : this.#trial(node, profile.plan.root, "explain").sink.first;
    return found && `${found.expression}: ${found.text}`;
  }

  isOf(coded: FhirPathNode, valueSet: string, from: Origin): Answer {
    return isOf(coded, valueSet, from, this.whole);
  }

  #trial(node: FhirPathNode, plan: NodePlan, kind: "ask" | "explain"): { readonly answer: Answer; readonly sink: Sink<Pair> } {
    const sink = new Sink<Pair>(kind);
    new PlanWalk(this.whole, this.standing, sink, this.place).check(plan, { node, index: undefined, offset: 0 });
    let answer: Answer = sink.isBroken ? "no" : sink.isOpen ? "unknown" : "yes";
    if (answer !== "no")
      for (const { alternatives, said } of sink.needs) {
        const answers = alternatives.map((pair) => this.whole.answer(pair));
        if (answers.includes("yes")) continue;
        answer = answers.includes("unknown") ? "unknown" : "no";
        if (answer !== "no") continue;
        if (said) sink.say(said);
        break;
      }
    return { answer, sink };
  }
}

const NO_SPOTS: readonly Spot[] = [];
const NOBODY: Origin = { name: "", version: "" };

function isAbsent({ value, companion }: FhirPathNode): boolean {
  return value === undefined && companion === undefined;
}

function boolean(answer: Answer): boolean | undefined {
  return answer === "unknown" ? undefined : answer === "yes";
}

function isOneOf(node: FhirPathNode, codes: ReadonlySet<string>, definitions: Definitions): boolean {
  return codes.has(node.type) || (isResource(node) && [...codes].some((code) => isA(node, code, definitions)));
}

function plainPath(path: string): string {
  return path.replaceAll("[x]", "");
}
