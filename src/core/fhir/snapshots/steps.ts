import type { ElementDefinition } from "../conformance/structure-definition.ts";
import { SNAPSHOT_LIMITS } from "./snapshot-limits.ts";
import { SnapshotFault } from "./snapshot-fault.ts";

/** One step down from an element: by the name that a path has (`coding`, `value[x]`, `valueQuantity`), and into a slice of it. */
export interface Step {
  readonly name: string;
  readonly slice: string | undefined;
  /** The slice that the element before is in, where the id says another: authors name a slice otherwise than its id. */
  readonly near: string | undefined;
}

/** An element of a differential with where it stands: the steps from the root. */
export interface Stepped {
  readonly element: ElementDefinition;
  readonly steps: readonly Step[];
}

/**
 * Where the elements of a differential stand. Paths do not say in which slice; ids do where an author gave them. Without them an element is in the slice that the one before it is in or is, as far as
 * their paths go together (profiling.html: the order in a differential tells).
 * @throws SnapshotFault for a path that is none of this definition
 */
export function* stepsOf(elements: readonly ElementDefinition[], root: string): Generator<Stepped> {
  /** The place of the element before. */
  let last: readonly Step[] = [];
  for (const element of elements) {
    const [first, ...names] = element.path.split(".");
    if (first !== root) throw new SnapshotFault(`its path is not one of ${root}`, element.id ?? element.path);
    if (names.length > SNAPSHOT_LIMITS.depth)
      throw new SnapshotFault(`it is more than ${SNAPSHOT_LIMITS.depth} elements deep`, element.path.slice(0, 80));
    const said = slicesOfId(element.id, names);
    let isTogether = true;
    const steps = names.map((name, at): Step => {
      const isLast = at === names.length - 1;
      const before = isTogether && last[at]?.name === name ? last[at] : undefined;
      const near = before?.near ?? before?.slice;
      const slice = isLast ? (element.sliceName ?? said?.[at]) : said === undefined ? before?.slice : said[at];
      isTogether = before !== undefined && (slice === before.slice || slice === near);
      return { name, slice, near: isLast || slice === near ? undefined : near };
    });
    last = steps;
    yield { element, steps };
  }
}

/** The slices that an id names for each part of the path; undefined where it is no id of this path. */
function slicesOfId(id: string | undefined, names: readonly string[]): readonly (string | undefined)[] | undefined {
  if (id === undefined || !id.includes(".")) return undefined;
  const parts = id.split(".").slice(1);
  if (parts.length !== names.length) return undefined;
  const slices: (string | undefined)[] = [];
  for (const [at, part] of parts.entries()) {
    const colon = part.indexOf(":");
    const name = colon < 0 ? part : part.slice(0, colon);
    const isChoice = name.endsWith("[x]") && names[at]?.startsWith(name.slice(0, -3)) === true;
    if (name !== names[at] && !isChoice) return undefined;
    slices.push(colon < 0 ? undefined : part.slice(colon + 1));
  }
  return slices;
}
