/**
 * The canonical forms over which signatures of documents are made. R4 (datatypes, Signature; json.html and xml.html, canonical forms) leaves more than one reading open; the form that we
 * write is the first. A signature is accepted over any of them: they differ only in whether the Bundle's own id and meta, which a server may assign, are covered.
 */
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { writeXml } from "../fhir/xml/write-xml.ts";
import { canonicalXml } from "../crypto/canonical-xml.ts";
import { readXmlTree, type XmlElement } from "../crypto/xml-tree.ts";

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
  // The form `#static`, read of the Bundle itself, which has no narrative.
  { dropped: ["meta", "signature"], xmlTransforms: [] },
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

/** Whether a transform is one of FHIR's that we know. */
export function isXmlForm(transform: string): boolean {
  return FORMS.some(({ xmlTransforms }) => xmlTransforms.includes(transform));
}

/**
 * The UTF-8 bytes of the canonical XML form that a transform names: as we write the document, then, for one that came in XML, as the sender wrote it, whose declarations and
 * attributes may be covered. None when no form has that name, or the document cannot be written so.
 */
export function* canonicalXmlForms(
  bundle: JsonObject,
  transform: string,
  { isExclusive, definitions, source }: { readonly isExclusive: boolean; readonly definitions: Definitions; readonly source?: string | undefined },
): Generator<Uint8Array> {
  const form = FORMS.find(({ xmlTransforms }) => xmlTransforms.includes(transform));
  if (form === undefined) return;
  const written = treeOrNone(() => readXmlTree(writeXml(bundle.without(...form.dropped), definitions)));
  if (written) yield new TextEncoder().encode(canonicalXml(written, { isExclusive }));
  const sent = source === undefined ? undefined : treeOrNone(() => withoutDropped(readXmlTree(source.replace(/^\uFEFF/, "")), form.dropped));
  if (sent) yield new TextEncoder().encode(canonicalXml(sent, { isExclusive }));
}

function treeOrNone(make: () => XmlElement): XmlElement | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

const XHTML = "http://www.w3.org/1999/xhtml";

/** The sender's own tree without the root's dropped elements, and without white space that only lays FHIR's elements out (R4 xml.html, Canonical XML). */
function withoutDropped(root: XmlElement, dropped: readonly string[]): XmlElement {
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.uri === XHTML) continue;
    const kept = next.children.filter((child) =>
      typeof child === "string" ? /[^ \t\r\n]/.test(child) : next !== root || child.uri !== root.uri || !dropped.includes(child.local),
    );
    next.children.length = 0;
    for (const child of kept) {
      next.children.push(child);
      if (typeof child !== "string") pending.push(child);
    }
  }
  return root;
}
