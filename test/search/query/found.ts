/** A document of these resources, asked as a search asks. */
import { openDocument } from "../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import type { IndexPort } from "../../../src/search/index-port.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { ResourceDescriber, withPersonIds, type DescribedResource } from "../../../src/search/describe-resources.ts";
import { Effort } from "../../../src/search/query/effort.ts";
import { Evaluator } from "../../../src/search/query/evaluate.ts";
import { parseQuery, type Handling } from "../../../src/search/query/parse-query.ts";
import type { Parameter, SearchQuery } from "../../../src/search/query/search-query.ts";
import type { IndexedResource } from "../../../src/search/resource-index.ts";
import { endOf } from "../../../src/search/resource-number.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
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

/** What finds resources, which are called by their ids. */
export interface Finder {
  find(type: string, query: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Fills an empty index with a document that a Composition leads, with these resources behind it, and finds them there. The index is closed with it. */
export async function finderIn(index: IndexPort, ...resources: readonly object[]): Promise<Finder> {
  const composition = { resourceType: "Composition", id: "composition" };
  const entry = [composition, ...resources].map((resource) => ({ fullUrl: `https://elsewhere.example/fhir/${typeAndId(resource)}`, resource }));
  const document = openDocument(treeOf({ resourceType: "Bundle", type: "document", entry }) as JsonObject);
  const describer = new ResourceDescriber(R4, SEARCH_PARAMETERS, { systems: new Set(), hasFullText: true });
  const about = { documentId: "0b8e3a52-8f0f-4a3c-9c58-3f0b1f4f6a01", receivedAt: NOW.toISOString(), mediaType: "application/fhir+json" };
  const [header, rest] = [describer.header(document, about), describer.rest(document, undefined)];
  const faults = [...header.faults, ...rest.faults];
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const written = (all: readonly DescribedResource[]): Promise<IndexedResource[]> =>
    withPersonIds(all, () => Promise.reject(new Error("nobody is known here")));
  const described = [...header.resources, ...rest.resources];
  await index.advance(stepOf([newDocument({ from: 0, header: await written(header.resources) })]));
  await index.deepen({ from: 0, to: 1, documents: [{ position: 0, resources: await written(rest.resources) }] });
  const find = async (type: string, query: string): Promise<string[]> => {
    const asked = parse(type, query);
    const [wanted] = asked.types;
    if (!wanted) throw new Error("nothing is asked");
    const numbers = await new Evaluator(index, new Effort()).page(
      type,
      wanted.criterion,
      { below: endOf(1), count: 100 },
      { permitted: PERMIT_ALL, isCurrent: false },
      asked.contained,
    );
    const pathOf = (number: number): number => Number.parseInt(described.find(({ place }) => place === number)?.path ?? "", 10);
    return numbers.flatMap((number) => document.entries[pathOf(number)]?.id ?? []).sort();
  };
  return { find, close: () => index.close() };
}

function typeAndId(resource: object): string {
  const { resourceType, id } = resource as { readonly resourceType: string; readonly id: string };
  return `${resourceType}/${id}`;
}
