/** What readers say at a limit of what is accepted (read-limits.ts), whatever the form of the text. Each has a rule of its own, and names the limit. */
import { isError, type Issue } from "../issue.ts";
import type { ReadLimits } from "./read-limits.ts";
import type { ReadingRule } from "./reading-rules.ts";

export interface LimitFault {
  readonly rule: ReadingRule<"fatal">;
  readonly text: string;
}

const SEE = "docs/limits.md tells the limits, and what real documents have.";

export function tooManyValues(most: number): LimitFault {
  return {
    rule: "too-many-values",
    text: `The text holds more than ${most} elements and values, which is more than are accepted in a text of this size. ${SEE}`,
  };
}

export function tooManyProperties(most: number): LimitFault {
  return { rule: "too-many-properties", text: `An element has more than ${most} different properties; R4 knows none of so many. ${SEE}` };
}

export function tooManyAttributes(most: number): LimitFault {
  return { rule: "too-many-attributes", text: `An element has more than ${most} attributes; no more are accepted. ${SEE}` };
}

/** Strings up to this length are never too long: no look at their names. */
export const SHORT = 1_000;

/** What is wrong with the length of a string that is called so; undefined when nothing is. */
export function tooLong(name: string, value: string, limits: ReadLimits): LimitFault | undefined {
  const most = limits.maxLengths.get(name);
  if (most === undefined || value.length <= most) return undefined;
  return {
    rule: "text-too-long",
    text: `'${name}' has ${value.length} characters; at most ${most} are accepted, for names and titles stand on every page. ${SEE}`,
  };
}

/** The limits of repeating elements of one name, and how many were seen of it in the whole text. */
export interface ItemBound {
  readonly name: string;
  readonly each: number;
  readonly inAll: number;
  seen: number;
}

/** The bounds for one text: where nothing limits a name there is none. */
export class ItemBounds {
  readonly #limits: ReadLimits;
  readonly #known = new Map<string, ItemBound>();

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  of(name: string): ItemBound | undefined {
    const { maxItems, maxItemsInAll } = this.#limits;
    const known = this.#known.get(name);
    if (known !== undefined || (!maxItems.has(name) && !maxItemsInAll.has(name))) return known;
    const bound = { name, each: maxItems.get(name) ?? Infinity, inAll: maxItemsInAll.get(name) ?? Infinity, seen: 0 };
    this.#known.set(name, bound);
    return bound;
  }
}

/** Counts one more item. @param before how many its array has already */
export function isOneTooMany(bound: ItemBound, before: number): boolean {
  return ++bound.seen > bound.inAll || before >= bound.each;
}

/** What to say of it. */
export function tooManyItems({ name, each, inAll, seen }: ItemBound): LimitFault {
  const text =
    seen > inAll
      ? `There are more than ${inAll} of '${name}' in all; no more are accepted.`
      : `There are more than ${each} of '${name}' in one element; no more are accepted.`;
  return { rule: "too-many-items", text: `${text} ${SEE}` };
}

const LIMIT_RULES: ReadonlySet<string> = new Set<ReadingRule<"fatal">>([
  "too-many-values",
  "too-many-items",
  "too-many-properties",
  "too-many-attributes",
  "text-too-long",
]);

export function isLimitRule(rule: string): boolean {
  return LIMIT_RULES.has(rule);
}

/** Whether reading ended at a limit: the text may be well-formed, but more than is accepted. */
export function isBeyondLimits(issues: readonly Issue[]): boolean {
  return issues.some((issue) => isError(issue) && isLimitRule(issue.rule));
}
