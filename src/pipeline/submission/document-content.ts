/** A document within another resource: a Bundle as the text that stands there, or a Binary of such a text (docs/formats.md, "A document within another Bundle"). */
import { objectText } from "../../core/fhir/json/object-text.ts";
import type { SourceText } from "../../core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { elementText } from "../../core/fhir/xml/element-text.ts";
import { StandaloneElements } from "../../core/fhir/xml/standalone-element.ts";
import type { FhirMediaType } from "../document-forms.ts";
import type { DocumentPart } from "./cut.ts";
import { dataOf, documentType, type DocumentBytes } from "./submission-parts.ts";

export interface FoundContent extends DocumentBytes {
  readonly place: Omit<DocumentPart, "document">;
}

/** The text in which it stands. */
export interface DocumentSource {
  readonly source: SourceText;
  readonly mediaType: FhirMediaType;
  /** Of an XML text; the same for all that is taken out of it. */
  readonly elements?: StandaloneElements;
}

/** Told of what is wrong with it: `path` is behind the type of the resource. */
export type ContentFault = (rule: string, text: string, path: string) => void;

/** The document that a Bundle is or a Binary has; undefined when a fault was told and there is none. */
export function documentContent(
  resource: JsonObject,
  { source, mediaType, elements = new StandaloneElements(source.text) }: DocumentSource,
  fault: ContentFault,
): FoundContent | undefined {
  const isXml = mediaType === "application/fhir+xml";
  const { offset } = resource;
  const raw = isXml ? elementText(source.text, offset) : objectText(source.text, offset);
  if (resource.string("resourceType") === "Bundle") {
    const type = resource.string("type") ?? "";
    if (type !== "document") fault("content", `Only a Bundle of type "document" is a document; this one is of type "${type}".`, ".type");
    return documentBundle(raw, { elements, offset, mediaType });
  }
  const contentType = resource.string("contentType") ?? "";
  const type = documentType(contentType);
  const data = resource.string("data");
  const bytes = data === undefined ? undefined : dataOf(data);
  if (!type)
    fault(
      "not-supported",
      `Documents of FHIR are kept here (a Binary of application/fhir+json or application/fhir+xml); "${contentType}" is not.`,
      ".contentType",
    );
  else if (data === undefined)
    fault("required", "The Binary has no data: a document that is made on demand, or delivered later, is not kept here.", ".data");
  else if (!bytes) fault("content", "Binary.data is no base64.", ".data");
  if (!type || !bytes || data === undefined) return undefined;
  const start = offset + raw.indexOf(data);
  return { content: { bytes, mediaType: type }, place: { start, end: start + data.length, form: "base64", bytes }, isBinary: true, contentType };
}

function documentBundle(
  raw: string,
  { elements, offset, mediaType }: { readonly elements: StandaloneElements; readonly offset: number; readonly mediaType: FhirMediaType },
): FoundContent {
  const encoder = new TextEncoder();
  const own = mediaType === "application/fhir+xml" ? elements.at(offset) : { text: raw, inserted: undefined };
  const bytes = encoder.encode(own.text);
  const byteAt = (place: number): number => encoder.encode(own.text.slice(0, place)).length;
  const inserted = own.inserted && { from: byteAt(own.inserted.from), to: byteAt(own.inserted.to) };
  const place = { start: offset, end: offset + raw.length, form: "bytes" as const, bytes, inserted };
  return { content: { bytes, mediaType }, place, isBinary: false, contentType: mediaType };
}
