/** How much a definition may ask of whoever makes its snapshot (docs/limits.md, "Snapshots"): packages are made by strangers. */
export const SNAPSHOT_LIMITS = {
  /** Of a differential, and of the snapshot that is made of it. The largest published one that was met has 1,812. */
  elements: 20_000,
  /** Of all snapshots that one compilation makes: far more than the definitions of any programme have together. */
  elementsOfAll: 3_000_000,
  /** Elements of a path. */
  depth: 60,
  /** Definitions that stand upon one another, by bases and profiles of types. */
  chain: 100,
} as const;
