/** What a query may be and cost; docs/limits.md has the same table. */
export const GRAPH_LIMITS = {
  /** Characters of a query. */
  characters: 50_000,
  /** Words, names, brackets and so on of a query. */
  tokens: 5_000,
  /** Fields within fields, with those of fragments. */
  depth: 25,
  /** Fields under names of their own. */
  aliases: 200,
  directives: 200,
  /** Fields, each fragment counted wherever it is used; within lists as often as the list may have matches. */
  cost: 100_000,
  /** Reads and searches that the fields of a query ask for by themselves. */
  searches: 100,
  /** Of a query for the schema: fields, as often as the lists of the schema have elements. */
  introspection: 5_000_000,
  /** Values that are looked at for an answer. */
  values: 200_000,
  /** Of resources that are opened for an answer. */
  bytes: 32_000_000,
  /** Milliseconds. */
  time: 10_000,
  /** Matches of one list, of all lists that are found together for several resources. */
  matches: 500,
} as const;
