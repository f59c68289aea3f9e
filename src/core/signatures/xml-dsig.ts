/**
 * XML signatures (XML-DSig 1.1, with XAdES properties) of FHIR documents: detached, enveloped or enveloping. The signature is the root of its own text, and each of its references is led to a
 * part of itself or to the document, whose forms we write ourselves: nothing in the signature can lead to other content, no path and no style sheet is run, and nothing is fetched.
 */
import { AppError } from "../errors.ts";
import { canonicalXml, XmlBudget, type CanonicalXmlOptions } from "../crypto/canonical-xml.ts";
import { utf8 } from "../crypto/bytes.ts";
import type { Certificate, PublicKey } from "../crypto/certificate.ts";
import { isUsableKey } from "../crypto/certificate-path.ts";
import { platform } from "../crypto/platform/here.ts";
import type { SignatureMethod } from "../crypto/platform/platform.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { descendants, elementsOf, isElement, readXmlTree, textOf, type XmlElement } from "../crypto/xml-tree.ts";
import { fromBase64 } from "../crypto/base64.ts";
import { CONTENT_DIFFERS, unchecked, type Finding } from "./signature-finding.ts";
import { certificatesIn, claimsIn, evidenceIn, isSignedProperties } from "./xades.ts";
import { archiveClaims, type FollowedReference } from "./xml-archive.ts";
import {
  bytesOf,
  canonicalisationOf,
  digestOf,
  isDsig,
  only,
  plainValue,
  signatureMethodOf,
  Unsupported,
  type XmlSignatureMethod,
} from "./xml-algorithms.ts";
import {
  documentTransformsOf,
  FormDigests,
  isEnveloped,
  isPartIntact,
  PartForms,
  writingsOf,
  referencesOf,
  type DocumentTransforms,
  type XmlReference,
} from "./xml-references.ts";

/** A form of the document as a signer may have digested it. */
export interface DocumentForm {
  readonly bytes: Uint8Array;
  /** They were cut out of a text, and are still to be compared with the document. */
  readonly isCut?: boolean;
  /** What of the document it leaves out, as a clause about *it*; undefined where nothing is. */
  readonly gap?: string;
}

/** The document, as far as signatures ask for it. */
export interface DocumentForms {
  /** Whether a transform of FHIR's is known, and whether each of its forms covers what a server sets (the Bundle's own id and meta); undefined: it is not known. */
  knowledgeOf(transform: string): { readonly coversServerFields: boolean; readonly isSettled: boolean } | undefined;
  /** What the transforms may give, made only when it is asked for. None where the document cannot be written so. */
  formsOf(transforms: DocumentTransforms): Iterable<DocumentForm>;
  /** Holds a document that the signature embeds against this one. */
  compare(embedded: Uint8Array): Pick<Finding, "content" | "reason">;
  /** Whether the sender's own XML is at hand, which other canonicalisations than FHIR's keep the layout of. */
  readonly hasSource: boolean;
  /** Why the Bundle's own id and meta may be those of a server, if they may. */
  readonly served: string | undefined;
}

const FHIR = "http://hl7.org/fhir";

/** Checks the text of a ds:Signature over a document. Never throws. */
export async function checkXmlSignature(text: string, document: DocumentForms): Promise<Finding> {
  try {
    if (text.length > SIGNATURE_LIMITS.xml) throw new Unsupported(`it is longer than ${SIGNATURE_LIMITS.xml} characters`);
    const limits = { elements: SIGNATURE_LIMITS.xmlElements, attributes: SIGNATURE_LIMITS.xmlAttributes, hasComments: true };
    const budget = new XmlBudget(text.length * SIGNATURE_LIMITS.xmlForms);
    return await check(readXmlTree(text.replace(/^\uFEFF/, ""), limits), document, budget);
  } catch (error) {
    if (error instanceof Unsupported || error instanceof AppError) return unchecked("xml-dsig", error.message);
    return unchecked("xml-dsig", "it cannot be checked");
  }
}

