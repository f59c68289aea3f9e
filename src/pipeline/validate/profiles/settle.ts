import type { Answer } from "./plan.ts";
import type { Need } from "./sink.ts";
import type { Pair } from "./standing.ts";

/**
 * Says of pairs of resource and profile whether they hold, when what each says of itself is known, and which others it needs: all hold for which nothing speaks against it, so that what refers
 * to itself in a circle holds. Linear in pairs and needs.
 * @param pairs all that they need are among them, are settled, or are being asked further up
 */
export function settle(pairs: readonly Pair[]): void {
  const broken = spread(
    pairs,
    (pair) => pair.isBroken,
    (pair) => pair.state === "settled" && pair.answer === "no",
  );
  const doubtful = spread(
    pairs,
    (pair) => broken.has(pair) || pair.isOpen,
    (pair) => broken.has(pair) || (pair.state === "settled" && pair.answer !== "yes"),
  );
  for (const pair of pairs) {
    const answer: Answer = broken.has(pair) ? "no" : doubtful.has(pair) ? "unknown" : "yes";
    pair.answer = answer;
    pair.state = "settled";
  }
}

/** The pairs that fail: at first, and because all of what satisfies one of their needs fails. */
function spread(pairs: readonly Pair[], failsAtFirst: (pair: Pair) => boolean, hasFailed: (pair: Pair) => boolean): ReadonlySet<Pair> {
  const left = new Map<Need<Pair>, number>();
  const needers = new Map<Pair, { readonly pair: Pair; readonly need: Need<Pair> }[]>();
  const failed = new Set(pairs.filter(failsAtFirst));
  for (const pair of pairs)
    for (const need of pair.needs) {
      const alive = need.alternatives.filter((one) => !hasFailed(one));
      left.set(need, alive.length);
      if (alive.length === 0) failed.add(pair);
      for (const one of alive) {
        const list = needers.get(one) ?? [];
        needers.set(one, list);
        list.push({ pair, need });
      }
    }
  // A set is walked through with what is added on the way.
  for (const one of failed)
    for (const { pair, need } of needers.get(one) ?? []) {
      const rest = (left.get(need) ?? 1) - 1;
      left.set(need, rest);
      if (rest === 0) failed.add(pair);
    }
  return failed;
}
