import type { DocumentBundle, BundleEntry } from "../../core/fhir/document-bundle.ts";
import { wholeLabelsOf } from "../../core/fhir/inherited-labels.ts";
import { parseReference } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { FIRST_CONTAINED } from "../resource-number.ts";

/** A resource of a document, in an entry or contained in one. */
export interface DocumentResource {
  /** Its place among all resources of the document: those of entries from 0, those that are contained in them from `FIRST_CONTAINED`. */
  readonly place: number;
  readonly entry: BundleEntry;
  /** Its place among the contained resources of its entry, from 1; absent for the entry's own. */
  readonly contained?: number;
  readonly type: string;
  readonly resource: JsonObject;
}

/** All resources of a document, and what references between them lead to. */
export interface DocumentResources {
  readonly all: readonly DocumentResource[];
  /** Those that each of them has from the document as a whole. */
  readonly labels: readonly JsonObject[];
  /** What a reference leads to that stands in a resource of the document; undefined when that is not in the document. */
  target(reference: string, from: DocumentResource): DocumentResource | undefined;
}

/** The part of a resource's id that stands behind the id of its document: `3`, or `3.1` for the first resource that is contained in entry 3. */
export function pathInDocument({ entry, contained }: DocumentResource): string {
  return contained === undefined ? String(entry.index) : `${entry.index}.${contained}`;
}

/** @param said labels of the DocumentReference that a source sent with the document (IHE MHD) */
export function documentResources(document: DocumentBundle, said?: readonly JsonObject[]): DocumentResources {
  const byEntry = new Map<BundleEntry, DocumentResource[]>();
  let contained = FIRST_CONTAINED;
  document.entries.forEach((entry, place) => {
    const own = { place, entry, type: entry.type, resource: entry.resource };
    const inner = entry.resource
      .objects("contained")
      .map((resource, at) => ({ place: contained++, entry, contained: at + 1, type: resource.string("resourceType") ?? "", resource }));
    byEntry.set(entry, [own, ...inner]);
  });
  const target = targetIn({
    among: (entry) => byEntry.get(entry) ?? [],
    first: (entry) => byEntry.get(entry)?.[0],
    lookUp: (reference, from, form) => document.lookUp(reference, from, form),
  });
  return { all: [...byEntry.values()].flat(), labels: wholeLabelsOf(document, said), target };
}

/** What references lead to, by what is known of entries. */
export function targetIn({
  among,
  first,
  lookUp,
}: {
  /** The resource of an entry, then those that are contained in it. */
  among(entry: BundleEntry): readonly DocumentResource[];
  first(entry: BundleEntry): DocumentResource | undefined;
  readonly lookUp: DocumentBundle["lookUp"];
}): DocumentResources["target"] {
  return (reference, from) => {
    if (reference === "#") return among(from.entry)[0];
    const form = parseReference(reference);
    if (form.kind === "contained") return among(from.entry).find((one) => one.contained !== undefined && one.resource.string("id") === form.id);
    const resolution = lookUp(reference, from.entry, form);
    return resolution.kind === "found" ? first(resolution.entry) : undefined;
  };
}
