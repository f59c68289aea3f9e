/** A document of these resources, asked as a search asks. */
import { openDocument } from "../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { ResourceDescriber, withPersonIds, type DescribedResource } from "../../../src/search/describe-resources.ts";
import { Evaluator } from "../../../src/search/query/evaluate.ts";
import { parseQuery, type Handling } from "../../../src/search/query/parse-query.ts";
import type { Parameter, SearchQuery } from "../../../src/search/query/search-query.ts";
import type { IndexedResource } from "../../../src/search/resource-index.ts";
import { endOf } from "../../../src/search/resource-number.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { MemoryIndex } from "../../contracts/memory-index.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";

export const BASE = "https://documents.example.org/fhir";
const NOW = new Date("2026-03-14T12:00:00Z");

/** `name=value&name=value`, percent signs decoded. */
export function parametersOf(query: string): Parameter[] {
  return [...new URLSearchParams(query)];
}

export function parse(type: string | undefined, query: string, handling: Handling = "strict"): SearchQuery {
  return parseQuery(type, parametersOf(query), handling, {
    definitions: R4.definitions,
    parameters: SEARCH_PARAMETERS,
    terminology: R4.terminology,
    base: BASE,
    now: NOW,
  });
}

/** What finds resources in a document that a Composition leads, with these behind it; each is called by its id. */
export async function finderOf(...resources: readonly object[]): Promise<(type: string, query: string) => Promise<string[]>> {
  const composition = { resourceType: "Composition", id: "composition" };
  const entry = [composition, ...resources].map((resource) => ({ fullUrl: `https://elsewhere.example/fhir/${typeAndId(resource)}`, resource }));
  const document = openDocument(treeOf({ resourceType: "Bundle", type: "document", entry }) as JsonObject);
  const describer = new ResourceDescriber(R4, SEARCH_PARAMETERS, { systems: new Set(), hasFullText: true });
  const about = { documentId: "0b8e3a52-8f0f-4a3c-9c58-3f0b1f4f6a01", receivedAt: NOW.toISOString(), mediaType: "application/fhir+json" };
  const [header, rest] = [describer.header(document, about), describer.rest(document)];
  const faults = [...header.faults, ...rest.faults];
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const written = (all: readonly DescribedResource[]): Promise<IndexedResource[]> =>
    withPersonIds(all, () => Promise.reject(new Error("nobody is known here")));
  const described = [...header.resources, ...rest.resources];
  const index = new MemoryIndex();
  await index.advance(stepOf([newDocument({ from: 0, header: await written(header.resources) })]));
  await index.deepen({ from: 0, to: 1, documents: [{ position: 0, resources: await written(rest.resources) }] });
  return async (type, query) => {
    const asked = parse(type, query);
    const [wanted] = asked.types;
    if (!wanted) throw new Error("nothing is asked");
    const numbers = await new Evaluator(index, Infinity).page(
      type,
      wanted.criterion,
      { below: endOf(1), count: 100 },
      { permitted: PERMIT_ALL, isCurrent: false },
      asked.contained,
    );
    const pathOf = (number: number): number => Number.parseInt(described.find(({ place }) => place === number)?.path ?? "", 10);
    return numbers.flatMap((number) => document.entries[pathOf(number)]?.id ?? []).sort();
  };
}

function typeAndId(resource: object): string {
  const { resourceType, id } = resource as { readonly resourceType: string; readonly id: string };
  return `${resourceType}/${id}`;
}
