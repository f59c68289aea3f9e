/**
 * What archive time-stamps of XAdES are over (ETSI EN 319 132-1 section 5.5.2, not distributed; the element of version 1.3.2 too): what each reference leads to, SignedInfo, SignatureValue, KeyInfo, the unsigned
 * properties before it, and the Objects, each in the canonical form that it names.
 */
import { concat } from "../crypto/bytes.ts";
import type { CanonicalXmlOptions, XmlBudget } from "../crypto/canonical-xml.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { elementsOf, type XmlElement } from "../crypto/xml-tree.ts";
import type { ArchiveClaim, ArchiveCover } from "../cms/archive-claim.ts";
import { AppError } from "../errors.ts";
import { children, isXades, unsignedProperties, XADES_141 } from "./xades.ts";
import {
  algorithmOf,
  bytesOf,
  canonicalisationOf,
  DEFAULT_CANONICALISATION,
  isCanonicalisation,
  isDsig,
  only,
  Unsupported,
} from "./xml-algorithms.ts";
import { BASE64, endsInNodes, type PartForms, type XmlReference } from "./xml-references.ts";

/** A reference that was checked. */
export interface FollowedReference {
  readonly reference: XmlReference;
  /** The form of the document that it was found to lead to; undefined: a part of the signature, or none was found. */
  readonly form?: Uint8Array | undefined;
}

interface Place {
  readonly budget: XmlBudget;
  /** Whether the signature was made within its document, whose namespaces then reach into it. */
  readonly hasStoodInDocument: boolean;
  readonly forms: PartForms;
}

/** The archive time-stamps beside a signature, at most as many as are looked at. */
export function archiveClaims(root: XmlElement, references: readonly FollowedReference[], place: Place): ArchiveClaim[] {
  const properties = unsignedProperties(root);
  return properties
    .flatMap((property, at) =>
      isXades(property, "ArchiveTimeStamp")
        ? tokensOf(property).map((token) => ({
            token,
            covered: () => coverOrNone(() => coverOf(property, { root, references, before: properties.slice(0, at), place })),
          }))
        : [],
    )
    .slice(0, SIGNATURE_LIMITS.timeStamps);
}

function tokensOf(property: XmlElement): Uint8Array[] {
  return children(property, "EncapsulatedTimeStamp").flatMap((element) => bytesOf(element) ?? []);
}

function coverOrNone(cover: () => ArchiveCover): ArchiveCover | string {
  try {
    return cover();
  } catch (error) {
    if (error instanceof Unsupported || error instanceof AppError) return error.message;
    throw error;
  }
}

interface Surrounding {
  readonly root: XmlElement;
  readonly references: readonly FollowedReference[];
  readonly before: readonly XmlElement[];
  readonly place: Place;
}

function coverOf(stamp: XmlElement, { root, references, before, place }: Surrounding): ArchiveCover {
  if (elementsOf(stamp).some(({ local }) => local === "Include" || local === "ReferenceInfo"))
    throw new Unsupported("it names itself what it is over, which is not put together here");
  const [method] = elementsOf(stamp).filter((element) => isDsig(element, "CanonicalizationMethod"));
  const way = method ? canonicalisationOf(method) : DEFAULT_CANONICALISATION;
  const named = new Set(references.map(({ reference }) => reference.part));
  const objects = elementsOf(root)
    .filter((element) => isDsig(element, "Object") && children(element, "QualifyingProperties").length === 0)
    // Of version 1.3.2 those alone that no reference covers.
    .filter((object) => stamp.uri === XADES_141 || !named.has(object));
  const keyInfo = elementsOf(root).filter((element) => isDsig(element, "KeyInfo"));
  const elements = [only(root, "SignedInfo"), only(root, "SignatureValue"), ...keyInfo, ...before, ...objects];
  // As it stands, then as it stood in its document.
  const over = (place.hasStoodInDocument ? [0, 1] : [0]).map((where) =>
    concat(
      ...references.map((reference) => octetsOf(reference, way, { place, where })),
      ...elements.map((element) => formOf(element, way, { place, where })),
    ),
  );
  return { over, tokens: before.flatMap(tokensOf) };
}

function formOf(element: XmlElement, way: CanonicalXmlOptions, { place, where }: { readonly place: Place; readonly where: number }): Uint8Array {
  const forms = place.forms.of(element, way, place);
  return forms[where] ?? forms[0] ?? new Uint8Array();
}

/** What a reference leads to: bytes, or elements, which the time-stamp writes in its own way. */
function octetsOf(
  { reference, form }: FollowedReference,
  way: CanonicalXmlOptions,
  at: { readonly place: Place; readonly where: number },
): Uint8Array {
  const { part, transforms } = reference;
  const last = transforms.at(-1);
  if (part === undefined) {
    if (form === undefined) throw new Unsupported("what was signed is not at hand");
    if (endsInNodes(reference) && (way.isExclusive || way.hasComments === true || way.isVersion11 === true))
      throw new Unsupported("it is over the document in another form than was signed");
    return form;
  }
  if (last && algorithmOf(last) === BASE64) return bytesOf(part) ?? new Uint8Array();
  return formOf(part, last && isCanonicalisation(last) ? canonicalisationOf(last) : way, at);
}
