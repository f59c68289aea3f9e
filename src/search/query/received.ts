import type { SpanCondition } from "./criterion.ts";

const COMPARE: Readonly<Record<SpanCondition["operator"], (one: number, other: number) => boolean>> = {
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
};

/** Whether an instant, a millisecond long, satisfies the conditions (`receivedConditions`). */
export function isWithin(instant: string, conditions: readonly SpanCondition[]): boolean {
  const low = Date.parse(instant);
  const span = { low, high: low + 1 };
  return conditions.every(({ column, operator, bound }) => typeof bound === "number" && COMPARE[operator](span[column], bound));
}
