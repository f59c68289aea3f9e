/** How long something took, many times. All in milliseconds. */
export interface Measured {
  readonly count: number;
  readonly elapsed: number;
  readonly perSecond: number;
  readonly median: number;
  readonly p99: number;
  readonly slowest: number;
}

/**
 * Does a job again and again, `width` at a time, until `count` were done or `longest` milliseconds have gone by. Each worker takes the next number when it has done
 * the one before, as clients that wait for their answers do.
 */
export async function measure(
  job: (number: number) => Promise<void>,
  { count, width, longest }: { readonly count: number; readonly width: number; readonly longest: number },
): Promise<Measured> {
  const times: number[] = [];
  const start = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count && performance.now() - start < longest) {
      const begun = performance.now();
      await job(next++);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  const elapsed = performance.now() - start;
  return { count: times.length, elapsed, perSecond: (times.length / elapsed) * 1000, ...spread(times) };
}

/** Times of steps by name, added up over many rounds. */
export class Stopwatch {
  readonly #times = new Map<string, number[]>();

  async time<Result>(step: string, work: () => Result | Promise<Result>): Promise<Result> {
    const begun = performance.now();
    const result = await work();
    const times = this.#times.get(step);
    if (times) times.push(performance.now() - begun);
    else this.#times.set(step, [performance.now() - begun]);
    return result;
  }

  /** Median of each step, in the order of their first use. */
  medians(): { readonly step: string; readonly median: number }[] {
    return [...this.#times].map(([step, times]) => ({ step, median: spread(times).median }));
  }
}

/** Middle, 99th percentile and slowest of times. */
export function spread(times: readonly number[]): Pick<Measured, "median" | "p99" | "slowest"> {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p99: at(0.99), slowest: at(1) };
}

/** Least and middle of some rounds, in milliseconds for one job. */
interface Rounds {
  readonly least: number;
  readonly median: number;
}

/** What a job costs: on the clock, which others on the machine lengthen, and of processors (all threads of this process), which they lengthen little. */
export interface Cost {
  readonly clock: Rounds;
  readonly processor: Rounds;
}

/** Does a job `each` times in each of some rounds, one after the other, after a round that is not counted; no round is begun after `longest` milliseconds but the first that is. */
export async function measureCost(
  job: () => unknown,
  { rounds, each, longest = Infinity }: { readonly rounds: number; readonly each: number; readonly longest?: number },
): Promise<Cost> {
  const clock: number[] = [];
  const processor: number[] = [];
  const start = performance.now();
  for (let round = 0; round <= rounds && (round < 2 || performance.now() - start < longest); round++) {
    const [begun, used] = [performance.now(), process.cpuUsage()];
    for (let time = 0; time < each; time++) await job();
    const { user, system } = process.cpuUsage(used);
    if (round === 0) continue;
    clock.push((performance.now() - begun) / each);
    processor.push((user + system) / 1_000 / each);
  }
  const told = (times: readonly number[]): Rounds => ({ least: Math.min(...times), median: spread(times).median });
  return { clock: told(clock), processor: told(processor) };
}
