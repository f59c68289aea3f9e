/** All that a document makes of the index, at once: what the audit holds the index against. */
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import type { PersonIdOf } from "./derived/person.ts";
import { describeDocument, type Summarised } from "./describe-document.ts";
import { withPersonIds, type DescribedResource, type DescriberOptions, type ResourceDescriber } from "./describe-resources.ts";
import type { DocumentFacts } from "../pipeline/document-forms.ts";
import type { MadeDocument } from "./index-inventory.ts";

/** Before persons are called by their ids: made where no key is. */
export interface UnnamedWhole extends Summarised {
  readonly resources?: { readonly header: readonly DescribedResource[]; readonly rest: readonly DescribedResource[] };
}

/** @param describer of resources; without one they are left out */
export function describeWhole(
  document: DocumentBundle,
  facts: DocumentFacts,
  {
    systems,
    describer,
  }: { readonly systems: DescriberOptions["systems"]; readonly describer: Pick<ResourceDescriber, "header" | "rest"> | undefined },
): UnnamedWhole {
  const summarised = describeDocument(document, { ...facts, systems });
  if (describer === undefined) return summarised;
  const { id: documentId, ...known } = facts;
  const resources = {
    header: describer.header(document, { documentId, ...known }).resources,
    rest: describer.rest(document, known.submitted).resources,
  };
  return { ...summarised, resources };
}

/** The same as it is written. */
export async function namedWhole({ resources, ...summarised }: UnnamedWhole, idOf: PersonIdOf): Promise<MadeDocument> {
  if (resources === undefined) return summarised;
  const [header, rest] = await Promise.all([withPersonIds(resources.header, idOf), withPersonIds(resources.rest, idOf)]);
  return { ...summarised, resources: { header, rest } };
}
