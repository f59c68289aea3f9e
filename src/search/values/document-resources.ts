import type { DocumentBundle, DocumentEntry } from "../../core/fhir/document-bundle.ts";
import { parseReference } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";

/** A resource of a document, in an entry or contained in one. */
export interface DocumentResource {
  /** Its place among all resources of the document, from 0: an entry's resource, then what is contained in it, then the next entry's. */
  readonly place: number;
  readonly entry: DocumentEntry;
  /** Its place among the contained resources of its entry, from 1; absent for the entry's own. */
  readonly contained?: number;
  readonly type: string;
  readonly resource: JsonObject;
}

/** All resources of a document, and what references between them lead to. */
export interface DocumentResources {
  readonly all: readonly DocumentResource[];
  /** What a reference leads to that stands in a resource of the document; undefined when that is not in the document. */
  target(reference: string, from: DocumentResource): DocumentResource | undefined;
}

/** The part of a resource's id that stands behind the id of its document: `3`, or `3.1` for the first resource that is contained in entry 3. */
export function placeInDocument({ entry, contained }: DocumentResource): string {
  return contained === undefined ? String(entry.index) : `${entry.index}.${contained}`;
}

export function documentResources(document: DocumentBundle): DocumentResources {
  const all: DocumentResource[] = [];
  const first = new Map<DocumentEntry, number>();
  for (const entry of document.entries) {
    first.set(entry, all.length);
    all.push({ place: all.length, entry, type: entry.type, resource: entry.resource });
    entry.resource.objects("contained").forEach((resource, at) => {
      all.push({ place: all.length, entry, contained: at + 1, type: resource.string("resourceType") ?? "", resource });
    });
  }
  const target = (reference: string, from: DocumentResource): DocumentResource | undefined => {
    const place = first.get(from.entry);
    if (place === undefined) return undefined;
    if (reference === "#") return all[place];
    const form = parseReference(reference);
    if (form.kind === "contained") {
      for (let at = place + 1; all[at]?.entry === from.entry; at++) if (all[at]?.resource.string("id") === form.id) return all[at];
      return undefined;
    }
    const entry = document.lookUp(reference, from.entry, form);
    const found = entry.kind === "found" ? first.get(entry.entry) : undefined;
    return found === undefined ? undefined : all[found];
  };
  return { all, target };
}
