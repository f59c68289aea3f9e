/**
 * The canonical XML forms over which signatures of documents are made (R4 xml.html, "Canonical XML"), and those of other tools, which know no transform of FHIR's. R4 leaves more than one reading
 * open, and does not say how a document looks before its signature stands in it: each reading that is known is written, ours first. A digest that fits one proves that it was signed.
 */
import { AppError } from "../errors.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { Definitions } from "../fhir/r4/definitions.ts";
import { writeCanonicalXml, type LeftOut } from "../fhir/xml/write-canonical-xml.ts";
import { utf8 } from "../crypto/bytes.ts";
import { canonicalXml, type CanonicalXmlOptions } from "../crypto/canonical-xml.ts";
import { isElement, readXmlTree, type XmlComment, type XmlElement, type XmlNode } from "../crypto/xml-tree.ts";
import { canonicalJsonForms, GAPS_OF_PARTS } from "./canonical-forms.ts";
import type { DocumentForm } from "./xml-dsig.ts";
import type { DocumentTransforms } from "./xml-references.ts";

const XHTML = "http://www.w3.org/1999/xhtml";
const CANONICAL = "http://hl7.org/fhir/canonicalization/xml";

/** What is left out of a document, or of a part of it that is signed by itself, before it is written. */
interface Pruning extends LeftOut {
  /** Of the Bundle's signature, which otherwise stays. */
  readonly droppedOfSignature?: readonly string[];
  /** White space around what is dropped goes with it: before or behind it. */
  readonly space?: "before" | "behind";
  /** White space that only lays FHIR's elements out stays. */
  readonly hasLayout?: boolean;
}

/** A transform of FHIR's: what it leaves out, by each of its readings. */
interface FhirTransform {
  readonly readings: readonly { readonly pruning: Pruning; readonly gap?: string }[];
  /** Whether it covers the Bundle's own id and meta. */
  readonly coversServerFields: boolean;
  /** Whether R4 is clear about what it means of a document. */
  readonly isSettled: boolean;
}

const WITHOUT_DATA = { droppedOfSignature: ["data"] };
const NO_NARRATIVE = "it covers the document without its narratives, and so not what people read";
const NO_META = "it covers the document without its narratives and metadata, and so not what people read";

const TRANSFORMS: Readonly<Record<string, FhirTransform>> = {
  [`${CANONICAL}#document`]: { readings: [{ pruning: { dropped: ["id", "meta", "signature"] } }], coversServerFields: false, isSettled: true },
  [CANONICAL]: {
    readings: [{ pruning: { dropped: ["signature"] } }, { pruning: WITHOUT_DATA }],
    coversServerFields: true,
    isSettled: true,
  },
  // A Bundle has no narrative itself: taken at its word, nothing but the signature is left out.
  [`${CANONICAL}#data`]: {
    readings: [{ pruning: { dropped: ["signature"] } }, { pruning: { dropped: ["signature"], droppedOfResources: ["text"] }, gap: NO_NARRATIVE }],
    coversServerFields: true,
    isSettled: false,
  },
  [`${CANONICAL}#static`]: {
    readings: [
      { pruning: { dropped: ["meta", "signature"] } },
      { pruning: { dropped: ["signature"], droppedOfResources: ["text", "meta"] }, gap: NO_META },
    ],
    coversServerFields: true,
    isSettled: false,
  },
};

/** Of a part that is signed by itself, such as the target of a Provenance, R4 is clear. What the form for documents leaves out of one is not left out of another resource. */
const TRANSFORMS_OF_PARTS: Readonly<Record<string, FhirTransform>> = {
  [CANONICAL]: formOfPart(),
  [`${CANONICAL}#data`]: formOfPart({ dropped: ["text"] }, "#data"),
  [`${CANONICAL}#static`]: formOfPart({ dropped: ["text", "meta"] }, "#static"),
  [`${CANONICAL}#narrative`]: formOfPart({ kept: ["id", "text"] }, "#narrative"),
};

/** Where nothing stands in the resource that it leaves out, it is the same as the whole one. */
function formOfPart(pruning?: Pruning, end?: keyof typeof GAPS_OF_PARTS): FhirTransform {
  const partial = pruning && end ? [{ pruning, gap: GAPS_OF_PARTS[end] }] : [];
  return { readings: [{ pruning: {} }, ...partial], coversServerFields: true, isSettled: true };
}

/** R4 asks for the XML declaration, which Canonical XML leaves out; HL7's own tools do without. */
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const BEGINNINGS = ["", DECLARATION, `${DECLARATION}\n`];

