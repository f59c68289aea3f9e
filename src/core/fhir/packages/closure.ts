import type { Origin } from "../conformance/conformance.ts";
import { nameOf, type PackageFacts } from "./compiled-set.ts";
import { packageFor } from "./held-definitions.ts";

/** A dependency of a package that is not held as it asks for it. */
export interface Lack {
  /** Who needs it. */
  readonly by: Origin;
  readonly needs: Origin;
  /** The version that is taken in its place; undefined where there is none, and what it would define is not held. */
  readonly instead: Origin | undefined;
}

export interface Closure<One extends PackageFacts> {
  /** In order of name and version. */
  readonly packages: readonly One[];
  /** None of it is fatal: what is not held is told as not checked. */
  readonly lacks: readonly Lack[];
}

/**
 * Some packages with what they depend on, and what that depends on, as far as it is held. Several versions of one package may be in it: each definition is found by what its own package's
 * dependencies lead to.
 */
export function closureOf<One extends PackageFacts>(roots: readonly One[], held: readonly One[]): Closure<One> {
  const packages = new Map(roots.map((one) => [nameOf(one), one]));
  const lacks: Lack[] = [];
  // What is added meanwhile is come to.
  for (const one of packages.values())
    for (const needs of one.dependencies) {
      const found = packageFor(needs, held);
      const isAsked = found !== undefined && (found.version === needs.version || /x$/.test(needs.version));
      if (!isAsked)
        lacks.push({ by: { name: one.name, version: one.version }, needs, instead: found && { name: found.name, version: found.version } });
      if (found !== undefined) packages.set(nameOf(found), found);
    }
  const inOrder = [...packages.values()].toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  return { packages: inOrder, lacks };
}
