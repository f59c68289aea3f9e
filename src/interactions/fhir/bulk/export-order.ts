/** What an export is to give, as it is kept in its job: all of it was understood when it was begun, and nothing of it is asked again of who began it. */
import type { Parameter } from "../../../search/query/search-query.ts";

/** One type of resource that is exported. */
export interface ExportedType {
  readonly type: string;
  /** Searches upon the type, any of which may find it; none: all of it. */
  readonly filters: readonly (readonly Parameter[])[];
  /** Root elements that are given alone; undefined: the whole. */
  readonly elements?: readonly string[];
}

/** What is told of a request beside what it gives: parameters that were passed over, say. */
export interface ExportRemark {
  /** A code of http://hl7.org/fhir/issue-type. */
  readonly code: string;
  readonly text: string;
}

export interface ExportOrder {
  /** Entries of the log that it is as of: everything in them, nothing behind. */
  readonly size: number;
  /** The checkpoint of that size, as a signed note; empty for a log without entries. */
  readonly checkpoint: string;
  /** The first of those entries of which it gives anything: 0, or where `_since` begins. */
  readonly from: number;
  /** An instant: `transactionTime`. */
  readonly at: string;
  readonly types: readonly ExportedType[];
  /** Whether it is of what is about patients (`Patient/$export`). */
  readonly isOfPatients: boolean;
  /** Logical ids of the patients alone whose data is given; none: everybody's. */
  readonly patients: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly remarks: readonly ExportRemark[];
}

/** Whether it gives every document of its part of the log, as far as who began it may know of them: then what it gives can be counted against the log. */
export function isOfAllDocuments({ types, isOfPatients, until }: Pick<ExportOrder, "types" | "isOfPatients" | "until">): boolean {
  return !isOfPatients && until === undefined && types.some(({ type, filters }) => type === "Bundle" && filters.length === 0);
}
