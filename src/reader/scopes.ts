/** What a token's scopes leave, in what the Reader asks and gives (SMART App Launch 2.2): searches are narrowed in the query, single resources are held against the scope's search parameters. */
import type { Asked, ScopeRight } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import type { HistoryEvent } from "../search/history/event.ts";
import { permitsEverything } from "../search/predicate.ts";
import { ANYTHING, every, some, type Criterion } from "../search/query/criterion.ts";
import { narrowCriterion } from "../search/query/narrow-criterion.ts";
import { resourceId, type ResourceIdParts } from "../search/query/resource-id.ts";
import type { SearchQuery } from "../search/query/search-query.ts";
import type { Searcher } from "../search/searcher.ts";
import { requireScope, type Access, type Grant } from "../security/access.ts";
import type { ScopedPart } from "../security/scoped.ts";

/** What search parameters of a scope mean for a type. AppErrors as of parse-query.ts. */
export type ScopeCriterion = (type: string, query: string) => Criterion;

export interface ScopesNeeds {
  readonly access: Access;
  readonly searcher: Pick<Searcher, "satisfying">;
  readonly scopeCriterion: ScopeCriterion;
}

interface Scoped extends ResourceIdParts {
  readonly type: string;
}

export interface Scopes {
  /** For lists of documents. AppError `forbidden`. */
  toList(asked: Asked): Promise<Grant>;
  /** AppError `forbidden` when nothing is left of any type. */
  narrowed(asked: Asked, query: SearchQuery): Promise<SearchQuery>;
  /** Those of the resources of which a scope gives one of the rights. */
  covered<One extends Scoped>(grant: Grant, resources: readonly One[], rights: readonly ScopeRight[]): Promise<One[]>;
  /** The same of what happened to resources. */
  coveredEvents(grant: Grant, events: readonly HistoryEvent[]): Promise<HistoryEvent[]>;
  /** That single resources may be read. AppErrors `forbidden` for the type, `not-found` for one that no scope covers. */
  toRead(asked: Asked, documentId: string, wanted: readonly { readonly type: string; readonly path: string }[]): Promise<void>;
}

export function createScopes({ access, searcher, scopeCriterion }: ScopesNeeds): Scopes {
  const partOf = (type: string, { permitted, query }: ScopedPart): Criterion => {
    const parts: Criterion[] = [
      ...(permitsEverything(permitted) ? [] : [{ kind: "permitted", by: permitted } as const]),
      ...(query === undefined ? [] : [scopeCriterion(type, query)]),
    ];
    return parts.length === 0 ? ANYTHING : every(parts);
  };
  /** What scopes leave of a type; undefined: nothing. */
  const leftOf = (grant: Grant, type: string, rights: readonly ScopeRight[]): Criterion | undefined => {
    const scoped = grant.scoped(type, rights);
    if (scoped.kind === "all") return ANYTHING;
    return scoped.parts.length === 0 ? undefined : some(scoped.parts.map((part) => partOf(type, part)));
  };
  const covered: Scopes["covered"] = async (grant, resources, rights) => {
    const byType = Map.groupBy(resources, ({ type }) => type);
    const kept = await Promise.all(
      [...byType].map(async ([type, all]) => {
        const left = leftOf(grant, type, rights);
        if (left === undefined) return [];
        if (left === ANYTHING) return all;
        // The submitted bytes are found as the Bundle that they are.
        const found = await searcher.satisfying(type === "Binary" ? "Bundle" : type, left, all.map(resourceId), grant.permitted, grant.asker);
        return all.filter((one) => found.has(resourceId(one)));
      }),
    );
    const open = new Set(kept.flat());
    return resources.filter((one) => open.has(one));
  };
  return {
    covered,
    toList: async (asked) => {
      await requireScope(access, asked, "Bundle", ["s"]);
      return access.grantOf(asked);
    },
    narrowed: async (asked, query) => {
      const grant = await access.grantOf(asked);
      // Somebody whom no scope narrows is narrowed in no type.
      if (grant.scoped("*", ["s"]).kind === "all") return query;
      const inner = (type: string): Criterion | undefined => leftOf(grant, type, ["r", "s"]);
      const types = query.types.flatMap(({ type, criterion }) => {
        const left = leftOf(grant, type, ["s"]);
        if (left === undefined) return [];
        return [{ type, criterion: every([narrowCriterion(criterion, inner), left]) }];
      });
      const [first] = query.types;
      if (types.length === 0 && first) await requireScope(access, asked, first.type, ["s"]);
      return { ...query, types };
    },
    coveredEvents: (grant, events) => covered(grant, events, ["r", "s"]),
    toRead: async (asked, documentId, wanted) => {
      const grant = await access.grantOf(asked);
      for (const type of new Set(wanted.map((one) => one.type))) await requireScope(access, asked, type, ["r"]);
      const all = wanted.map(({ type, path }) => ({ type, documentId, path }));
      const left = await covered(grant, all, ["r"]);
      const missing = all.find((one) => !left.includes(one));
      if (missing) throw new AppError("not-found", `There is no ${missing.type}/${resourceId(missing)} here.`);
    },
  };
}
