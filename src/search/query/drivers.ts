/** What gives the resources of a search, a page at a time and the newest first: it is asked for numbers below a place, and gives no more than it is asked for. */
import type { Window } from "../resource-index.ts";
import { endOf, positionOf, type ResourceNumber } from "../resource-number.ts";
import { ANYTHING, type Criterion } from "./criterion.ts";

/** Gives numbers of one type below `window.below`, the newest first; fewer than `window.count`: there are no more. */
export type Stream = (window: Window) => Promise<readonly ResourceNumber[]>;

export interface Driver {
  readonly stream: Stream;
  /** About how many numbers it gives. */
  readonly size: number;
  /** What is still to be asked of what it gives. */
  readonly rest: Criterion;
}

/** Beyond so many, a criterion is as good as any other for driving. */
export const MOST_ESTIMATED = 20_000;
/** How far criteria are counted against each other: as a rule one of them leaves few, and then the others need not be counted. */
const STAGES = [256, 4_096, MOST_ESTIMATED] as const;

/**
 * The driver of the criterion that the fewest satisfy, and which it is; undefined where nothing drives any of them.
 * @param drive gives the driver of one, counted so far
 */
export async function leastOf(
  all: readonly Criterion[],
  drive: (one: Criterion, most: number) => Promise<Driver | undefined>,
): Promise<readonly [driver: Driver | undefined, at: number]> {
  let drivers: readonly (Driver | undefined)[] = [];
  let counted = 0;
  for (const most of STAGES) {
    const before = drivers;
    drivers = await Promise.all(
      all.map(async (one, at) => {
        const known = before[at];
        // What nothing drives, and what is known to its end, stays so.
        return counted > 0 && (known === undefined || known.size < counted) ? known : drive(one, most);
      }),
    );
    counted = most;
    if (drivers.every((one) => one === undefined) || drivers.some((one) => one !== undefined && one.size < most)) break;
  }
  const sizes = drivers.map((one) => one?.size ?? Infinity);
  const at = sizes.indexOf(Math.min(...sizes));
  return [drivers[at], at];
}

/** Numbers that are known at once. */
export function listed(numbers: readonly ResourceNumber[]): Driver {
  const sorted = unique(numbers).sort((one, other) => other - one);
  return {
    size: sorted.length,
    rest: ANYTHING,
    stream: ({ below, count }) => Promise.resolve(sorted.filter((number) => number < below).slice(0, count)),
  };
}

/** What follows from the numbers of another driver, in the same documents. Whole documents are taken at a time, so that the order holds. */
export function mapped(driver: Driver, map: (numbers: readonly ResourceNumber[]) => Promise<readonly ResourceNumber[]>): Driver {
  const stream: Stream = async ({ below, count }) => {
    const found: ResourceNumber[] = [];
    // Whatever stands in the document of `below` may still lead to something below it.
    let from = endOf(positionOf(below - 1) + 1);
    for (let size = count; found.length < count;) {
      const batch = await driver.stream({ below: from, count: size });
      const isLast = batch.length < size;
      const open = positionOf(batch.at(-1) ?? 0);
      const whole = isLast ? batch : batch.filter((number) => positionOf(number) > open);
      if (whole.length === 0 && !isLast) {
        size *= 2;
        continue;
      }
      const next = unique(await map(whole)).filter((number) => number < below);
      found.push(...next.sort((one, other) => other - one));
      if (isLast) break;
      from = endOf(open + 1);
    }
    return found.slice(0, count);
  };
  return { size: driver.size, stream, rest: ANYTHING };
}

/** The numbers of several drivers, each once. */
export function merged(drivers: readonly Driver[]): Driver {
  const [only] = drivers;
  if (drivers.length === 1 && only) return only;
  return {
    size: drivers.reduce((sum, { size }) => sum + size, 0),
    rest: ANYTHING,
    stream: async (window) => {
      const parts = await Promise.all(drivers.map(({ stream }) => stream(window)));
      return unique(parts.flat())
        .sort((one, other) => other - one)
        .slice(0, window.count);
    },
  };
}

/** Those of `numbers` that were found, in their order. */
export function kept(numbers: readonly ResourceNumber[], found: readonly ResourceNumber[]): ResourceNumber[] {
  const wanted = new Set(found);
  return numbers.filter((number) => wanted.has(number));
}

/** Each once. */
export function unique(numbers: readonly ResourceNumber[]): ResourceNumber[] {
  return [...new Set(numbers)];
}
