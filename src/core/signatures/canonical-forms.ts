/**
 * The canonical forms over which signatures of documents, and of their parts, are made. R4 (datatypes, Signature; json.html and xml.html, canonical forms) leaves more than one reading open; the form that we
 * write is the first. A signature is accepted over any of them: they differ only in whether the Bundle's own id and meta, which a server may assign, are covered.
 */
import { canonicalJson } from "../fhir/canonical.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";

/** How a canonical form is made: what of the resource itself is left out. Nothing else ever is. */
interface Recipe {
  readonly dropped: readonly string[];
  /** Instead, what alone is left. */
  readonly kept?: readonly string[];
  readonly gap?: string;
}

/** A canonical form in UTF-8. */
export interface CanonicalForm {
  readonly bytes: Uint8Array;
  /** What it leaves out that can be altered unseen then, as a clause about *it*; undefined where nothing is but what a server sets. */
  readonly gap?: string;
}

/** What R4's forms of a part of a document leave out of it. */
export const GAPS_OF_PARTS = {
  "#data": "it covers the resource without its narrative",
  "#static": "it covers the resource without its narrative and metadata",
  "#narrative": "it covers the narrative of the resource alone",
} as const;

const FORMS: readonly Recipe[] = [
  { dropped: ["id", "_id", "meta", "signature"] },
  { dropped: ["signature"] },
  { dropped: ["id", "_id", "signature"] },
  // The form `#static`, read of the Bundle itself, which has no narrative.
  { dropped: ["meta", "signature"] },
];

/** Those of a part of a document that is signed by itself, such as the target of a Provenance. What the form for documents leaves out of one is not left out of another resource. */
const FORMS_OF_PARTS: readonly Recipe[] = [
  { dropped: [] },
  { dropped: ["text"], gap: GAPS_OF_PARTS["#data"] },
  { dropped: ["text", "meta"], gap: GAPS_OF_PARTS["#static"] },
  { dropped: [], kept: ["resourceType", "id", "_id", "text"], gap: GAPS_OF_PARTS["#narrative"] },
];

function recipesFor(resource: JsonObject): readonly Recipe[] {
  return resource.string("resourceType") === "Bundle" ? FORMS : FORMS_OF_PARTS;
}

function partOf(resource: JsonObject, { dropped, kept }: Recipe): JsonObject {
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

/** Every canonical JSON form that there is, ours first, each once and made when it is asked for. One that leaves out what is not there has no gap. */
export function* canonicalJsonForms(bundle: JsonObject): Generator<CanonicalForm> {
  yield* formsOf(bundle, undefined);
}

/**
 * The same with numbers as RFC 8785 writes them, as far as that makes a difference. It loses how precise they were written, so a signature over it does not cover the
 * document as it stands.
 */
export function* canonicalJsonFormsOfNumbers(bundle: JsonObject): Generator<CanonicalForm> {
  const rounded: string[] = [];
  canonicalJson(bundle, (token) => {
    if (rounded.length === 0 && roundedNumber(token) !== token) rounded.push(token);
    return token;
  });
  if (rounded.length > 0) yield* formsOf(bundle, roundedNumber);
}

function* formsOf(bundle: JsonObject, numberText: ((token: string) => string) | undefined): Generator<CanonicalForm> {
  const texts = new Set<string>();
  for (const recipe of recipesFor(bundle)) {
    const text = canonicalJson(partOf(bundle, recipe), numberText);
    if (!texts.has(text)) yield { bytes: new TextEncoder().encode(text), ...(recipe.gap !== undefined && { gap: recipe.gap }) };
    texts.add(text);
  }
}

/** RFC 8785 section 3.2.2.3: as ECMAScript writes the double. */
function roundedNumber(token: string): string {
  return String(Number(token));
}
