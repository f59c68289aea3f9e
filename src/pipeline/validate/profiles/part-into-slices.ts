import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { Spot } from "./children.ts";
import { reach, type Reached } from "./discriminator-path.ts";
import { has } from "./fixed-values.ts";
import type { Answer, Asking, Criterion, DiscriminatorGroup, NodePlan, SliceTests, SlicingPlan } from "./plan.ts";

/** Of which slices an element is. */
export interface Membership {
  readonly spot: Spot;
  /** More than one only where slices overlap. */
  readonly of: readonly NodePlan[];
  /** Those of which nobody can tell. */
  readonly perhaps: readonly NodePlan[];
}

/** Parts elements into slices. What can't be told selects none. */
export function partIntoSlices(spots: readonly Spot[], { slices, tests }: SlicingPlan, asking: Asking): readonly Membership[] {
  const made = tests();
  return spots.map((spot, at) => {
    const asked = new AskedElement(spot.node, made, asking);
    const of: NodePlan[] = [];
    const perhaps: NodePlan[] = [];
    for (const place of asked.candidates(slices.length)) {
      const slice = slices[place] as NodePlan;
      const answer = asked.isOf(place, at, slice);
      if (answer === "yes") of.push(slice);
      else if (answer === "unknown") perhaps.push(slice);
    }
    return { spot, of, perhaps };
  });
}

interface ReachedGroup {
  /** By element at the end of the prefix, then by tail. */
  readonly elements: readonly (readonly Reached[])[];
  readonly isOpen: boolean;
}

/** One element, with what stands at the ends of the discriminators' paths: looked up once, whatever the number of slices. */
class AskedElement {
  readonly #node: FhirPathNode;
  readonly #tests: SliceTests;
  readonly #asking: Asking;
  readonly #reached: (ReachedGroup | undefined)[] = [];

  constructor(node: FhirPathNode, tests: SliceTests, asking: Asking) {
    this.#node = node;
    this.#tests = tests;
    this.#asking = asking;
  }

  /** The places of the slices that it may be of. */
  candidates(count: number): Iterable<number> {
    const { byKey } = this.#tests;
    if (byKey === undefined) return Array(count).keys();
    const found = new Set<number>();
    for (const [first] of this.#at(0).elements)
      for (const { value } of first?.nodes ?? []) if (typeof value === "string") for (const place of byKey.get(value) ?? []) found.add(place);
    return found;
  }

  isOf(place: number, index: number, slice: NodePlan): Answer {
    const { criteria, positions } = this.#tests;
    const range = positions?.[place];
    if (range && (index < range[0] || index >= range[1])) return "no";
    const asked = criteria[place] ?? [];
    // Without a discriminator, what the slice says is all that tells it (profiling.html).
    if (asked.length === 0 && range === undefined) return this.#asking.conforms(this.#node, slice);
    let answer: Answer = range === undefined && asked.every((group) => group.every((criterion) => criterion === undefined)) ? "unknown" : "yes";
    for (const [at, group] of asked.entries()) {
      const own = this.#group(at, group);
      if (own === "no") return own;
      if (own === "unknown") answer = own;
    }
    return answer;
  }

  /** How near it comes to a slice: how many of the groups of discriminators it satisfies, or almost; and what is otherwise, on one line. */
  nearness(place: number): { readonly score: number; readonly text: string | undefined } {
    let score = 0;
    let text: string | undefined;
    for (const [at, group] of (this.#tests.criteria[place] ?? []).entries()) {
      for (const [tail, criterion] of group.entries()) {
        if (criterion === undefined) continue;
        const nodes = this.#at(at).elements.flatMap((tails) => tails[tail]?.nodes ?? []);
        if (criterion.test(nodes, this.#asking) === "yes") score += 2;
        else {
          const near = criterion.near?.(nodes, this.#asking);
          if (near !== undefined) score += 1;
          text ??= near ?? otherwise(this.#tests.groups[at], tail, nodes, criterion);
        }
      }
    }
    return { score, text };
  }

  #group(at: number, criteria: readonly (Criterion | undefined)[]): Answer {
    const { elements, isOpen } = this.#at(at);
    let answer: Answer = isOpen ? "unknown" : "no";
    for (const tails of elements) {
      const own = this.#element(tails, criteria);
      if (own === "yes") return own;
      if (own === "unknown") answer = own;
    }
    return answer;
  }

  #element(tails: readonly Reached[], criteria: readonly (Criterion | undefined)[]): Answer {
    let answer: Answer = "yes";
    for (const [tail, criterion] of criteria.entries()) {
      const reached = tails[tail];
      if (criterion === undefined || reached === undefined) continue;
      const found = reached.nodes.length === 0 && reached.isOpen ? "unknown" : criterion.test(reached.nodes, this.#asking);
      if (found === "no") return found;
      if (found === "unknown") answer = found;
    }
    return answer;
  }

  #at(at: number): ReachedGroup {
    const { prefix, tails } = this.#tests.groups[at] ?? { prefix: [], tails: [] };
    return (this.#reached[at] ??= this.#reach(prefix, tails));
  }

  #reach(prefix: DiscriminatorGroup["prefix"], tails: DiscriminatorGroup["tails"]): ReachedGroup {
    const { nodes, isOpen } = reach(this.#node, prefix, this.#asking);
    return { elements: nodes.map((node) => tails.map((tail) => reach(node, tail, this.#asking))), isOpen };
  }
}

function otherwise(group: DiscriminatorGroup | undefined, tail: number, nodes: readonly FhirPathNode[], { wants }: Criterion): string {
  const steps = [...(group?.prefix ?? []), ...(group?.tails[tail] ?? [])];
  const path = steps
    .map((step) => (step.kind === "child" ? step.name : step.kind === "extension" ? `extension('${step.url}')` : step.kind))
    .join(".");
  const found = nodes.map(({ type, value }) => (value === undefined ? type : has(value)));
  return `${path === "" ? "it" : path} is ${found.length === 0 ? "missing" : found.slice(0, 3).join(", ")}, not ${wants}`;
}

/** The element that comes nearest to a slice of which none is, and what is otherwise; undefined where none comes near. */
export function bestCandidate(
  slicing: SlicingPlan,
  slice: NodePlan,
  rest: readonly Membership[],
  asking: Asking,
): { readonly spot: Spot; readonly text: string } | undefined {
  const place = slicing.slices.indexOf(slice);
  const made = slicing.tests();
  let best: { spot: Spot; text: string; score: number } | undefined;
  for (const { spot } of rest.slice(0, MOST_LOOKED_AT)) {
    const { score, text } = new AskedElement(spot.node, made, asking).nearness(place);
    if (text !== undefined && score > (best?.score ?? 0)) best = { spot, text, score };
  }
  const [only] = rest;
  if (best !== undefined || rest.length !== 1 || only === undefined) return best;
  const { text } = new AskedElement(only.spot.node, made, asking).nearness(place);
  return text === undefined ? undefined : { spot: only.spot, text };
}

/** Among so many the nearest is looked for: what is told is a help, and no more. */
const MOST_LOOKED_AT = 50;
