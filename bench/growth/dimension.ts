import type { FhirMediaType } from "../../src/pipeline/document-forms.ts";

/** Something that a sender can repeat. */
export interface Dimension {
  readonly name: string;
  /** A document that repeats it so often. The same count gives the same bytes. */
  make(count: number): string;
  readonly mediaType?: FhirMediaType;
  /** How many are accepted at most, when that is less than a document of the harness's size holds: the largest measurement has so many. */
  readonly most?: number;
  /** The smallest count of three, where a megabyte is no measure (a signature's certificates, levels of nesting). */
  readonly counts?: readonly [number, number, number];
  /** Stages that are known to fail, each with the reason: told, and not counted as a breach. Whoever mends one takes it out. */
  readonly known?: Readonly<Record<string, string>>;
}
