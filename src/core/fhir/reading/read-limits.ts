/**
 * What a reader refuses, so that hostile input costs no more than its size: limits that documents never reach (docs/limits.md has them in one table, with what real documents have; a test holds the two
 * together). A reader stops at a limit, before the memory is spent.
 */
export interface ReadLimits {
  /** How many elements (objects and arrays in JSON) may lie within each other. */
  readonly maxDepth: number;
  /** UTF-16 units in one string or attribute value. */
  readonly maxStringLength: number;
  /** How many issues are listed one by one; the rest is counted. */
  readonly maxIssues: number;
  /** Objects, arrays, strings, numbers … of a whole text, elements and attributes of one in XML. */
  readonly maxValues: number;
  /** How many of them may stand in a thousand characters of any beginning of the text, beyond the first `FREE_VALUES`. */
  readonly maxValuesPerThousand: number;
  /** Properties of one object, or different elements and attributes in one element. */
  readonly maxProperties: number;
  /** Attributes of one element of XML, declarations of namespaces included. */
  readonly maxAttributes: number;
  /** UTF-16 units of a namespace's name, which the parser compares each time that it is used. */
  readonly maxNamespaceLength: number;
  /** Items of one array, by its name. */
  readonly maxItems: ReadonlyMap<string, number>;
  /** Items of all arrays of a name in a whole text. */
  readonly maxItemsInAll: ReadonlyMap<string, number>;
  /** UTF-16 units of a string, by the name of its property: what names and titles have. */
  readonly maxLengths: ReadonlyMap<string, number>;
}

/** A small text may be dense: what it costs is small. */
export const FREE_VALUES = 5_000;

function each(value: number, names: string): [string, number][] {
  return names.split(" ").map((name) => [name, value]);
}

/** R4 has no such limits. What is known of a text before its first deposit is judged by these. */
export const DEFAULT_READ_LIMITS: ReadLimits = {
  maxDepth: 100,
  maxStringLength: 64 * 1024 * 1024,
  maxIssues: 500,
  maxValues: 1_000_000,
  maxValuesPerThousand: 125,
  maxProperties: 500,
  maxAttributes: 100,
  maxNamespaceLength: 1_000,
  maxItems: new Map([
    ...each(200, "name given prefix suffix address line relatesTo"),
    ...each(1_000, "identifier telecom contact author attester detail event category coding security tag profile link"),
    ...each(5_000, "contained extension modifierExtension"),
  ]),
  maxItemsInAll: new Map([...each(30_000, "entry"), ...each(2_000, "section"), ...each(10_000, "contained")]),
  maxLengths: new Map(each(10_000, "title family given prefix suffix name display value line")),
};

/** For what was accepted already, perhaps by an earlier version that had fewer limits: what is kept must be read, whatever it has. */
export const STORED_READ_LIMITS: ReadLimits = {
  ...DEFAULT_READ_LIMITS,
  maxValues: Infinity,
  maxValuesPerThousand: Infinity,
  maxProperties: Infinity,
  maxAttributes: Infinity,
  maxNamespaceLength: Infinity,
  maxItems: new Map(),
  maxItemsInAll: new Map(),
  maxLengths: new Map(),
};

/** How many values the first so many characters of a text may have: a dense one is not read to its end before that is seen. */
export function mostValues(length: number, { maxValues, maxValuesPerThousand }: ReadLimits): number {
  return Math.min(maxValues, FREE_VALUES + Math.ceil((length / 1000) * maxValuesPerThousand));
}
