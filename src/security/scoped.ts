/** What the scopes of a token leave of what its holder may do (SMART App Launch 2.2, scopes and launch context). Scopes narrow, and never widen. */
import type { KnownCaller, Scope, ScopeRight } from "../core/asked.ts";
import { PERMIT_ALL, PERMIT_NONE, someOf, type Predicate } from "../search/predicate.ts";

/** One scope that applies: resources of documents that are `permitted`, and among these what the search parameters find. */
export interface ScopedPart {
  readonly permitted: Predicate;
  /** As written behind `?`. */
  readonly query?: string | undefined;
}

/** `all`: nothing narrows. `some`: what one of the parts leaves; of no parts nothing, and the token lacks a scope. */
export type Scoped = { readonly kind: "all" } | { readonly kind: "some"; readonly parts: readonly ScopedPart[] };

const ALL: Scoped = { kind: "all" };

/** What is known of the token's holder. `ownPatient`: the documents of the launch's patient. */
export interface ScopeHolder {
  readonly caller: Pick<KnownCaller, "scopes">;
  readonly ownPatient: Predicate | undefined;
}

/** What scopes leave of resources of a type to somebody who needs one of the rights upon them. */
export function scopedTo(type: string, rights: readonly ScopeRight[], { caller: { scopes }, ownPatient }: ScopeHolder): Scoped {
  if (scopes === undefined) return ALL;
  const parts = scopes
    .filter((scope) => (scope.type === type || scope.type === "*") && rights.some((right) => scope.rights.includes(right)))
    .map((scope): ScopedPart => ({ permitted: documentsOf(scope, ownPatient), query: scope.query }));
  return { kind: "some", parts };
}

/** Documents of which scopes leave anything at all to be read or found. */
export function scopedDocuments({ caller: { scopes }, ownPatient }: ScopeHolder): Predicate {
  if (scopes === undefined) return PERMIT_ALL;
  const reading = scopes.filter(({ rights }) => rights.includes("r") || rights.includes("s"));
  return someOf(reading.map((scope) => documentsOf(scope, ownPatient)));
}

/** A scope of the level `patient` means the launch's patient, and nobody where there is none. */
function documentsOf({ level }: Scope, ownPatient: Predicate | undefined): Predicate {
  return level === "patient" ? (ownPatient ?? PERMIT_NONE) : PERMIT_ALL;
}
