/** What a run counts: plain data, so that workers can send it. */
import { FAMILIES, type Family } from "./input.ts";
import type { Verdict } from "./oracle.ts";

export interface FamilyTally {
  readonly verdicts: Record<Verdict, number>;
  faults: number;
  milliseconds: number;
  slowest: number;
}

export type Tally = Readonly<Record<Family, FamilyTally>>;

export function emptyTally(): Tally {
  return Object.fromEntries(
    FAMILIES.map((family) => [family, { verdicts: { unreadable: 0, refused: 0, valid: 0 }, faults: 0, milliseconds: 0, slowest: 0 }]),
  ) as unknown as Tally;
}

/** Adds one tally to another. */
export function addTally(sum: Tally, more: Tally): void {
  for (const family of FAMILIES) {
    const [to, from] = [sum[family], more[family]];
    for (const verdict of ["unreadable", "refused", "valid"] as const) to.verdicts[verdict] += from.verdicts[verdict];
    to.faults += from.faults;
    to.milliseconds += from.milliseconds;
    to.slowest = Math.max(to.slowest, from.slowest);
  }
}

export function inputsOf({ verdicts, faults }: FamilyTally): number {
  return verdicts.unreadable + verdicts.refused + verdicts.valid + faults;
}
