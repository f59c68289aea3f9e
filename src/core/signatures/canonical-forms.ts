/**
 * The canonical forms over which signatures of documents, and of their parts, are made. R4 (datatypes, Signature; json.html and xml.html, canonical forms) leaves more than one reading open; the form that we
 * write is the first. A signature is accepted over any of them: they differ only in whether the Bundle's own id and meta, which a server may assign, are covered.
 */
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { writeXml } from "../fhir/xml/write-xml.ts";
import { canonicalXml } from "../crypto/canonical-xml.ts";
import { readXmlTree, type XmlElement } from "../crypto/xml-tree.ts";

/** A canonical form: what of the resource itself is left out. Nothing else ever is. */
interface CanonicalForm {
  readonly dropped: readonly string[];
  /** Instead, what alone is left. */
  readonly kept?: readonly string[];
  /** Transforms of an XML signature that name it. */
  readonly xmlTransforms: readonly string[];
}

const FORMS: readonly CanonicalForm[] = [
  { dropped: ["id", "_id", "meta", "signature"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml#document"] },
  { dropped: ["signature"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml"] },
  { dropped: ["id", "_id", "signature"], xmlTransforms: [] },
];

/** Those of a part of a document that is signed by itself, such as the target of a Provenance. What the form for documents leaves out of one is not left out of another resource. */
const FORMS_OF_PARTS: readonly CanonicalForm[] = [
  { dropped: [], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml"] },
  { dropped: ["text"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml#data"] },
  { dropped: ["text", "meta"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml#static"] },
  { dropped: [], kept: ["resourceType", "id", "_id", "text"], xmlTransforms: ["http://hl7.org/fhir/canonicalization/xml#narrative"] },
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

/** Whether a transform is one of FHIR's that we know for such a resource. */
export function isXmlForm(transform: string, resource: JsonObject): boolean {
  return formsFor(resource).some(({ xmlTransforms }) => xmlTransforms.includes(transform));
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
  const form = formsFor(bundle).find(({ xmlTransforms }) => xmlTransforms.includes(transform));
  if (form === undefined) return;
  const written = treeOrNone(() => readXmlTree(writeXml(partOf(bundle, form), definitions)));
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
