/** By what the resources are found that a source submitted with a document (derived/submitted-resources.ts), and what is contained in them. */
import type { DocumentBundle, BundleEntry } from "../core/fhir/document-bundle.ts";
import type { SubmittedMetadata } from "../core/formats/submitted.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { placed } from "./derived/submitted-places.ts";
import { containedIn, type SubmittedResource } from "./derived/submitted-resources.ts";
import type { DocumentResource, DocumentResources } from "./values/document-resources.ts";
import type { ExtractedRow } from "./values/reference-values.ts";

export interface SubmittedQuestion {
  readonly document: DocumentBundle;
  readonly documentId: string;
  readonly submitted: SubmittedMetadata | undefined;
  /** What can be read of it. */
  readonly said: readonly SubmittedResource[];
  /** Whether there is a derived Patient that stands for whom the document is about. */
  readonly isKnown: boolean;
  /** What ids of this repository lead to in this document (withMade). */
  readonly here: DocumentResources;
  readonly definitions: Definitions;
}

export interface DescribedSubmitted {
  readonly place: number;
  readonly type: string;
  readonly path: string;
  readonly rows: readonly ExtractedRow[];
}

type RowsOf = (resource: DocumentResource, resources: DocumentResources) => readonly ExtractedRow[];

/** @param rowsOf takes out of a resource by what it is found */
export function describeSubmitted(question: SubmittedQuestion, rowsOf: RowsOf): DescribedSubmitted[] {
  const { submitted, said } = question;
  if (submitted === undefined) return [];
  return said.flatMap((one) => rowsOfOne(one, { ...question, submitted }, rowsOf));
}

function rowsOfOne(
  one: SubmittedResource,
  { here, definitions, ...placing }: SubmittedQuestion & { readonly submitted: SubmittedMetadata },
  rowsOf: RowsOf,
): DescribedSubmitted[] {
  const { resource, sentSubject } = placed(one, placing, definitions);
  const entry = entryOf(one.type, resource);
  const own: DocumentResource = { place: one.place, entry, type: one.type, resource };
  const contained = containedIn(one, resource).map((inner): { readonly path: string; readonly is: DocumentResource } => ({
    path: inner.path,
    is: { place: inner.place, entry, contained: inner.at, type: inner.type, resource: inner.resource },
  }));
  const subject = resource.object("subject")?.string("reference");
  const target = (reference: string, from: DocumentResource): DocumentResource | undefined => {
    if (reference === "#") return own;
    if (reference.startsWith("#")) return contained.find(({ is }) => is.resource.string("id") === reference.slice(1))?.is;
    // What the document calls by the same words is another matter: what is here is called by its id.
    const found = BY_ID.test(reference) ? here.target(reference, from) : undefined;
    // A Patient that was called by another address is found by that too.
    return found && reference === subject && sentSubject !== undefined ? { ...found, entry: { ...found.entry, fullUrl: sentSubject } } : found;
  };
  const resources: DocumentResources = { all: [own, ...contained.map(({ is }) => is)], labels: [], target };
  return [{ path: one.path, is: own }, ...contained].map(({ path, is }) => ({ place: is.place, type: is.type, path, rows: rowsOf(is, resources) }));
}

const BY_ID = /^[A-Z][A-Za-z]+\/[0-9a-f]{8}-[0-9a-f-]{27}(?:\.[\w.-]+)?$/;

function entryOf(type: string, resource: JsonObject): BundleEntry {
  return { index: 0, type, id: undefined, fullUrl: undefined, resource, offset: 0, identityOffset: 0 };
}
