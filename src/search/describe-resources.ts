import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { documentReference } from "./derived/document-reference.ts";
import type { IndexedResource } from "./resource-index.ts";
import { MADE_PLACES } from "./resource-number.ts";
import { documentResources, pathInDocument, type DocumentResource, type DocumentResources } from "./values/document-resources.ts";
import { Extractor, type Extracted } from "./values/extract.ts";
import { fullTextRows } from "./values/full-text.ts";
import type { IndexRow } from "./values/index-row.ts";

export interface DescribedResources {
  readonly resources: readonly IndexedResource[];
  /** What could not be worked out: `Observation.value-quantity: …`, each once. */
  readonly faults: readonly string[];
}

/** Says by what each resource of a document is found: those in its entries, and those that we make of it. */
export class ResourceDescriber {
  readonly #extractor: Extractor;
  readonly #hasFullText: boolean;

  /** @param hasFullText whether they are found by their words too (`FULL_TEXT`) */
  constructor(knowledge: Knowledge, parameters: SearchParameters, hasFullText: boolean) {
    this.#extractor = new Extractor(knowledge, parameters);
    this.#hasFullText = hasFullText;
  }

  describe(document: DocumentBundle): DescribedResources {
    const resources = documentResources(document);
    const faults = new Set<string>();
    const indexed = resources.all.map((one) => ({
      place: one.place,
      type: one.type,
      path: pathInDocument(one),
      rows: [...this.#rows(one, resources, faults), ...(this.#hasFullText && one.contained === undefined ? fullTextRows(one.resource) : [])],
    }));
    const { composition, bundle } = document;
    const made = [
      { place: MADE_PLACES.Bundle, type: "Bundle", resource: bundle },
      { place: MADE_PLACES.DocumentReference, type: "DocumentReference", resource: documentReference(document) },
    ].map(({ place, type, resource }) => ({
      place,
      type,
      path: "",
      rows: this.#rows({ place, type, resource, entry: composition }, resources, faults),
    }));
    return { resources: [...indexed, ...made], faults: [...faults] };
  }

  #rows(resource: DocumentResource, resources: DocumentResources, faults: Set<string>): readonly IndexRow[] {
    const { rows, failed }: Extracted = this.#extractor.extract(resource, resources);
    for (const { code, error } of failed) faults.add(`${resource.type}.${code}: ${error.message}`);
    return rows;
  }
}
