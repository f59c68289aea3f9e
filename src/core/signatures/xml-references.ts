/** What the references of an XML signature lead to: a part of the signature itself, or the document. Nothing is fetched, and no path is run. */
import { canonicalXml, type CanonicalXmlOptions, type XmlBudget } from "../crypto/canonical-xml.ts";
import { utf8 } from "../crypto/bytes.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import { attributeOf, descendants, elementsOf, type XmlElement } from "../crypto/xml-tree.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import {
  algorithmOf,
  bytesOf,
  canonicalisationOf,
  DEFAULT_CANONICALISATION,
  digestOf,
  DSIG,
  isCanonicalisation,
  isDsig,
  only,
  Unsupported,
  valueOf,
} from "./xml-algorithms.ts";

export const BASE64 = `${DSIG}base64`;
const ENVELOPED = `${DSIG}enveloped-signature`;
/** Paths that leave signatures out of a document, as some tools write it. They are known by their text, and never run: a FHIR document has no such elements. */
const PATHS_TO_SAME: Readonly<Record<string, { readonly uri: string; readonly filter?: string; readonly path: RegExp }>> = {
  "http://www.w3.org/2002/06/xmldsig-filter2": {
    uri: "http://www.w3.org/2002/06/xmldsig-filter2",
    filter: "subtract",
    path: /^(?:\/descendant::|\/\/)([\w-]+):Signature$/,
  },
  "http://www.w3.org/TR/1999/REC-xpath-19991116": { uri: DSIG, path: /^not\(ancestor-or-self::([\w-]+):Signature\)$/ },
};
const FHIR = "http://hl7.org/fhir/canonicalization/";

/** Where an enveloped signature stood before it was taken out of its document: in FHIR's namespace. */
const IN_DOCUMENT: ReadonlyMap<string, string> = new Map([["", "http://hl7.org/fhir"]]);

export interface XmlReference {
  readonly element: XmlElement;
  /** Undefined: none, which leaves it to whoever asks what is meant. */
  readonly uri: string | undefined;
  readonly transforms: readonly XmlElement[];
  /** The part of the signature itself that is meant; undefined: the document, or something that is not at hand. */
  readonly part: XmlElement | undefined;
}

/** How a document reference has the document written. */
export interface DocumentTransforms {
  /** FHIR's; undefined: the document as it stands. */
  readonly fhir: string | undefined;
  readonly canonicalisation: CanonicalXmlOptions | undefined;
}

/** The references of SignedInfo, each led to what it means. Unsupported for too many, and where it is not clear what is meant. */
export function referencesOf(root: XmlElement, signedInfo: XmlElement): XmlReference[] {
  const elements = elementsOf(signedInfo).filter((element) => isDsig(element, "Reference"));
  if (elements.length === 0) throw new Unsupported("it refers to nothing");
  if (elements.length > SIGNATURE_LIMITS.xmlReferences) throw new Unsupported(`it has more than ${SIGNATURE_LIMITS.xmlReferences} references`);
  const parts = namedParts(root);
  const references = elements.map((element) => {
    const uri = attributeOf(element, "URI");
    return { element, uri, transforms: transformsOf(element), part: uri?.startsWith("#") === true ? partOf(parts, uri.slice(1)) : undefined };
  });
  if (references.filter(({ part }) => part === undefined).length > SIGNATURE_LIMITS.xmlDocumentReferences)
    throw new Unsupported(`it has more than ${SIGNATURE_LIMITS.xmlDocumentReferences} references to what is not within it`);
  return references;
}

/** The elements by their identifiers; `several` where more than one has it, by whatever name of the attribute. */
function namedParts(root: XmlElement): ReadonlyMap<string, XmlElement | "several"> {
  const parts = new Map<string, XmlElement | "several">();
  for (const element of descendants(root))
    for (const { local, value } of element.attributes) {
      if (local.toLowerCase() !== "id") continue;
      const known = parts.get(value);
      parts.set(value, known === undefined || known === element ? element : "several");
    }
  return parts;
}

function partOf(parts: ReadonlyMap<string, XmlElement | "several">, id: string): XmlElement | undefined {
  if (id === "") return undefined;
  const part = parts.get(id);
  if (part === "several") throw new Unsupported("it refers to an identifier that more than one element has");
  return part;
}

function transformsOf(reference: XmlElement): XmlElement[] {
  const lists = elementsOf(reference).filter((element) => isDsig(element, "Transforms"));
  const transforms = lists.flatMap(elementsOf);
  if (lists.length > 1 || transforms.length > 3 || transforms.some((transform) => !isDsig(transform, "Transform")))
    throw new Unsupported("a reference has more transforms than are known");
  return transforms;
}

/** Whether a signature was made within the document that it covers. */
export function isEnveloped(references: readonly XmlReference[]): boolean {
  return references.some(({ transforms }) => transforms.some(leavesOutSignatures));
}

/** The forms of an element of the signature, first as it stands, then, of an enveloped signature, as it stood in the document. */
export function* writingsOf(
  element: XmlElement,
  options: CanonicalXmlOptions,
  { budget, hasStoodInDocument }: { readonly budget: XmlBudget; readonly hasStoodInDocument: boolean },
): Generator<Uint8Array> {
  const here = canonicalXml(element, options, { budget });
  yield utf8(here);
  if (!hasStoodInDocument) return;
  const there = canonicalXml(element, options, { budget, around: IN_DOCUMENT });
  if (there !== here) yield utf8(there);
}

/**
 * Whether a part of the signature itself is what was signed. Without a transform it is Canonical XML 1.0; HL7's own tools digest signed properties in the exclusive form then, which says the
 * same of the same element.
 */
