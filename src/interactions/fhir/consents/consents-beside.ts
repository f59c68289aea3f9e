/** What `_include` and `_revinclude` bring for Consents (R4 search.html, "_include and _revinclude"). */
import type { Asked } from "../../../core/asked.ts";
import { parseReference } from "../../../core/fhir/references.ts";
import type { SearchParameters } from "../../../core/fhir/r4/search-parameters.ts";
import type { Reader } from "../../../reader/reader.ts";
import { resourceId } from "../../../search/query/resource-id.ts";
import type { Include, SearchQuery } from "../../../search/query/search-query.ts";
import type { FoundResource } from "../../../search/resource-index.ts";
import type { OwnDefinition } from "../search-definitions.ts";
import type { ConsentInteractions } from "./consents.ts";

export interface BesideNeeds {
  readonly consents: Pick<ConsentInteractions, "find" | "references">;
  readonly reader: Pick<Reader, "find">;
  readonly parameters: SearchParameters;
}

/** More are not added to one page. */
const MOST_INCLUDED = 1_000;
const TYPE = "Consent";

/** What these refer to, as far as the includes of the search name it; no more of it than a page may hold. */
export async function referredByConsents(
  asked: Asked,
  shown: readonly OwnDefinition[],
  query: SearchQuery,
  { consents, reader, parameters }: BesideNeeds,
): Promise<{ readonly resources: readonly FoundResource[]; readonly isCut: boolean }> {
  const wanted = new Map<string, Set<string>>();
  for (const { code, target } of query.includes.filter(({ source }) => source === TYPE || source === "*"))
    for (const one of shown)
      for (const reference of consents.references(one, codesOf(code, parameters))) {
        const form = parseReference(reference);
        if (form.kind !== "relative" || (target !== undefined && form.type !== target)) continue;
        if (query.includedTypes?.includes(form.type) === false) continue;
        wanted.set(form.type, (wanted.get(form.type) ?? new Set()).add(form.id));
      }
  const found: FoundResource[] = [];
  let isCut = false;
  for (const [type, ids] of wanted) {
    const count = MOST_INCLUDED - found.length;
    const page = await reader.find(asked, lookedUp(query, type, [...ids], Math.max(1, count)));
    found.push(...page.matches.slice(0, count));
    isCut ||= page.next !== undefined || page.matches.length > count;
  }
  return { resources: found, isCut };
}

/** Consents that are about the patients among the matches, where the search asks for what refers to them. */
export async function consentsReferring(
  asked: Asked,
  matches: readonly FoundResource[],
  { revIncludes }: Pick<SearchQuery, "revIncludes">,
  { consents, parameters }: Pick<BesideNeeds, "consents" | "parameters">,
): Promise<readonly OwnDefinition[]> {
  const isPatients = ({ source, code, target }: Include): boolean =>
    (source === TYPE || source === "*") && (target ?? "Patient") === "Patient" && codesOf(code, parameters).includes("patient");
  const ids = matches.filter(({ type }) => type === "Patient").map((one) => resourceId(one));
  if (ids.length === 0 || !revIncludes.some(isPatients)) return [];
  const found = await consents.find(asked, { parameters: [["patient", ids.join(",")]], handling: "strict", compartment: undefined, isAlone: false });
  return found.slice(0, MOST_INCLUDED);
}

function codesOf(code: string, parameters: SearchParameters): readonly string[] {
  return code === "*" ? [...parameters.of(TYPE)].flatMap(([name, { type }]) => (type === "reference" ? [name] : [])) : [code];
}

/** The search for resources by their ids, as of the same rights and no more. */
function lookedUp(query: SearchQuery, type: string, ids: readonly string[], count: number): SearchQuery {
  const plain = { sort: [], includes: [], revIncludes: [], used: [], ignored: [] };
  return { ...query, ...plain, types: [{ type, criterion: { kind: "id", ids } }], count, isCount: false, total: "none" };
}
