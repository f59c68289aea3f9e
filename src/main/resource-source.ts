/** By what the resources that stand in documents are found. A part of the composition root. */
import { AppError } from "../core/errors.ts";
import { fetchOriginal, type Original } from "../pipeline/fetch.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { namedResources, type DescribedResources, type PackedUnnamed } from "../search/describe-resources.ts";
import type { PersonIdOf } from "../search/derived/person.ts";
import type { IndexSource } from "../search/indexer.ts";
import type { ResourceSource } from "../search/resource-indexer.ts";

export interface ResourceSourceOptions {
  readonly store: RecordStore;
  readonly documentKeys: DocumentKeys;
  readonly personIdOf: PersonIdOf;
  /** By what the other resources of a document are found (`extract` of the tasks). */
  readonly describeResources: (
    original: Original,
  ) => Promise<Pick<DescribedResources, "faults"> & { readonly resources: DescribedResources["resources"] | PackedUnnamed }>;
  /** Told of what fails behind the scenes. */
  onFault(error: unknown, what: string): void;
}

/** What the resources' part of the index is made from. A document that cannot be opened is not found, and keeps no other from being found. */
export function resourceSource(
  { entries }: IndexSource,
  { store, documentKeys, describeResources, personIdOf, onFault }: ResourceSourceOptions,
): Omit<ResourceSource, "size"> {
  return {
    entries,
    describe: async (entry) => {
      try {
        const { resources, faults } = await describeResources(await fetchOriginal(entry.id, { store, documentKeys }));
        for (const fault of faults) onFault(new AppError("internal", fault), "a resource is not found by a parameter");
        return await namedResources(resources, personIdOf);
      } catch (error) {
        if (!(error instanceof AppError) || (error.code !== "damaged" && error.code !== "invalid" && error.code !== "gone")) throw error;
        if (error.code !== "gone") onFault(error, "a document is not found by what stands in it");
        return undefined;
      }
    },
  };
}
