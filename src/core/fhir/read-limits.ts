/** What a reader refuses, so that hostile input costs no more than its size. */
export interface ReadLimits {
  /** How many elements (objects and arrays in JSON) may lie within each other. */
  readonly maxDepth: number;
  /** UTF-16 units in one string or attribute value. */
  readonly maxStringLength: number;
  /** How many issues are listed one by one; the rest is counted. */
  readonly maxIssues: number;
}

/** R4 has no such limits. The deepest of HL7's examples has 19 levels; a string may be a whole attachment, which the limit on the document's size bounds. */
export const DEFAULT_READ_LIMITS: ReadLimits = { maxDepth: 100, maxStringLength: 64 * 1024 * 1024, maxIssues: 500 };
