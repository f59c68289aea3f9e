/** References as rows (R4 search.html, reference). */
import type { Item } from "../../core/fhir/fhirpath/item.ts";
import { FhirPathNode } from "../../core/fhir/fhirpath/node.ts";
import { textOf } from "../../core/fhir/fhirpath/values.ts";
import { parseReference, restfulTail } from "../../core/fhir/references.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { boundedStart, boundedWhole } from "./bounded.ts";
import { identifierRow } from "./coded-values.ts";
import { nameOf, type IndexRow } from "./index-row.ts";
import { plainBeginnings } from "./plain-text.ts";
import type { PersonRow } from "../derived/person.ts";

/** What a reference leads to within the document. */
export interface ReferenceTarget {
  readonly place: number;
  readonly type: string;
  readonly fullUrl: string | undefined;
}

export interface ReferenceContext {
  /** Undefined when it is not in the document. */
  target(reference: string): ReferenceTarget | undefined;
  /** The place of a resource that stands within another as it is: Bundle.entry.resource. */
  placeOf(resource: JsonObject): number | undefined;
  /** The key of the person that an identifier names; undefined when it is of no trusted system. */
  personOf(identifier: JsonObject): string | undefined;
}

/** What is found of a resource, before persons are called by their ids. */
export type ExtractedRow = IndexRow | PersonRow;

export function referenceRows(code: string, item: Item, part: number, context: ReferenceContext): ExtractedRow[] {
  if (item instanceof FhirPathNode && item.value instanceof JsonObject) {
    if (item.type !== "Reference") {
      const place = context.placeOf(item.value);
      return place === undefined ? [] : [{ kind: "link", name: nameOf(code), target: place, part }];
    }
    const identifier = item.value.object("identifier");
    const reference = item.value.string("reference");
    // Who is named by an identifier alone is the person of that identifier.
    const target = reference === undefined ? undefined : context.target(reference);
    const display = target ? undefined : item.value.string("display");
    const person = reference === undefined && identifier ? context.personOf(identifier) : undefined;
    return [
      ...(reference === undefined ? [] : literalRows(code, reference, part, context)),
      ...(identifier ? identifierRow(code, identifier) : []),
      // What has no resource in the document is known by the words that stand in its place.
      ...(display === undefined ? [] : displayRows(code, display)),
      ...(person === undefined ? [] : [{ kind: "person", name: nameOf(code), key: person, before: "Patient/", part } as const]),
    ];
  }
  const text = textOf(item);
  if (text === undefined) return [];
  return item instanceof FhirPathNode && item.type === "canonical" ? canonicalRows(code, text, part) : literalRows(code, text, part, context);
}

/** For `:text`, from the beginning of each word. */
function displayRows(code: string, display: string): IndexRow[] {
  const texts = new Set(
    plainBeginnings(display)
      .map(boundedStart)
      .filter((text) => text !== ""),
  );
  return [...texts].map((value) => ({ kind: "word", name: nameOf(code, "text"), value, part: 0 }));
}

/** What it leads to, and how that is called where it comes from; or what is written, where it leads out of the document. */
function literalRows(code: string, reference: string, part: number, context: ReferenceContext): IndexRow[] {
  const target = context.target(reference);
  const word = (value: string): IndexRow => ({ kind: "word", name: nameOf(code), value: boundedWhole(value), part });
  if (target) {
    const { fullUrl } = target;
    return [
      { kind: "link", name: nameOf(code), target: target.place, part },
      ...(fullUrl !== undefined && restfulTail(fullUrl) ? [word(fullUrl)] : []),
    ];
  }
  const form = parseReference(reference);
  if (form.kind === "contained") return [];
  if (form.kind === "malformed") return [word(reference)];
  const plain = form.kind === "absolute" ? form.url : `${form.type}/${form.id}`;
  return form.version === undefined ? [word(plain)] : [word(plain), word(`${plain}/_history/${form.version}`)];
}

/** With its version and without. */
function canonicalRows(code: string, canonical: string, part: number): IndexRow[] {
  const [plain = canonical] = canonical.split("|");
  return [...new Set([plain, canonical])].map((value) => ({ kind: "word", name: nameOf(code), value: boundedWhole(value), part }));
}
