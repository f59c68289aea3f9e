import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import type { DocumentFacts } from "../pipeline/document-forms.ts";
import type { DescribedResource, DescriberOptions, PackedUnnamed, ResourceDescriber } from "./describe-resources.ts";
import { namedResources } from "./describe-resources.ts";
import type { PersonIdOf } from "./derived/person.ts";
import type { Described } from "./index-port.ts";
import { describeDocument, type Summarised } from "./describe-document.ts";

/** All that the index takes from a document when it comes, before persons are called by their ids: made where no key is. */
export interface UnnamedDescription extends Summarised {
  readonly header: readonly DescribedResource[] | PackedUnnamed;
  /** What could not be worked out, each once. */
  readonly faults: readonly string[];
}

export function describeWithHeader(
  document: DocumentBundle,
  facts: DocumentFacts,
  { describer, systems }: { readonly describer: Pick<ResourceDescriber, "header">; readonly systems: DescriberOptions["systems"] },
): UnnamedDescription & { readonly header: readonly DescribedResource[] } {
  const { id: documentId, ...known } = facts;
  const { resources, faults } = describer.header(document, { documentId, ...known });
  return { ...describeDocument(document, { ...facts, systems }), header: resources, faults };
}

/** The same as it is written. */
export async function named({ faults: _, header, ...description }: UnnamedDescription, idOf: PersonIdOf): Promise<Described> {
  return { ...description, header: await namedResources(header, idOf) };
}
