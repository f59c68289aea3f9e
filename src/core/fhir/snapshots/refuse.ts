import type { ElementDefinition } from "../conformance/structure-definition.ts";
import { canonicalOf, SYSTEM_TYPE, type Bases } from "./expand.ts";
import { SnapshotFault } from "./snapshot-fault.ts";

const VALUED = /^(fixed|pattern)([A-Z].*)$/;
/** How far types of R4 and of packages stand upon one another. */
const LONGEST_CHAIN = 20;

/**
 * What a differential may not say of an element: types that its base does not allow, and values of types that it can't have (elementdefinition.html; profiling.html, "Limitations of Use").
 * @throws SnapshotFault
 */
export function refuseBeyondBase(base: ElementDefinition, differential: ElementDefinition, bases: Bases): void {
  const allowed = new Set(base.type?.map(({ code }) => code));
  // FHIRPath's system types stand for uri, id and the values of primitives, and authors write either.
  if ([...allowed].some((code) => code.startsWith(SYSTEM_TYPE))) return;
  for (const { code } of differential.type ?? [])
    if (allowed.size > 0 && !isWithin(code, allowed, bases))
      throw new SnapshotFault(`${code} is none of the types that it may have: ${[...allowed].join(", ")}`);
  const left = (differential.type ?? base.type ?? []).map(({ code }) => code);
  if (left.length === 0 || left.some((code) => code.includes(":"))) return;
  for (const key of Object.keys(differential)) {
    const [, kind, type = ""] = VALUED.exec(key) ?? [];
    if (kind !== undefined && !left.some((code) => isCalled(code, type, bases)))
      throw new SnapshotFault(`a ${kind} ${type} is no value of ${left.join(", ")}`);
  }
}

/** Whether a type is one of some, or stands upon one of them: an Age is a Quantity, a Patient a Resource. */
function isWithin(code: string, allowed: ReadonlySet<string>, bases: Bases): boolean {
  let at: string | undefined = canonicalOf(code);
  const canonicals = new Set([...allowed].map(canonicalOf));
  for (let step = 0; at !== undefined && step < LONGEST_CHAIN; step += 1) {
    if (canonicals.has(at)) return true;
    const definition = bases.baseOf(at);
    // Of a type that nobody here knows nobody can tell.
    if (definition === undefined) return step === 0;
    at = definition.baseDefinition;
  }
  return false;
}

/** Whether a value is called by a type: `fixedCode` of a code, `patternQuantity` of an Age. */
function isCalled(code: string, type: string, bases: Bases): boolean {
  const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
  if (upper(code) === type) return true;
  const base = bases.baseOf(canonicalOf(code))?.baseDefinition?.split("/").at(-1);
  return base !== undefined && upper(base) === type;
}
