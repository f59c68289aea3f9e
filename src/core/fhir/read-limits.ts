/** Bounds against hostile input, for both readers. */
export interface ReadLimits {
  /** How deep objects, arrays or elements may nest. */
  readonly maxDepth: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = { maxDepth: 100 };
