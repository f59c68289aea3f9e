import type { Held, Origin } from "../conformance/conformance.ts";
import type { ElementDefinition, StructureDefinition } from "../conformance/structure-definition.ts";
import type { Bases } from "./expand.ts";
import { merge } from "./merge-element.ts";
import { SnapshotFault } from "./snapshot-fault.ts";
import { SNAPSHOT_LIMITS } from "./snapshot-limits.ts";
import { snapshotOf } from "./snapshot-of.ts";

/** A definition with its snapshot, or why there is none: in words, with the element that is at fault. */
export type MadeSnapshot =
  | { readonly definition: StructureDefinition; readonly fault?: undefined }
  | { readonly definition?: undefined; readonly fault: { readonly message: string; readonly element: string | undefined } };

export interface Snapshots {
  /** The definition as it is where it has a snapshot, else with the one that is made of it. Made once for each object. Never throws for what a definition says. */
  readonly of: (held: Held<StructureDefinition>) => MadeSnapshot;
}

/**
 * Makes snapshots, those of bases first.
 * @param find the definition of a canonical, as the package that names it means it; with or without a snapshot
 */
export function createSnapshots(find: (canonical: string, from: Origin) => Held<StructureDefinition> | undefined): Snapshots {
  const made = new Map<StructureDefinition, MadeSnapshot>();
  /** Those in the making, each for the sake of the one before. */
  const waiting: StructureDefinition[] = [];
  let elements = 0;

  const of = ({ resource, origin }: Held<StructureDefinition>): MadeSnapshot => {
    if (hasSnapshot(resource)) return { definition: resource };
    const known = made.get(resource);
    if (known !== undefined) return known;
    let result: MadeSnapshot;
    const at = waiting.indexOf(resource);
    if (at >= 0) throw new SnapshotFault(`it stands upon itself: ${[...waiting.slice(at), resource].map(({ url }) => url).join(" upon ")}`);
    if (waiting.length >= SNAPSHOT_LIMITS.chain) throw new SnapshotFault(`more than ${SNAPSHOT_LIMITS.chain} definitions stand upon one another`);
    waiting.push(resource);
    try {
      const snapshot = { element: snapshotOf(resource, basesFrom(origin)) };
      elements += snapshot.element.length;
      if (elements > SNAPSHOT_LIMITS.elementsOfAll)
        throw new SnapshotFault(`all snapshots together would have more than ${SNAPSHOT_LIMITS.elementsOfAll} elements`);
      result = { definition: { ...resource, snapshot } };
    } catch (error) {
      if (!(error instanceof SnapshotFault)) throw error;
      result = { fault: { message: error.message, element: error.element } };
    } finally {
      waiting.pop();
    }
    made.set(resource, result);
    return result;
  };
  const basesFrom = (origin: Origin): Bases => ({
    baseOf: (canonical) => {
      const held = find(canonical, origin);
      if (held === undefined) return undefined;
      const { definition, fault } = of(held);
      if (definition === undefined) throw new SnapshotFault(`${canonical} has no snapshot: ${within(fault.element)}${fault.message}`);
      return definition;
    },
    rootOf: (canonical) => rootOf(canonical, origin, 0),
  });
  const rootOf = (canonical: string, origin: Origin, depth: number): ElementDefinition | undefined => {
    const held = depth > SNAPSHOT_LIMITS.chain ? undefined : find(canonical, origin);
    if (held === undefined) return undefined;
    const { resource } = held;
    if (hasSnapshot(resource)) return resource.snapshot?.element[0];
    const base = resource.baseDefinition === undefined ? undefined : rootOf(resource.baseDefinition, held.origin, depth + 1);
    const own = resource.differential?.element.find(({ path }) => !path.includes("."));
    return base && own ? merge(base, own, resource.url) : base;
  };
  return { of };
}

function hasSnapshot({ snapshot }: StructureDefinition): boolean {
  return snapshot !== undefined && snapshot.element.length > 0;
}

function within(element: string | undefined): string {
  return element === undefined ? "" : `${element}: `;
}
