/**
 * The canonical forms over which signatures of documents are made. R4 (datatypes, Signature; json.html and xml.html, canonical forms) leaves more than one reading open; the form that we
 * write is the first. A signature is accepted over any of them: they differ only in whether the Bundle's own id and meta, which a server may assign, are covered.
 */
import { canonicalJson } from "../fhir/canonical.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";

/** A canonical form: what of the Bundle itself is left out. Nothing else ever is. */
interface CanonicalForm {
  readonly dropped: readonly string[];
}

const FORMS: readonly CanonicalForm[] = [
  { dropped: ["id", "_id", "meta", "signature"] },
  { dropped: ["signature"] },
  { dropped: ["id", "_id", "signature"] },
];

/** Names of canonical JSON forms that mean one of these (R4 json.html). */
export const JSON_FORM_NAMES: readonly string[] = ["http://hl7.org/fhir/canonicalization/json", "http://hl7.org/fhir/canonicalization/json#document"];

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
  for (const { dropped } of FORMS) {
    const text = canonicalJson(bundle.without(...dropped), numberText);
    if (!texts.has(text)) yield new TextEncoder().encode(text);
    texts.add(text);
  }
}

/** RFC 8785 section 3.2.2.3: as ECMAScript writes the double. */
function roundedNumber(token: string): string {
  return String(Number(token));
}