/** Everything that is cheap comes first: the shape, the signature value, the signature's own parts. The document is written for a signature that is whole in itself alone. */
async function check(root: XmlElement, document: DocumentForms, budget: XmlBudget): Promise<Finding> {
  const { signedInfo, canonicalisation, method, value, references } = shapeOf(root);
  const evidence = evidenceIn(root, budget);
  const certificates = [...certificatesIn(root), ...evidence.certificates];
  if (certificates.length === 0) return { ...unchecked("xml-dsig", "it names no certificate (X509Certificate)"), hasNoCertificate: true };
  const around = { budget, hasStoodInDocument: isEnveloped(references), forms: new PartForms() };
  const signer = await signerAmong(certificates, method, [...writingsOf(signedInfo, canonicalisation, around)], value);
  if (signer === undefined) return invalidBlock("the signature is not that of its certificate's key");

  const parts = references.filter(isPart);
  for (const reference of parts)
    if (!isPartIntact(reference, around))
      return invalidBlock(isSignedProperties(reference.part) ? "its signed properties were altered" : "a part of it that it covers was altered");
  const [properties, ...more] = parts.map(({ part }) => part).filter(isSignedProperties);
  if (more.length > 0) throw new Unsupported("it has more than one set of signed properties");
  const claims = claimsIn(properties);
  const others = certificates.filter((certificate) => certificate !== signer);
  const { content, reason, followed } = contentOf(references, document, budget);
  const archiveStamps = archiveClaims(root, followed, around);
  return {
    form: "xml-dsig",
    ...{ block: "valid", content },
    ...(reason !== undefined && { reason }),
    chain: [signer, ...others],
    ...(claims.names(signer) === false && { isContradicted: true }),
    ...(claims.signedAt !== undefined && { signedAt: claims.signedAt }),
    ...(claims.commitments.length > 0 && { commitments: claims.commitments }),
    ...(evidence.timeStamps && { timeStamps: evidence.timeStamps }),
    ...(archiveStamps.length > 0 && { archiveStamps }),
    ...(evidence.revocation && { revocation: evidence.revocation }),
  };
}

interface Shape {
  readonly signedInfo: XmlElement;
  readonly canonicalisation: CanonicalXmlOptions;
  readonly method: XmlSignatureMethod;
  readonly value: Uint8Array;
  readonly references: readonly XmlReference[];
}

/** What SignedInfo says is signed, and how; everything about it is known before anything is computed. */
function shapeOf(root: XmlElement): Shape {
  if (!isDsig(root, "Signature")) throw new Unsupported("it is not an XML signature");
  if (descendants(root).some((element) => element !== root && isDsig(element, "Signature") && !isCounterSignature(element)))
    throw new Unsupported("it holds a second signature");
  const signedInfo = only(root, "SignedInfo");
  const canonicalisation = canonicalisationOf(only(signedInfo, "CanonicalizationMethod"));
  const method = signatureMethodOf(only(signedInfo, "SignatureMethod"));
  const value = bytesOf(only(root, "SignatureValue"));
  if (value === undefined) throw new Unsupported("its SignatureValue is not base64");
  return { signedInfo, canonicalisation, method, value, references: referencesOf(root, signedInfo) };
}

/** One that signs this signature, and stands beside it (XAdES CounterSignature): nothing is said of it. */
function isCounterSignature({ parent }: XmlElement): boolean {
  return parent?.local === "CounterSignature" && parent.parent?.local === "UnsignedSignatureProperties";
}

function isPart(reference: XmlReference): reference is XmlReference & { readonly part: XmlElement } {
  return reference.part !== undefined;
}

/** Something of the signature itself is not what its key signed. */
function invalidBlock(reason: string): Finding {
  return { form: "xml-dsig", block: "invalid", content: "not-checked", reason };
}

/** The certificate whose key signed; KeyInfo has them in any order. Undefined when none did. */
async function signerAmong(
  certificates: readonly Certificate[],
  method: XmlSignatureMethod,
  inputs: readonly Uint8Array[],
  value: Uint8Array,
): Promise<Certificate | undefined> {
  const fitting = certificates.filter(({ publicKey }) => isOfMethod(publicKey, method));
  const [first] = certificates;
  if (fitting.length === 0) throw new Unsupported(`it names a key of type ${first?.publicKey.keyType ?? ""} with another type's algorithm`);
  let isUndecided = method.isOpen === true;
  for (const certificate of fitting) {
    const isUsable = isUsableKey(certificate.publicKey);
    for (const input of isUsable ? inputs : []) {
      const isSigned = await platform.verify(method, certificate.publicKey, input, plainValue(value, method, certificate.publicKey));
      if (isSigned === true) return certificate;
      if (isSigned === undefined) isUndecided = true;
    }
    if (!isUsable) isUndecided = true;
  }
  if (isUndecided) throw new Unsupported("it names a key or parameters of a kind that is not checked here");
  return undefined;
}

/** A key that is for RSASSA-PSS alone signs by nothing else. */
function isOfMethod({ keyType }: PublicKey, method: SignatureMethod): boolean {
  return keyType === method.keyType || (keyType === "rsa-pss" && method.isPss === true);
}

type Content = Pick<Finding, "content" | "reason">;