/** What is known of a transform of FHIR's for such a resource; undefined: nothing. */
export function fhirTransform(transform: string, resource: JsonObject): FhirTransform | undefined {
  const table = isDocument(resource) ? TRANSFORMS : TRANSFORMS_OF_PARTS;
  return Object.hasOwn(table, transform) ? table[transform] : undefined;
}

/** Whether a transform is one of FHIR's of which R4 is clear what it means of such a resource. */
export function isXmlForm(transform: string, resource: JsonObject): boolean {
  return fhirTransform(transform, resource)?.isSettled === true;
}

function isDocument(resource: JsonObject): boolean {
  return resource.string("resourceType") === "Bundle";
}

export interface XmlFormOptions {
  readonly definitions: Definitions;
  /** The text of a document that came in XML, as its sender wrote it. */
  readonly source?: string | undefined;
}

/**
 * The UTF-8 bytes of the canonical XML form that a transform names: as we write the document, then, for one that came in XML, as the sender wrote it, whose declarations and
 * attributes may be covered. None when no form has that name, or the document cannot be written so.
 */
export function* canonicalXmlForms(
  bundle: JsonObject,
  transform: string,
  { isExclusive, ...options }: XmlFormOptions & { readonly isExclusive: boolean },
): Generator<Uint8Array> {
  if (isXmlForm(transform, bundle))
    for (const { bytes } of xmlForms(bundle, { fhir: transform, canonicalisation: { isExclusive } }, options)) yield bytes;
}

/** Every form that transforms may give of a document, each once and made when it is asked for. */
export function* xmlForms(bundle: JsonObject, transforms: DocumentTransforms, options: XmlFormOptions): Generator<DocumentForm> {
  const { fhir, canonicalisation } = transforms;
  const seen = new Set<string>();
  // Bytes that no canonicalisation is named for may be a file's.
  const beginnings = canonicalisation ? [""] : BEGINNINGS;
  for (const { text, gap } of fhir === undefined
    ? plainForms(bundle, canonicalisation, options)
    : fhirForms(bundle, fhir, { canonicalisation, ...options })) {
    if (seen.has(text)) continue;
    seen.add(text);
    for (const beginning of beginnings) yield { bytes: utf8(beginning + text), ...(gap !== undefined && { gap }) };
  }
  if (fhir !== undefined || canonicalisation !== undefined) return;
  yield* canonicalJsonForms(bundle);
  if (options.source !== undefined) for (const text of cutForms(options.source)) yield { bytes: utf8(text), isCut: true };
}

/** The file that a sender may have signed before the signature was set into it. Where the cut goes wrong, no digest fits, or the comparison with the document tells. */
function* cutForms(source: string): Generator<string> {
  const start = source.lastIndexOf("<signature>");
  const end = source.indexOf("</signature>", start);
  if (start < 0 || end < 0) return;
  const [before, behind] = [source.slice(0, start), source.slice(end + "</signature>".length)];
  yield before + behind;
  yield before.trimEnd() + behind;
  yield before + behind.trimStart();
}

interface FormText {
  readonly text: string;
  readonly gap?: string | undefined;
}

const INCLUSIVE: CanonicalXmlOptions = { isExclusive: false };

function* fhirForms(
  bundle: JsonObject,
  transform: string,
  { canonicalisation = INCLUSIVE, definitions, source }: XmlFormOptions & { readonly canonicalisation: CanonicalXmlOptions | undefined },
): Generator<FormText> {
  const readings = fhirTransform(transform, bundle)?.readings ?? [];
  for (const reading of readings) yield* written(bundle, definitions, canonicalisation, reading);
  const sent = sentDocument(source, canonicalisation, false);
  if (sent) for (const { pruning, gap } of readings) yield { text: sent.text(pruning), gap };
}

/** As tools write a document that know no transform of FHIR's: with its layout, before its signature stood in it or before that had data. */
function* plainForms(
  bundle: JsonObject,
  canonicalisation: CanonicalXmlOptions = INCLUSIVE,
  { definitions, source }: XmlFormOptions,
): Generator<FormText> {
  // A part of a document has no signature of its own that stands in it.
  const prunings: readonly Pruning[] = isDocument(bundle) ? [{ dropped: ["signature"] }, WITHOUT_DATA] : [{}];
  for (const pruning of prunings) yield* written(bundle, definitions, canonicalisation, { pruning });
  const sent = sentDocument(source, canonicalisation, canonicalisation.hasComments === true);
  if (!sent) return;
  // What we write ourselves has no layout.
  for (const space of [undefined, "before", "behind"] as const) {
    yield { text: sent.text({ dropped: ["signature"], hasLayout: true, ...(space && { space }) }) };
    yield { text: sent.text({ ...WITHOUT_DATA, hasLayout: true, ...(space && { space }) }) };
  }
  for (const pruning of prunings) yield { text: sent.text(pruning) };
}

