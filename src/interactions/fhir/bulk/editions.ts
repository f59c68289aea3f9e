/** What the editions of Bulk Data Access do differently (hl7.org/fhir/uv/bulkdata): the one place that knows of it. */

/** One edition of the guide, by its number. */
export type BulkEditionName = "2.0" | "4.0";

export interface BulkEdition {
  /** What a server of it declares (CapabilityStatement.instantiates). */
  readonly canonical: string;
  /** Whether an export may be begun by GET. */
  readonly mayGet: boolean;
  /** Whether the manifest tells the request that began it. */
  readonly hasRequest: boolean;
  /** What the manifest calls the files of OperationOutcomes. */
  readonly outcomes: "error" | "outcome";
  /** Whether one value may be several, separated by commas. A parameter that stands several times is several in every edition. */
  readonly hasLists: boolean;
}

/**
 * 2.0 with what 3.0 added to it (`_until`, `_typeFilter` out of trial, which nobody of 2.0 asks for); 4.0 as it was balloted, which takes away.
 */
export const BULK_EDITIONS: Readonly<Record<BulkEditionName, BulkEdition>> = {
  "2.0": {
    canonical: "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data|2.0.0",
    mayGet: true,
    hasRequest: true,
    outcomes: "error",
    hasLists: true,
  },
  "4.0": {
    canonical: "http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data|4.0.0-ballot",
    mayGet: false,
    hasRequest: false,
    outcomes: "outcome",
    hasLists: false,
  },
};

/** The one that is spoken where nobody chose another: what clients of today speak. */
export const DEFAULT_BULK_EDITION: BulkEditionName = "2.0";