interface DocumentContent extends Content {
  /** What was signed, where it was found. */
  readonly form?: Uint8Array;
}

/** Whether what was signed is the document: every reference that means it, or holds it, must say so. And where each led to. */
function contentOf(
  references: readonly XmlReference[],
  document: DocumentForms,
  budget: XmlBudget,
): Content & { readonly followed: readonly FollowedReference[] } {
  const digests = new FormDigests();
  const contents: (DocumentContent | undefined)[] = references.map((reference) =>
    isPart(reference) ? embeddedContent(reference.part, document, budget) : documentContent(reference, document, digests),
  );
  const followed = references.map((reference, at) => ({ reference, form: contents[at]?.form }));
  const said = contents.filter((content) => content !== undefined);
  const worst = said.find(({ content }) => content === "invalid") ?? said.find(({ content }) => content === "not-checked") ?? said[0];
  if (worst) return { ...worst, followed };
  const hasManifest = references.some(({ part }) => part && [part, ...elementsOf(part)].some((element) => isDsig(element, "Manifest")));
  return {
    content: "not-checked",
    followed,
    reason: hasManifest ? "it covers a list of references (Manifest), which are not checked" : "it does not cover the document",
  };
}

/** What a reference to something that is not within the signature comes to. */
function documentContent(reference: XmlReference, document: DocumentForms, digests: FormDigests): DocumentContent {
  try {
    const { uri = "" } = reference;
    if (uri.startsWith("#xpointer")) throw new Unsupported("it refers to what it covers by XPointer, which is never run");
    const isNamed = uri !== "" && uri !== "#";
    digestOf(reference.element);
    const transforms = documentTransformsOf(reference);
    const knowledge = transforms.fhir === undefined ? undefined : document.knowledgeOf(transforms.fhir);
    if (transforms.fhir !== undefined && !knowledge)
      throw new Unsupported(`its transform ${transforms.fhir.slice(0, 100)} is not one that is checked`);
    const { form, hasForms } = digests.fitting(reference, transforms, () => document.formsOf(transforms));
    if (form) return { ...contentIn(form, document), form: form.bytes };
    if (!hasForms) throw new Unsupported("the document cannot be written in the form that was signed");
    if (isNamed) throw new Unsupported(`it refers to ${uri.slice(0, 100)}, which is none of the forms of this document that are known`);
    if (knowledge?.isSettled === false) throw new Unsupported("it covers parts of the document in a form of which there is more than one reading");
    if (!knowledge && !document.hasSource) throw new Unsupported("it covers the XML that its sender wrote, which is not at hand");
    if (document.served !== undefined && knowledge?.coversServerFields !== false) throw new Unsupported(document.served);
    return { content: "invalid", reason: CONTENT_DIFFERS };
  } catch (error) {
    if (error instanceof Unsupported || error instanceof AppError) return { content: "not-checked", reason: error.message };
    throw error;
  }
}

/** What a form comes to that was signed. */
function contentIn({ bytes, isCut, gap }: DocumentForm, document: DocumentForms): Content {
  if (gap !== undefined) return { content: "not-checked", reason: gap };
  return isCut === true ? document.compare(bytes) : { content: "valid" };
}

/** What a part of the signature comes to that holds a document; undefined for any other part. */
function embeddedContent(part: XmlElement, document: DocumentForms, budget: XmlBudget): Content | undefined {
  if (isBundle(part)) return document.compare(xmlOf(part, budget));
  if (!isDsig(part, "Object")) return undefined;
  const [element, ...more] = elementsOf(part);
  const isAlone = more.length === 0 && part.children.every((child) => isElement(child) || (typeof child === "string" && child.trim() === ""));
  if (element) {
    if (!elementsOf(part).some(isBundle)) return undefined;
    return isAlone ? document.compare(xmlOf(element, budget)) : { content: "not-checked", reason: "it embeds more than one document" };
  }
  if (part.children.some((child) => typeof child !== "string")) return { content: "not-checked", reason: "a comment stands within what it embeds" };
  const text = textOf(part);
  if (text === "") return undefined;
  return document.compare(fromBase64(text.replace(/\s/g, "")) ?? utf8(text));
}

function isBundle({ uri, local }: XmlElement): boolean {
  return uri === FHIR && local === "Bundle";
}

/** A document taken out of its signature, without the identifier that it has for that. */
function xmlOf(bundle: XmlElement, budget: XmlBudget): Uint8Array {
  const attributes = bundle.attributes.filter(({ local }) => local.toLowerCase() !== "id");
  return utf8(canonicalXml({ ...bundle, attributes }, { isExclusive: true }, { budget }));
}