export function isPartIntact(
  { element, transforms, part }: XmlReference & { readonly part: XmlElement },
  place: { readonly budget: XmlBudget; readonly hasStoodInDocument: boolean; readonly forms: PartForms },
): boolean {
  const [transform, ...more] = transforms;
  if (more.length > 0) throw new Unsupported("a reference to its own part has more than one transform");
  if (transform && algorithmOf(transform) === BASE64) {
    const bytes = bytesOf(part);
    if (bytes === undefined) throw new Unsupported("what it covers as base64 is none");
    return hasDigest(element, bytes);
  }
  const ways = transform ? [knownCanonicalisation(transform)] : [DEFAULT_CANONICALISATION, { isExclusive: true }];
  return ways.some((way) => place.forms.of(part, way, place).some((form) => hasDigest(element, form)));
}

/** The forms of parts, each written once: all references may be to the same. */
export class PartForms {
  readonly #made = new Map<XmlElement, Map<string, readonly Uint8Array[]>>();

  of(part: XmlElement, way: CanonicalXmlOptions, place: { readonly budget: XmlBudget; readonly hasStoodInDocument: boolean }): readonly Uint8Array[] {
    const known = this.#made.get(part) ?? new Map<string, readonly Uint8Array[]>();
    this.#made.set(part, known);
    const name = JSON.stringify(way);
    const forms = known.get(name) ?? [...writingsOf(part, way, place)];
    known.set(name, forms);
    return forms;
  }
}

/** Digests of the document's forms of which none fitted, each computed once: all references may be to the document, in the same form. */
export class FormDigests {
  readonly #unfit = new Map<string, readonly Uint8Array[]>();

  /** The form whose digest a reference names, if there is one, and whether there are forms at all. */
  fitting<Form extends { readonly bytes: Uint8Array }>(
    { element }: XmlReference,
    transforms: DocumentTransforms,
    forms: () => Iterable<Form>,
  ): { readonly form: Form | undefined; readonly hasForms: boolean } {
    const algorithm = digestOf(element);
    const expected = expectedDigest(element);
    const name = JSON.stringify([algorithm, transforms]);
    const known = this.#unfit.get(name);
    if (known && !known.some((digest) => isExpected(digest, expected))) return { form: undefined, hasForms: known.length > 0 };
    const digests: Uint8Array[] = [];
    for (const form of forms()) {
      const digest = hashOf(algorithm, form.bytes);
      if (isExpected(digest, expected)) return { form, hasForms: true };
      digests.push(digest);
    }
    this.#unfit.set(name, digests);
    return { form: undefined, hasForms: digests.length > 0 };
  }
}

function leavesOutSignatures(transform: XmlElement): boolean {
  if (algorithmOf(transform) === ENVELOPED) return elementsOf(transform).length === 0;
  const known = PATHS_TO_SAME[algorithmOf(transform)];
  const [path, ...more] = elementsOf(transform);
  if (!known || path?.local !== "XPath" || path.uri !== known.uri || more.length > 0 || attributeOf(path, "Filter") !== known.filter) return false;
  const prefix = known.path.exec(valueOf(path))?.[1];
  return prefix !== undefined && namespaceOf(path, prefix) === DSIG;
}

/** Whether a reference leads to elements, which whoever hashes them writes out, and not to bytes: to the document itself without a canonicalisation behind it. */
export function endsInNodes({ uri, transforms }: XmlReference): boolean {
  const last = transforms.at(-1);
  return last ? leavesOutSignatures(last) : uri === "" || uri?.startsWith("#") === true;
}

/** What a prefix means at an element. */
function namespaceOf(element: XmlElement, prefix: string): string | undefined {
  for (let next: XmlElement | undefined = element; next; next = next.parent) {
    const uri = next.declarations.get(prefix);
    if (uri !== undefined) return uri;
  }
  return undefined;
}

/** How the document is written for a reference: FHIR's transform or that of enveloped signatures, and behind it at most one canonicalisation. */
export function documentTransformsOf({ transforms }: XmlReference): DocumentTransforms {
  const [first] = transforms;
  const fhir = first && algorithmOf(first).startsWith(FHIR) ? algorithmOf(first) : undefined;
  if (first && fhir !== undefined && elementsOf(first).length > 0) throw new Unsupported("it names a transform with parameters that are not known");
  const others = fhir === undefined ? transforms : transforms.slice(1);
  // Leaving signatures out again changes nothing.
  const [canonicalisation, ...more] = others.filter((transform) => !leavesOutSignatures(transform)).map(knownCanonicalisation);
  if (more.length > 0) throw new Unsupported("it names more than one canonicalisation of the document");
  return { fhir, canonicalisation };
}

function knownCanonicalisation(transform: XmlElement): CanonicalXmlOptions {
  if (isCanonicalisation(transform)) return canonicalisationOf(transform);
  const algorithm = algorithmOf(transform);
  if (/xpath|xslt|xmldsig-filter/i.test(algorithm)) throw new Unsupported("it selects what it covers by a path or a style sheet, which is never run");
  throw new Unsupported(`its transform ${algorithm.slice(0, 100)} is not one that is checked`);
}

/** Whether bytes have the digest that an element (Reference, CertDigest) names. */
export function hasDigest(holder: XmlElement, bytes: Uint8Array): boolean {
  return isExpected(hashOf(digestOf(holder), bytes), expectedDigest(holder));
}

function expectedDigest(holder: XmlElement): Uint8Array | undefined {
  return bytesOf(only(holder, "DigestValue"));
}

function isExpected(digest: Uint8Array, expected: Uint8Array | undefined): boolean {
  return expected !== undefined && equalBytes(digest, expected);
}
