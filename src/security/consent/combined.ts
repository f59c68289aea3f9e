/**
 * Several consents of one patient. A document is denied where one consent denies it, unless a newer consent permits it by a rule that is more specific: one that names more kinds of conditions. What could not be evaluated denies
 * whatever others say. docs/design/consent.md.
 */
import { everyOf, notOf, someOf, type Predicate } from "../../search/predicate.ts";
import type { Region } from "./regions.ts";

/** What one consent says. `rank`: consents of a later date have a higher one, of the same date the same. */
export interface Saying {
  readonly regions: readonly Region[];
  readonly rank: number;
}

/** A region as the other consents leave it. */
export interface Standing extends Region {
  /** Which of the consents it is of. */
  readonly of: number;
}

/** What all of them say of documents together. */
export interface Combined {
  readonly permits: readonly Standing[];
  readonly denies: readonly Standing[];
  readonly permitted: Predicate;
  readonly denied: Predicate;
}

export function combined(sayings: readonly Saying[]): Combined {
  const regions = sayings.flatMap(({ regions, rank }, of) => regions.map((region) => ({ ...region, of, rank })));
  const permits = regions.filter(({ effect }) => effect === "permit");
  const denies = regions
    .filter(({ effect }) => effect === "deny")
    .map((deny): Standing => {
      const over = permits.filter((permit) => permit.rank > deny.rank && permit.specificity > deny.specificity);
      return { ...deny, documents: everyOf(deny.documents, notOf(someOf(over.map(({ documents }) => documents)))) };
    });
  const all = (some: readonly Standing[]): Predicate => someOf(some.map(({ documents }) => documents));
  return { permits, denies, permitted: all(permits), denied: all(denies) };
}
