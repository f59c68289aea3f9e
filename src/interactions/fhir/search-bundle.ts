/** A page of a search as a Bundle (R4 search.html, bundle.html): its entries, links, and what a client must know to read it rightly. */
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import { PAGE, pageAfter, pageBefore, pageToken, type PageToken } from "../../search/query/page-token.ts";
import { resourceId } from "../../search/query/resource-id.ts";
import type { SearchQuery } from "../../search/query/search-query.ts";
import type { FoundResource } from "../../search/resource-index.ts";
import type { SearchPage } from "../../search/search-page.ts";
import { writeEntryBundle, type BundleEntry } from "./entry-bundle.ts";
import type { PageTexts } from "./page-texts.ts";

/** A page with its resources as texts by number. */
export interface ShownPage extends SearchPage, Omit<PageTexts, "opened"> {}

export interface PageFacts {
  readonly definitions: Definitions;
  readonly fhirBase: string;
  readonly form: WrittenForm;
  /** Those of the page that stand in no document, and how many of them match in all. */
  readonly own: readonly BundleEntry[];
  /** Those that come with what matches. */
  readonly ownIncluded: readonly BundleEntry[];
  readonly more: number;
  readonly links: readonly { readonly relation: string; readonly url: string }[];
}

/** In UTF-8. */
export function searchBundle(
  query: SearchQuery,
  shown: ShownPage,
  { definitions, fhirBase, form, own, ownIncluded, more, links }: PageFacts,
): Uint8Array {
  const entries = [
    ...own,
    ...shown.matches.flatMap((one) => entryOf(one, "match", shown.texts, fhirBase)),
    ...shown.included.flatMap((one) => entryOf(one, "include", shown.texts, fhirBase)),
    ...ownIncluded,
  ];
  const bundle = {
    type: "searchset" as const,
    ...{ entries, fhirBase, total: shown.total === undefined ? undefined : shown.total + more, moreThan: shown.moreThan, size: shown.size },
    lastUpdated: new Date().toISOString(),
    links,
    outcome: outcomeOf(query, shown),
  };
  return new TextEncoder().encode(writeEntryBundle(bundle, form, definitions));
}

function entryOf(
  { number, type, documentId, path }: FoundResource,
  mode: "match" | "include",
  texts: ReadonlyMap<number, string>,
  fhirBase: string,
): BundleEntry[] {
  const text = texts.get(number);
  const parts = [{ name: "search", values: [["mode", mode]] }] as const;
  return text === undefined ? [] : [{ fullUrl: `${fhirBase}/${type}/${resourceId({ documentId, path })}`, text, parts }];
}

/** `self` says exactly what was used (R4 search.html, server conformance); the others lead to pages as of the same size of the log. */
export function linksOf(
  path: string,
  query: SearchQuery,
  found: SearchPage,
  {
    page,
    here,
    first,
    fhirBase,
  }: { readonly page: string | undefined; readonly here: PageToken; readonly first: PageToken; readonly fhirBase: string },
): { relation: string; url: string }[] {
  const address = (at: string | undefined): string => {
    const parameters = new URLSearchParams([
      ...query.used.map(([name, value]) => [name, value]),
      ...(at === undefined ? [] : [[PAGE, at]]),
    ]).toString();
    return `${fhirBase}${path}${parameters === "" ? "" : `?${parameters}`}`;
  };
  const before = pageBefore(here);
  return [
    { relation: "self", url: address(page) },
    ...(query.isCount ? [] : [{ relation: "first", url: address(pageToken(first)) }]),
    ...(before ? [{ relation: "previous", url: address(pageToken(before)) }] : []),
    ...(found.next ? [{ relation: "next", url: address(pageToken(pageAfter(here, found.next.after))) }] : []),
  ];
}

/** What a client must know to read the page rightly; undefined when there is nothing. */
function outcomeOf({ ignored }: SearchQuery, { missing, isCut, damaged }: ShownPage): JsonObject | undefined {
  const issues = [
    ...ignored.map((name) => ({
      severity: "warning",
      code: "not-supported",
      diagnostics: `The parameter "${name}" is not known here and was left out.`,
    })),
    ...(missing > 0
      ? [
          {
            severity: "warning",
            code: "incomplete",
            diagnostics: `The newest ${missing} entries of the log are not searched yet: try again in a moment.`,
          },
        ]
      : []),
    ...(damaged > 0
      ? [
          {
            severity: "error",
            code: "exception",
            diagnostics: `${damaged} resources are not shown: what is kept of their documents is not what was deposited.`,
          },
        ]
      : []),
    ...(isCut ? [{ severity: "warning", code: "incomplete", diagnostics: "More resources would have been included than a page may hold." }] : []),
  ];
  return issues.length === 0 ? undefined : (treeOf({ resourceType: "OperationOutcome", issue: issues }) as JsonObject);
}
