import type { Include, ValueSet } from "../conformance/terminology-resources.ts";

/** The value sets that the definitions hold, by canonical with or without a version. */
export type HeldValueSets = (canonical: string) => ValueSet | undefined;

/** Of one question; more is not worth its way. */
const MOST_IMPORTS = 20;

/**
 * A value set as parameters for a server that does not know it: of the definitions that an operator loaded, nothing of a document. Parts about other systems than the asked one can neither take its codes in nor
 * leave them out, and stay here; so it goes without its canonical, under which a server could take it for the whole. Undefined where it says its codes in no way that can be sent.
 */
export function sentValueSet({ compose }: ValueSet, system: string, held: HeldValueSets): object[] | undefined {
  if (!compose) return undefined;
  const isAbout = (part: Include): boolean => part.system === undefined || part.system === system;
  const include = compose.include.filter(isAbout);
  const exclude = (compose.exclude ?? []).filter(isAbout);
  // With no part about it nobody needs to be asked.
  if (include.length === 0) return undefined;
  const resource = {
    ...{ resourceType: "ValueSet", status: "active" },
    compose: { ...(compose.inactive !== undefined && { inactive: compose.inactive }), include, ...(exclude.length > 0 && { exclude }) },
  };
  const imports = importsOf([...include, ...exclude], held);
  return imports && [{ name: "valueSet", resource }, ...imports.map((one) => ({ name: "tx-resource", resource: one }))];
}

/** What parts name, and what that names in turn. Undefined when it is more than is sent. */
function importsOf(parts: readonly Include[], held: HeldValueSets): object[] | undefined {
  const found = new Map<string, object>();
  const waiting = parts.flatMap(({ valueSet = [] }) => valueSet);
  for (let canonical = waiting.pop(); canonical !== undefined; canonical = waiting.pop()) {
    const set = found.has(canonical) ? undefined : held(canonical);
    // What is not here the server may have.
    if (!set?.compose) continue;
    if (found.size === MOST_IMPORTS) return undefined;
    const { url, version, compose } = set;
    found.set(canonical, { resourceType: "ValueSet", url, ...(version !== undefined && { version }), status: "active", compose });
    waiting.push(...[...compose.include, ...(compose.exclude ?? [])].flatMap(({ valueSet = [] }) => valueSet));
  }
  return [...found.values()];
}

/** Whether a value set names a system among those of its codes. */
export function namesSystem({ compose, expansion }: ValueSet, system: string): boolean {
  return compose?.include.some((part) => part.system === system) === true || expansion?.contains.some((one) => one.system === system) === true;
}