/** The document as we write it, with a signature that has no data: that is not covered, and may be large. None where XML cannot carry it. */
function* written(
  bundle: JsonObject,
  definitions: Definitions,
  canonicalisation: CanonicalXmlOptions,
  { pruning, gap }: { readonly pruning: Pruning; readonly gap?: string | undefined },
): Generator<FormText> {
  const signature = isDocument(bundle) ? bundle.object("signature")?.without("data", "_data") : undefined;
  const whole = signature ? bundle.without("signature").add("signature", signature) : bundle;
  const text = unlessRefused(() => writeCanonicalXml(whole, definitions, canonicalisation, pruning));
  if (text !== undefined) yield { text, gap };
}

/** The document as its sender wrote it. */
function sentDocument(source: string | undefined, canonicalisation: CanonicalXmlOptions, hasComments: boolean): SentDocument | undefined {
  const root = source === undefined ? undefined : unlessRefused(() => readXmlTree(source.replace(/^\uFEFF/, ""), { hasComments }));
  return root && new SentDocument(root, canonicalisation);
}

/** Forms of one tree. They differ in few of its parts, and what they share is pruned and written once. */
class SentDocument {
  readonly #root: XmlElement;
  readonly #canonicalisation: CanonicalXmlOptions;
  readonly #known = new Map<XmlElement, string>();
  readonly #copies = new Map<string, Map<XmlElement, XmlElement>>();

  constructor(root: XmlElement, canonicalisation: CanonicalXmlOptions) {
    this.#root = root;
    this.#canonicalisation = canonicalisation;
  }

  text(pruning: Pruning): string {
    const { hasLayout = false, space = "", droppedOfResources = [] } = pruning;
    const rule = [hasLayout, space, ...droppedOfResources].join();
    const copies = this.#copies.get(rule) ?? new Map<XmlElement, XmlElement>();
    this.#copies.set(rule, copies);
    return canonicalXml(pruned(this.#root, pruning, copies), this.#canonicalisation, { known: this.#known });
  }
}

function unlessRefused<Made>(make: () => Made): Made | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/**
 * A document without what is left out. Its elements share what stays the same.
 * @param copies of the root's children, made by the same rules; of all but the signature these do not depend on what is dropped elsewhere
 */
function pruned(root: XmlElement, pruning: Pruning, copies: Map<XmlElement, XmlElement>): XmlElement {
  const { dropped = [], kept, droppedOfSignature = [], droppedOfResources = [], space, hasLayout = false } = pruning;
  const isDropped = (parent: XmlElement, { uri, local }: XmlElement): boolean =>
    uri === root.uri &&
    ((parent === root && (kept ? !kept.includes(local) : dropped.includes(local))) ||
      (parent.parent === root && parent.local === "signature" && droppedOfSignature.includes(local)) ||
      (droppedOfResources.length > 0 && isResource(parent) && droppedOfResources.includes(local)));
  const copyOf = (element: XmlElement): XmlElement => {
    const { children: all } = element;
    if (element.uri === XHTML || all.length === 0) return element;
    const isGone = (child: XmlNode | undefined): boolean => isElement(child) && isDropped(element, child);
    const children: XmlNode[] = [];
    all.forEach((child, at) => {
      const copy = isElement(child)
        ? isDropped(element, child)
          ? undefined
          : copyIn(element, child)
        : isKept(child, space !== undefined && isGone(all[space === "before" ? at + 1 : at - 1]))
          ? child
          : undefined;
      if (copy !== undefined) children.push(copy);
    });
    const { prefix, local, uri, attributes, declarations, parent } = element;
    const isSame = children.length === all.length && children.every((child, at) => child === all[at]);
    return isSame ? element : { prefix, local, uri, attributes, declarations, children, parent };
  };
  const isKept = (child: string | XmlComment, goesWith: boolean): boolean =>
    typeof child !== "string" || /[^ \t\r\n]/.test(child) || (hasLayout && !goesWith);
  const copyIn = (parent: XmlElement, child: XmlElement): XmlElement => {
    if (parent !== root || child.local === "signature") return copyOf(child);
    const copy = copies.get(child) ?? copyOf(child);
    copies.set(child, copy);
    return copy;
  };
  return copyOf(root);
}

/** Of elements in FHIR's namespace, types of resources alone are written with a capital. */
function isResource({ local }: XmlElement): boolean {
  return /^[A-Z]/.test(local);
}
