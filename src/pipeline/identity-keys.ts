/**
 * The keys by which documents, subjects and custodians are compared: one string for each identifier or address, so that "the same" is a comparison of
 * strings and an index can hold it.
 */
import type { DocumentEntry } from "../core/fhir/document-bundle.ts";
import { isAbsoluteUrl, restfulRoot, withoutVersion } from "../core/fhir/references.ts";
import type { JsonObject } from "../core/fhir/json/tree.ts";

/** `identifier:{system}|{value}`, as a token search writes it; undefined for an identifier without a value. */
export function identifierKey(identifier: JsonObject | undefined): string | undefined {
  const value = identifier?.string("value");
  return value === undefined ? undefined : `identifier:${identifier?.string("system") ?? ""}|${value}`;
}

/** `url:{address}`, without a version. An address below our own `base` is written from the type on, so that it stays the same when the base changes. */
export function urlKey(url: string, base: string): string {
  const plain = withoutVersion(url);
  return `url:${plain.startsWith(`${base}/`) ? plain.slice(base.length + 1) : plain}`;
}

/** The keys of an entry: its resource's identifiers (one object, or an array of them) and its fullUrl. */
export function entryKeys(entry: DocumentEntry, base: string): string[] {
  const single = entry.resource.object("identifier");
  const identifiers = single ? [single] : entry.resource.objects("identifier");
  const keys = identifiers.map(identifierKey).filter((key) => key !== undefined);
  if (entry.fullUrl !== undefined) keys.push(urlKey(entry.fullUrl, base));
  return keys;
}

/** The key of what a reference names when it is outside of the document: a relative one is completed against the RESTful root of the entry it stands in. */
export function referenceKey(reference: string, from: DocumentEntry, base: string): string {
  if (isAbsoluteUrl(reference)) return urlKey(reference, base);
  const root = from.fullUrl === undefined ? "" : (restfulRoot(from.fullUrl) ?? "");
  return urlKey(`${root}${reference}`, base);
}
