/**
 * The canonical forms over which signatures of documents, and of their parts, are made. R4 (datatypes, Signature; json.html and xml.html, canonical forms) leaves more than one reading open; the form that we
 * write is the first. A signature is accepted over any of them: they differ only in whether the Bundle's own id and meta, which a server may assign, are covered.
 */
import { canonicalJson } from "../fhir/canonical.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";

/** A canonical form: what of the resource itself is left out. Nothing else ever is. */
interface CanonicalForm {
  readonly dropped: readonly string[];
  /** Instead, what alone is left. */
  readonly kept?: readonly string[];
}

const FORMS: readonly CanonicalForm[] = [
  { dropped: ["id", "_id", "meta", "signature"] },
  { dropped: ["signature"] },
  { dropped: ["id", "_id", "signature"] },
  // The form `#static`, read of the Bundle itself, which has no narrative.
  { dropped: ["meta", "signature"] },
];

/** Those of a part of a document that is signed by itself, such as the target of a Provenance. What the form for documents leaves out of one is not left out of another resource. */
const FORMS_OF_PARTS: readonly CanonicalForm[] = [
  { dropped: [] },
  { dropped: ["text"] },
  { dropped: ["text", "meta"] },
  { dropped: [], kept: ["resourceType", "id", "_id", "text"] },
];

function formsFor(resource: JsonObject): readonly CanonicalForm[] {
  return resource.string("resourceType") === "Bundle" ? FORMS : FORMS_OF_PARTS;
}

function partOf(resource: JsonObject, { dropped, kept }: CanonicalForm): JsonObject {
  return resource.without(...(kept ? resource.names.filter((name) => !kept.includes(name)) : dropped));
}

/** Names of canonical JSON forms that mean one of these (R4 json.html). */
const JSON_FORM_NAMES: readonly string[] = ["http://hl7.org/fhir/canonicalization/json", "http://hl7.org/fhir/canonicalization/json#document"];
const JSON_FORM_NAMES_OF_PARTS: readonly string[] = ["", "#data", "#static", "#narrative"].map(
  (end) => `http://hl7.org/fhir/canonicalization/json${end}`,
);

/** Whether a canonical JSON form of this name is one of those that a resource is written in here. */
export function isJsonForm(name: string, resource: JsonObject): boolean {
  return (resource.string("resourceType") === "Bundle" ? JSON_FORM_NAMES : JSON_FORM_NAMES_OF_PARTS).includes(name);
}

/** The UTF-8 bytes of every canonical JSON form that there is, ours first, each once and made when it is asked for. */
export function* canonicalJsonForms(bundle: JsonObject): Generator<Uint8Array> {
  yield* formsOf(bundle, undefined);
}

/**
 * The same with numbers as RFC 8785 writes them, as far as that makes a difference. It loses how precise they were written, so a signature over it does not cover the
 * document as it stands.
 */
export function* canonicalJsonFormsOfNumbers(bundle: JsonObject): Generator<Uint8Array> {
  const rounded: string[] = [];
  canonicalJson(bundle, (token) => {
    if (rounded.length === 0 && roundedNumber(token) !== token) rounded.push(token);
    return token;
  });
  if (rounded.length > 0) yield* formsOf(bundle, roundedNumber);
}

function* formsOf(bundle: JsonObject, numberText: ((token: string) => string) | undefined): Generator<Uint8Array> {
  const texts = new Set<string>();
  for (const form of formsFor(bundle)) {
    const text = canonicalJson(partOf(bundle, form), numberText);
    if (!texts.has(text)) yield new TextEncoder().encode(text);
    texts.add(text);
  }
}

/** RFC 8785 section 3.2.2.3: as ECMAScript writes the double. */
function roundedNumber(token: string): string {
  return String(Number(token));
}
