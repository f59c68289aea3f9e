/**
 * The canonical forms over which signatures of documents are made. R4 (datatypes, Signature; json.html and xml.html, canonical forms) leaves more than one reading open; the form that we
 * write is the first. A signature is accepted over any of them: they differ only in whether the Bundle's own id and meta, which a server may assign, are covered.
 */
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import type { JsonObject } from "../fhir/json/tree.ts";
import { writeXml } from "../fhir/xml/write-xml.ts";
import { canonicalXml } from "./canonical-xml.ts";
import { readXmlTree } from "./xml-tree.ts";

/** A canonical form: what of the Bundle itself is left out. Nothing else ever is. */
interface CanonicalForm {
  readonly dropped: readonly string[];
  /** Transforms of an XML signature that name it. */
  readonly xmlTransforms: readonly string[];
}

const FORMS: readonly CanonicalForm[] = [
  { dropped: ["id", "_id", "meta", "signature"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml#document"] },
  { dropped: ["signature"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml"] },
  { dropped: ["id", "_id", "signature"], xmlTransforms: [] },
];

/** The UTF-8 bytes of every canonical JSON form that there is, ours first, each once. */
export function canonicalJsonForms(bundle: JsonObject): Uint8Array[] {
  const texts = new Set(FORMS.map(({ dropped }) => canonicalJson(bundle.without(...dropped))));
  return [...texts].map((text) => new TextEncoder().encode(text));
}

/** The UTF-8 bytes of the canonical XML form that a transform names; undefined when none has that name, or the document cannot be written as XML. */
export function canonicalXmlForm(bundle: JsonObject, transform: string, isExclusive: boolean): Uint8Array | undefined {
  const form = FORMS.find(({ xmlTransforms }) => xmlTransforms.includes(transform));
  if (form === undefined) return undefined;
  try {
    const root = readXmlTree(writeXml(bundle.without(...form.dropped)));
    return new TextEncoder().encode(canonicalXml(root, { isExclusive }));
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
