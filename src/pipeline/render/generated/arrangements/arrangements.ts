import { ADMINISTRATION_ARRANGEMENTS } from "./administration.ts";
import type { Arrangement } from "./arrangement.ts";
import { CARE_ARRANGEMENTS } from "./care.ts";
import { MEDICATION_ARRANGEMENTS } from "./medication.ts";
import { RESULT_ARRANGEMENTS } from "./results.ts";

const ARRANGEMENTS: ReadonlyMap<string, Arrangement> = new Map(
  [MEDICATION_ARRANGEMENTS, RESULT_ARRANGEMENTS, CARE_ARRANGEMENTS, ADMINISTRATION_ARRANGEMENTS].flatMap((table) => Object.entries(table)),
);

/** How resources of a type stand in a table; undefined for types that are listed element by element. */
export function arrangementOf(type: string): Arrangement | undefined {
  return ARRANGEMENTS.get(type);
}
