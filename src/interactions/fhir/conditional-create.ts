/** `If-None-Exist` (R4 http.html, "Conditional create"): a document is deposited only if no search finds one already. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { Terminology } from "../../core/fhir/r4/terminology.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import type { UnitCondition } from "../../pipeline/log/queue.ts";
import type { Reader } from "../../reader/reader.ts";
import { parseQuery } from "../../search/query/parse-query.ts";
import type { SearchPage } from "../../search/search-page.ts";
import type { SearchQuery } from "../../search/query/search-query.ts";

export interface ConditionNeeds {
  readonly reader: Pick<Reader, "find">;
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly terminology: Pick<Terminology, "valueSet">;
  readonly fhirBase: string;
}

/** What a condition finds among the documents that the asker may see. */
export type Existing =
  { readonly kind: "none" } | { readonly kind: "one"; readonly id: string; readonly receivedAt: string } | { readonly kind: "several" };

/**
 * The search of a condition.
 * @param text parameters as in an address, perhaps with `?`, `Bundle?` or all of the address before them
 * @throws AppError `bad-query`, `unsupported`
 */
export function conditionQuery(text: string, { definitions, parameters, terminology, fhirBase }: ConditionNeeds): SearchQuery {
  const address = text.startsWith(fhirBase) ? text.slice(fhirBase.length) : text;
  const given = [...new URLSearchParams(address.replace(/^\/?(?:Bundle)?\?/, ""))];
  const query = parseQuery("Bundle", given, "strict", { definitions, parameters, terminology, base: fhirBase, now: new Date() });
  if (query.types.every(({ criterion }) => criterion.kind === "every" && criterion.of.length === 0))
    throw new AppError("bad-query", "If-None-Exist names no search parameter: it would find every document.");
  // Two are enough to know that there are several.
  return { ...query, count: 2, isCount: false, total: "none", sort: [], includes: [], revIncludes: [] };
}

/** How long the search of a condition may take, in milliseconds; and how long while everybody's commits wait for it: then the condition counts as not held, and is tried again. */
const LONGEST_SEARCH = 2_000;
const LONGEST_HOLD = 250;

/** How long is waited for an index that is behind, in milliseconds: nothing is held up meanwhile. */
const PATIENCE = 10_000;

/** @throws AppError `unavailable` when the index stays behind the log: then nobody can say; `too-costly` when the search takes so long that nobody could commit meanwhile */
export async function existing(asked: Asked, query: SearchQuery, { reader }: Pick<ConditionNeeds, "reader">): Promise<Existing> {
  const until = performance.now() + PATIENCE;
  do {
    const begun = performance.now();
    const found = existingIn(await reader.find(asked, query), 0);
    if (found?.kind === "none" && performance.now() - begun > LONGEST_SEARCH)
      throw new AppError("too-costly", "If-None-Exist takes too long to be answered: all deposits would wait for it. Name an identifier.");
    if (found) return found;
  } while (performance.now() < until);
  throw new AppError("unavailable", "The newest documents are not searched yet, so that If-None-Exist cannot be answered; try again in a moment.", {
    retryAfter: 5,
  });
}

/** Undefined when not all of a log of this size was searched. */
function existingIn({ missing, size: searched, matches }: SearchPage, size: number): Existing | undefined {
  if (missing > 0 || searched < size) return undefined;
  const [one, ...others] = matches;
  if (!one) return { kind: "none" };
  return others.length > 0 ? { kind: "several" } : { kind: "one", id: one.documentId, receivedAt: one.receivedAt };
}

/**
 * That none of the conditions finds anything in the state of the log that the deposit is made upon: of two at once with the same condition, one finds the other. While the index is behind, or
 * slow, nobody can say, and it does not hold: no commit waits for it longer than a moment.
 */
export function noneExists(asked: Asked, queries: readonly SearchQuery[], { reader }: Pick<ConditionNeeds, "reader">): UnitCondition | undefined {
  if (queries.length === 0) return undefined;
  const holds = async (size: number): Promise<boolean> => {
    for (const query of queries) if (existingIn(await reader.find(asked, query), size)?.kind !== "none") return false;
    return true;
  };
  return async (size) => {
    const tired = new AbortController();
    try {
      return await Promise.race([holds(size), sleep(LONGEST_HOLD, false, { ref: false, signal: tired.signal })]);
    } finally {
      tired.abort();
    }
  };
}

export function severalExist(condition: string): AppError {
  return new AppError("precondition-failed", `If-None-Exist (${condition}) finds several documents: nothing was stored.`);
}
