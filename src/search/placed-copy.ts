/** Who a Patient is that stands in a document: the one whom it is about, or somebody else, such as a mother in her child's document. */
import { PERMIT_ALL } from "./predicate.ts";
import type { AskedIndex } from "./permitted-index.ts";
import { ROWS } from "./derived/person.ts";
import type { ResourceIdParts } from "./query/resource-id.ts";
import { positionOf } from "./resource-number.ts";

export interface PlacedCopy {
  /** Whether the document is about them. */
  readonly isSubject: boolean;
  /** Derived Patients that they are, two at most; none of somebody who is known by no trusted identifier. */
  readonly persons: readonly string[];
}

/** The path of the Composition that leads a document. */
const LEADING = "0";

/** Undefined where no Patient stands. */
export async function copyAt(place: ResourceIdParts, index: AskedIndex): Promise<PlacedCopy | undefined> {
  const [number] = await index.numbersOf([place], "Patient");
  if (number === undefined) return undefined;
  const subjects = await index.referrers("Composition", "subject", [number]);
  const own = subjects.map(({ from }) => from).filter((from) => positionOf(from) === positionOf(number));
  const compositions = own.length === 0 ? [] : await index.resources(own, { permitted: PERMIT_ALL, isCurrent: false });
  const bounds = await index.bounds("Patient", ROWS.person, [number]);
  return {
    isSubject: compositions.some(({ path }) => path === LEADING),
    persons: [...new Set(bounds.flatMap(({ low, high }) => [String(low), String(high)]))],
  };
}
