export interface GroupedObservation<Resource> {
  readonly resource: Resource;
  /** Its codes, each with its system; or its text. At least one. */
  readonly codes: readonly string[];
  /** What it is about, in milliseconds since 1970. */
  readonly time: number;
}

/**
 * The newest `max` observations of each group, groups with the newest first (R4 operation Observation/$lastn). Observations belong to one group when they share a code, or others lead from one to the other; the last
 * place of a group is shared by all that have its time.
 * @param observations those that stand equal keep their order
 */
export function lastOfGroups<Resource>(observations: readonly GroupedObservation<Resource>[], max: number): GroupedObservation<Resource>[] {
  const groups = Map.groupBy(observations, groupsOf(observations));
  const chosen = [...groups.values()].map((group) => {
    const sorted = [...group].sort((one, other) => newestFirst(one, other));
    const last = sorted[Math.min(max, sorted.length) - 1]?.time ?? -Infinity;
    return sorted.filter(({ time }, at) => at < max || time === last);
  });
  return chosen.sort(([one], [other]) => (one && other ? newestFirst(one, other) : 0)).flat();
}

/** Not by a difference: two that have no time are equal. */
function newestFirst(one: { readonly time: number }, other: { readonly time: number }): number {
  return one.time === other.time ? 0 : one.time > other.time ? -1 : 1;
}

/** Names the group of an observation: codes are joined to trees, of which the root names the group. */
function groupsOf(observations: readonly { readonly codes: readonly string[] }[]): (observation: { readonly codes: readonly string[] }) => string {
  const parents = new Map<string, string>();
  const rootOf = (code: string): string => {
    let root = code;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    if (root !== code) parents.set(code, root);
    return root;
  };
  for (const { codes } of observations)
    for (const code of codes) {
      const [one, other] = [rootOf(codes[0] ?? ""), rootOf(code)];
      if (one !== other) parents.set(other, one);
    }
  return ({ codes }) => rootOf(codes[0] ?? "");
}
