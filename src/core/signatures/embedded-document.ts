/** Holds a document that a signature brings along against the one in which it stands. What is embedded is never shown or believed; it only tells what was signed. */
import { isError } from "../fhir/issue.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { fhirMediaTypeOf } from "../fhir/reading/fhir-media-type.ts";
import { DEFAULT_READ_LIMITS } from "../fhir/reading/read-limits.ts";
import { readResource } from "../fhir/reading/read-resource.ts";
import { firstDifference } from "../fhir/tree/first-difference.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import { utf8, utf8Text } from "../crypto/bytes.ts";
import { equalBytes } from "../crypto/digest.ts";
import { canonicalJsonForms, canonicalJsonFormsOfNumbers } from "./canonical-forms.ts";
import { canonicalXmlForms } from "./canonical-xml-forms.ts";
import { CONTENT_DIFFERS, type Finding } from "./signature-finding.ts";

/** What an embedded document is longer by at most: a tag for a name, white space. */
const [LONGER_BY, LONGER_TIMES] = [20_000, 8];

const XML_DOCUMENT = "http://hl7.org/fhir/canonicalization/xml#document";
const XML_PART = "http://hl7.org/fhir/canonicalization/xml";

/**
 * The same document, but for the Bundle's own id, meta and signature, in JSON or XML and however it is laid out: valid. Proved to be another: invalid. What cannot be read, or differs in what readers take
 * for the same, is not checked.
 */
export function compareEmbedded(bundle: JsonObject, embedded: Uint8Array, definitions: Definitions): Pick<Finding, "content" | "reason"> {
  const ours = formOf(bundle);
  if (embedded.length > LONGER_BY + ours.length * LONGER_TIMES)
    return { content: "not-checked", reason: "what it embeds is too long to be compared" };
  const { resource, issues } = readResource(embedded, fhirMediaTypeOf(embedded), DEFAULT_READ_LIMITS, definitions);
  if (resource === undefined || resource.string("resourceType") !== bundle.string("resourceType") || issues.some(isError))
    return { content: "not-checked", reason: "what it embeds cannot be read as what it is to cover" };
  const theirs = formOf(resource);
  if (theirs === ours || isSameXml(bundle, resource, definitions)) return { content: "valid" };
  if (equalBytes(withPlainNumbers(bundle, ours), withPlainNumbers(resource, theirs)))
    return { content: "not-checked", reason: "it embeds this content with other digits of the same numbers" };
  if (withPlainSpace(ours) === withPlainSpace(theirs)) return { content: "not-checked", reason: "it embeds this content with other white space" };
  return { content: "invalid", reason: `${whereTheyDiffer(bundle, resource)}${CONTENT_DIFFERS}` };
}

/** Where to look: whoever sent it finds out by this whether a part was altered, or the signature is that of another document. */
function whereTheyDiffer(bundle: JsonObject, embedded: JsonObject): string {
  const type = bundle.string("resourceType") ?? "";
  const leftOut = type === "Bundle" ? ["id", "_id", "meta", "signature"] : [];
  const path = firstDifference(bundle.without(...leftOut), embedded.without(...leftOut));
  return path === undefined ? "" : `what it embeds differs first at ${type}.${path}: `;
}

/** The form that we write, without what a server sets of a document; of a part of one, all of it. */
function formOf(resource: JsonObject): string {
  const [form] = canonicalJsonForms(resource);
  return utf8Text(form?.bytes ?? new Uint8Array());
}

/** Narrative is the same however its attributes and entities are written. */
function isSameXml(one: JsonObject, other: JsonObject, definitions: Definitions): boolean {
  const form = one.string("resourceType") === "Bundle" ? XML_DOCUMENT : XML_PART;
  const [own, others] = [one, other].map((bundle) => [...canonicalXmlForms(bundle, form, { isExclusive: false, definitions })][0]);
  return own !== undefined && others !== undefined && equalBytes(own, others);
}

function withPlainNumbers(bundle: JsonObject, canonical: string): Uint8Array {
  const [form] = canonicalJsonFormsOfNumbers(bundle);
  return form?.bytes ?? utf8(canonical);
}

function withPlainSpace(canonical: string): string {
  return canonical.replace(/(?:\\[nrt]|[ \u00a0])+/g, " ");
}
