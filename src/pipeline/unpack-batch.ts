/** A batch or transaction (R4 http.html) taken apart: what each entry asks, and the resource that it carries as the very bytes that were sent. */
import { objectText } from "../core/fhir/json/object-text.ts";
import { isError } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { told, type Examination, type Told } from "./admission.ts";
import { batchFormIssues } from "./batch-form.ts";
import type { Content, FhirMediaType } from "./document-forms.ts";
import { StandaloneElements } from "../core/fhir/xml/standalone-element.ts";
import { receive } from "./intake/receive.ts";
import { readPublished } from "./submission/read-published.ts";
import { readDocumentParameter } from "./submission/read-parameter.ts";
import { isSubmission, readSubmission } from "./submission/read-submission.ts";
import type { FaultySubmission, ReadSubmission } from "./submission/submission-forms.ts";
import type { Validator } from "./validate/validate.ts";

export interface UnpackedEntry {
  readonly fullUrl: string | undefined;
  /** Of `request`; undefined where the entry has none. */
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifNoneExist: string | undefined;
  readonly resource: UnpackedResource | undefined;
}

export interface UnpackedResource {
  readonly type: string;
  /** As sent; in XML with the namespaces that it uses written on it (docs/formats.md, "A document within another Bundle"). */
  readonly bytes: Uint8Array;
  readonly mediaType: FhirMediaType;
  /** `urn:uuid:` and `urn:oid:` addresses that stand in it and that no entry of its own has: they may be those of other entries. */
  readonly strange: readonly string[];
}

export type Unpacked =
  | (Told & { readonly kind: "unreadable" })
  /** Documents with their metadata (IHE MHD). */
  | ReadSubmission
  | FaultySubmission
  /** A batch or transaction, of documents with metadata too, of more entries than are looked at. */
  | { readonly kind: "too-many"; readonly type: string; readonly entries: number }
  /** Some resource: a Bundle with its type and entries, or another. */
  | { readonly kind: "resource"; readonly resourceType: string; readonly type: string | undefined; readonly entries: readonly UnpackedEntry[] };

/** More entries are refused as a whole, before anything is done. */
export const MOST_ENTRIES = 1_000;

/** Nothing but the form is looked at: what the entries ask may be nonsense. */
export function unpackBatch(
  { bytes, mediaType, limits }: Examination<FhirMediaType>,
  { definitions, validate }: Pick<Validator, "definitions" | "validate">,
): Unpacked {
  const intake = receive({ bytes, mediaType }, limits, definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const { resource, source, readingIssues } = intake.received;
  // Of a text with faults a reader chose one reading.
  if (readingIssues.some(isError)) return { kind: "unreadable", ...told(readingIssues, source) };
  const type = resource.string("type") ?? "";
  const isBatch = resource.string("resourceType") === "Bundle" && BATCHES.has(type);
  const entries = resource.items("entry").length;
  if (isBatch && entries > MOST_ENTRIES) return { kind: "too-many", type, entries };
  if (isSubmission(resource)) return readSubmission(intake.received, (one) => validate(one, []));
  const formIssues = isBatch ? batchFormIssues(resource) : [];
  if (formIssues.length > 0) return { kind: "unreadable", ...told(formIssues.slice(0, MOST_ISSUES), source) };
  const sent: Sent = { text: source.text, mediaType, elements: new StandaloneElements(source.text) };
  return {
    kind: "resource",
    resourceType: resource.string("resourceType") ?? "",
    type: resource.string("type"),
    entries: isBatch ? resource.objects("entry").map((entry) => unpackEntry(entry, sent)) : [],
  };
}

/** A DocumentReference with its document (IHE MHD, ITI-105). */
export function unpackPublished(
  { bytes, mediaType, limits }: Examination<FhirMediaType>,
  { definitions, validate }: Pick<Validator, "definitions" | "validate">,
): Extract<Unpacked, { kind: "unreadable" | "submission" | "faulty-submission" }> {
  const intake = receive({ bytes, mediaType }, limits, definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const { resource, source, readingIssues } = intake.received;
  if (readingIssues.some(isError)) return { kind: "unreadable", ...told(readingIssues, source) };
  if (resource.string("resourceType") === "DocumentReference") return readPublished(intake.received, (one) => validate(one, []));
  const type = resource.string("resourceType") ?? "resource without a type";
  const text = `At this address a DocumentReference with its document is taken (IHE MHD, ITI-105), and not a ${type}.`;
  return { kind: "faulty-submission", ...told([{ severity: "error", code: "invalid", rule: "mhd-type", text }], source) };
}

/** The document that an operation was sent (IHE MHD, ITI-106). */
export function unpackParameter(
  { bytes, mediaType, limits }: Examination<FhirMediaType>,
  { definitions }: Pick<Validator, "definitions">,
): (Told & { readonly kind: "unreadable" | "no-document" }) | { readonly kind: "document"; readonly content: Content } {
  const intake = receive({ bytes, mediaType }, limits, definitions);
  if (intake.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const { source, readingIssues } = intake.received;
  if (readingIssues.some(isError)) return { kind: "unreadable", ...told(readingIssues, source) };
  const read = readDocumentParameter(intake.received);
  return read.kind === "document" ? read : { kind: "no-document", ...told(read.issues, source) };
}

/** More of the same helps nobody. */
const MOST_ISSUES = 100;

const BATCHES: ReadonlySet<string> = new Set(["batch", "transaction"]);

function unpackEntry(entry: JsonObject, sent: Sent): UnpackedEntry {
  const request = entry.object("request");
  const of = (name: string): string | undefined => request?.string(name);
  const resource = entry.object("resource");
  return {
    fullUrl: entry.string("fullUrl"),
    method: of("method"),
    url: of("url"),
    ifNoneMatch: of("ifNoneMatch"),
    ifModifiedSince: of("ifModifiedSince"),
    ifMatch: of("ifMatch"),
    ifNoneExist: of("ifNoneExist"),
    resource: resource && unpackResource(resource, sent),
  };
}

interface Sent {
  readonly text: string;
  readonly mediaType: FhirMediaType;
  /** Of an XML text. */
  readonly elements: StandaloneElements;
}

function unpackResource(resource: JsonObject, { text, mediaType, elements }: Sent): UnpackedResource {
  const type = resource.string("resourceType") ?? "";
  const isXml = mediaType === "application/fhir+xml";
  const own = isXml ? elements.at(resource.offset).text : objectText(text, resource.offset);
  const inner = new Set(resource.objects("entry").map((entry) => entry.string("fullUrl")));
  const strange = new Set([...own.matchAll(/["'](urn:(?:uuid|oid):[^"'\\\s]+)["']/g)].flatMap(([, url = ""]) => (inner.has(url) ? [] : [url])));
  return { type, mediaType, bytes: new TextEncoder().encode(own), strange: [...strange] };
}
