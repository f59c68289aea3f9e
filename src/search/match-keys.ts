/**
 * The keys by which documents, subjects and custodians are compared: one string for each identifier or address, so that "the same" is a comparison of
 * strings and an index can hold it. They follow from the document alone, never from where this repository is reached, so that an index that is made anew is the same.
 */
import type { BundleEntry } from "../core/fhir/document-bundle.ts";
import { isAbsoluteUrl, restfulRoot, restfulTail, withoutVersion } from "../core/fhir/references.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { UUID } from "../core/formats/fields.ts";

/** `identifier:{system}|{value}`, as a token search writes it; undefined for an identifier without a value. */
export function identifierMatchKey(identifier: JsonObject | undefined): string | undefined {
  const value = identifier?.string("value");
  return value === undefined ? undefined : `identifier:${identifier?.string("system") ?? ""}|${value}`;
}

/** The key of a document of this repository: no other has its id. */
export function documentMatchKey(id: string): string {
  return `url:Bundle/${id}`;
}

/**
 * `url:{address}`, without a version. A Bundle whose id is a UUID is known by that alone: it is one of ours, by whatever address this repository was reached when the
 * reference was written, or it has no namesake.
 */
export function urlMatchKey(url: string): string {
  const plain = withoutVersion(url);
  const tail = restfulTail(plain) ?? (/^Bundle\//.test(plain) ? { type: "Bundle", id: plain.slice("Bundle/".length) } : undefined);
  return tail?.type === "Bundle" && UUID.test(tail.id) ? documentMatchKey(tail.id) : `url:${plain}`;
}

/** The identifiers of an entry's resource: one object, or an array of them. */
export function identifiersOf(resource: JsonObject): JsonObject[] {
  const single = resource.object("identifier");
  return single ? [single] : [...resource.objects("identifier")];
}

/** The keys of an entry: its resource's identifiers and its fullUrl. */
export function entryMatchKeys(entry: BundleEntry): string[] {
  const keys = identifiersOf(entry.resource).map(identifierMatchKey);
  return [...keys, entry.fullUrl === undefined ? undefined : urlMatchKey(entry.fullUrl)].filter((key) => key !== undefined);
}

/** The key of what a reference names when it is outside of the document: a relative one is completed against the RESTful root of the entry it stands in. */
export function referenceMatchKey(reference: string, from: BundleEntry): string {
  if (isAbsoluteUrl(reference)) return urlMatchKey(reference);
  const root = from.fullUrl === undefined ? "" : (restfulRoot(from.fullUrl) ?? "");
  return urlMatchKey(`${root}${reference}`);
}
