/**
 * XML signatures (XML-DSig 1.1, with XAdES properties) of FHIR documents, as narrow as it can be: exactly one Signature, in one place, with exactly one reference to the document
 * and at most one to its own signed properties. What is digested is the form that we computed ourselves; nothing in the signature can lead to other content.
 */
import { AppError } from "../errors.ts";
import { fromBase64 } from "../crypto/base64.ts";
import { canonicalXml } from "../crypto/canonical-xml.ts";
import { utf8 } from "../crypto/bytes.ts";
import { readChain, type Certificate, type PublicKey } from "../crypto/certificate.ts";
import { isUsableKey } from "../crypto/certificate-path.ts";
import { equalBytes, hashOf } from "../crypto/digest.ts";
import { platform } from "../crypto/platform/here.ts";
import type { Hash, SignatureMethod } from "../crypto/platform/platform.ts";
import { CONTENT_DIFFERS, unchecked, type Finding } from "./signature-finding.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { attributeOf, descendants, elementsOf, readXmlTree, textOf, type XmlElement } from "../crypto/xml-tree.ts";

/** Gives the document in the canonical forms that a transform names, by a canonicalisation; none for a transform that it does not know. Made only when they are asked for. */
export interface DocumentForms {
  isKnown(transform: string): boolean;
  formsOf(transform: string, isExclusive: boolean): Iterable<Uint8Array>;
}

const DSIG = "http://www.w3.org/2000/09/xmldsig#";
const XADES = "http://uri.etsi.org/01903/v1.3.2#";
const SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties";

/** Canonical XML 1.1 differs from 1.0 only in what it inherits of xml:id and xml:base, neither of which occurs here. */
const CANONICALISATIONS: Readonly<Record<string, { readonly isExclusive: boolean }>> = {
  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": { isExclusive: false },
  "http://www.w3.org/2006/12/xml-c14n11": { isExclusive: false },
  "http://www.w3.org/2001/10/xml-exc-c14n#": { isExclusive: true },
};
const DIGESTS: Readonly<Record<string, Hash>> = {
  "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
};

const SIGNATURE_METHODS: Readonly<Record<string, SignatureMethod>> = {
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": { hash: "sha256", keyType: "rsa" },
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": { hash: "sha384", keyType: "rsa" },
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": { hash: "sha512", keyType: "rsa" },
  "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1": { hash: "sha256", keyType: "rsa", isPss: true },
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": { hash: "sha256", keyType: "ec" },
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": { hash: "sha384", keyType: "ec" },
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": { hash: "sha512", keyType: "ec" },
};

/** Something that we do not know or do not accept: nothing is said about the signature. */
class Unsupported extends Error {}

/** Checks the text of a ds:Signature over a document. Never throws. */
export async function checkXmlSignature(text: string, document: DocumentForms): Promise<Finding> {
  try {
    if (text.length > SIGNATURE_LIMITS.xml) throw new Unsupported(`it is longer than ${SIGNATURE_LIMITS.xml} characters`);
    const limits = { elements: SIGNATURE_LIMITS.xmlElements, attributes: SIGNATURE_LIMITS.xmlAttributes };
    return await check(readXmlTree(text.replace(/^\uFEFF/, ""), limits), document);
  } catch (error) {
    if (error instanceof Unsupported || error instanceof AppError) return unchecked("xml-dsig", error.message);
    return unchecked("xml-dsig", "it cannot be checked");
  }
}

/** Everything that is cheap comes first: the shape, the signature value, the signer's own properties. The document is canonicalised for a signature that is whole in itself alone. */
async function check(root: XmlElement, document: DocumentForms): Promise<Finding> {
  const { signedInfo, canonicalisation, method, documentReference, propertiesReference, transforms } = shapeOf(root, document);
  const chain = certificatesIn(root);
  const [certificate] = chain;
  if (certificate === undefined) return { ...unchecked("xml-dsig", "it names no certificate (X509Certificate)"), hasNoCertificate: true };
  const signature = fromBase64(textOf(only(root, "SignatureValue")).replace(/\s/g, ""));
  if (signature === undefined) throw new Unsupported("its SignatureValue is not base64");
  if (!(await isSignedBy(certificate.publicKey, method, utf8(canonicalXml(signedInfo, canonicalisation)), signature)))
    return invalidBlock("the signature is not that of its certificate's key");

  const signedProperties = propertiesReference && signedPropertiesOf(root, propertiesReference);
  if (propertiesReference && signedProperties) {
    const isIntact = propertyTransforms(propertiesReference).some((transform) =>
      hasDigest(propertiesReference, utf8(canonicalXml(signedProperties, transform))),
    );
    if (!isIntact) return invalidBlock("its signed properties were altered");
  }
  const signingTime = signedProperties && descendants(signedProperties).find((element) => element.uri === XADES && element.local === "SigningTime");
  const signedAt = signingTime && textOf(signingTime);
  const block: Finding = {
    form: "xml-dsig",
    block: "valid",
    content: "not-checked",
    chain,
    ...(signedProperties && !namesCertificate(signedProperties, certificate) && { isContradicted: true }),
    ...(signedAt !== undefined && { signedAt }),
    commitments: signedProperties ? commitmentsIn(signedProperties) : [],
  };
  let hasForm = false;
  for (const form of document.formsOf(transforms.transform, transforms.isExclusive)) {
    if (hasDigest(documentReference, form)) return { ...block, content: "valid" };
    hasForm = true;
  }
  if (!hasForm) return { ...block, reason: "the document cannot be written in the form that was signed" };
  return { ...block, content: "invalid", reason: CONTENT_DIFFERS };
}

/** What SignedInfo says is signed, and how; everything about it is known before anything is computed. */
function shapeOf(root: XmlElement, document: DocumentForms) {
  if (!isDsig(root, "Signature")) throw new Unsupported("it is not an XML signature");
  if (descendants(root).some((element) => element !== root && isDsig(element, "Signature"))) throw new Unsupported("it holds a second signature");
  const signedInfo = only(root, "SignedInfo");
  const canonicalisation = known(CANONICALISATIONS, only(signedInfo, "CanonicalizationMethod"), "canonicalisation");
  if (elementsOf(only(signedInfo, "CanonicalizationMethod")).length > 0) throw new Unsupported("a canonicalisation with parameters");
  const method = known(SIGNATURE_METHODS, only(signedInfo, "SignatureMethod"), "signature algorithm");
  const references = elementsOf(signedInfo).filter((element) => isDsig(element, "Reference"));
  const [propertiesReference, ...moreProperties] = references.filter((reference) => attributeOf(reference, "Type") === SIGNED_PROPERTIES);
  const [documentReference, ...moreDocuments] = references.filter((reference) => attributeOf(reference, "Type") !== SIGNED_PROPERTIES);
  if (documentReference === undefined || moreDocuments.length > 0 || moreProperties.length > 0)
    throw new Unsupported("it does not refer to the document exactly once");
  for (const reference of references) known(DIGESTS, only(reference, "DigestMethod"), "digest");
  const uri = attributeOf(documentReference, "URI");
  if (uri !== undefined && uri !== "" && uri !== "#") throw new Unsupported(`it refers to ${uri.slice(0, 100)}, not to the document`);
  const transforms = documentTransforms(documentReference);
  if (!document.isKnown(transforms.transform)) throw new Unsupported(`transform ${transforms.transform.slice(0, 100)}`);
  return { signedInfo, canonicalisation, method, documentReference, propertiesReference, transforms };
}

/** Something of the signature itself is not what its key signed. */
function invalidBlock(reason: string): Finding {
  return { form: "xml-dsig", block: "invalid", content: "not-checked", reason };
}

async function isSignedBy(key: PublicKey, method: SignatureMethod, input: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (key.keyType !== method.keyType) throw new Unsupported(`a key of type ${key.keyType} with another type's algorithm`);
  if (!isUsableKey(key)) throw new Unsupported("a key of a size or curve that is not checked");
  const isSigned = await platform.verify(method, key, input, signature);
  if (isSigned === undefined) throw new Unsupported("a key of a curve or kind that cannot be checked here");
  return isSigned;
}

/** One transform of FHIR's, and behind it at most one canonicalisation; without it, Canonical XML 1.0 (XML-DSig section 4.4.3.2). */
function documentTransforms(reference: XmlElement): { transform: string; isExclusive: boolean } {
  const [first, second, ...rest] = transformsOf(reference);
  if (first === undefined || rest.length > 0) throw new Unsupported("its reference to the document has not one transform of FHIR's");
  return {
    transform: attributeOf(first, "Algorithm") ?? "",
    isExclusive: second ? known(CANONICALISATIONS, second, "canonicalisation").isExclusive : false,
  };
}

/** Without a transform it is Canonical XML 1.0; HL7's own tools digest the exclusive form then, which says the same of the same element. */
function propertyTransforms(reference: XmlElement): { readonly isExclusive: boolean }[] {
  const [first, ...rest] = transformsOf(reference);
  if (rest.length > 0) throw new Unsupported("its signed properties have more than one transform");
  return first ? [known(CANONICALISATIONS, first, "canonicalisation")] : [{ isExclusive: false }, { isExclusive: true }];
}

/** Transforms without parameters, such as a prefix list or an XPath, which would change what they mean. */
function transformsOf(reference: XmlElement): XmlElement[] {
  const lists = elementsOf(reference).filter((element) => isDsig(element, "Transforms"));
  if (lists.length > 1) throw new Unsupported("a reference has two lists of transforms");
  const transforms = lists.flatMap(elementsOf);
  if (transforms.some((transform) => !isDsig(transform, "Transform") || elementsOf(transform).length > 0))
    throw new Unsupported("a transform with parameters");
  return transforms;
}

/** The one element that the reference means: the SignedProperties of this signature, of an Id that nothing else has. */
function signedPropertiesOf(root: XmlElement, reference: XmlElement): XmlElement {
  const id = attributeOf(reference, "URI")?.replace(/^#/, "");
  const named = descendants(root).filter((element) => ["Id", "ID", "id"].some((name) => attributeOf(element, name) === id));
  const [element] = named;
  if (element === undefined || named.length > 1 || element.uri !== XADES || element.local !== "SignedProperties")
    throw new Unsupported("its reference to signed properties does not lead to one element of that kind");
  return element;
}

/** Whether the properties, if they name certificates at all (SigningCertificate, SigningCertificateV2), name this one. */
function namesCertificate(signedProperties: XmlElement, certificate: Certificate): boolean {
  const digests = descendants(signedProperties).filter((element) => element.uri === XADES && element.local === "CertDigest");
  return (
    digests.length === 0 ||
    digests.some(
      (digest) => DIGESTS[attributeOf(only(digest, "DigestMethod"), "Algorithm") ?? ""] !== undefined && hasDigest(digest, certificate.raw),
    )
  );
}

/** The commitments that the signed properties state (XAdES, CommitmentTypeId). */
function commitmentsIn(signedProperties: XmlElement): string[] {
  const named = descendants(signedProperties).filter((element) => element.uri === XADES && element.local === "CommitmentTypeId");
  const identifiers = named.flatMap(elementsOf).filter((element) => element.uri === XADES && element.local === "Identifier");
  return identifiers.map(textOf);
}

function hasDigest(holder: XmlElement, bytes: Uint8Array): boolean {
  const hash = known(DIGESTS, only(holder, "DigestMethod"), "digest");
  const expected = fromBase64(textOf(only(holder, "DigestValue")).replace(/\s/g, ""));
  return expected !== undefined && equalBytes(hashOf(hash, bytes), expected);
}

function certificatesIn(root: XmlElement): readonly Certificate[] {
  const elements = elementsOf(root)
    .filter((element) => isDsig(element, "KeyInfo"))
    .flatMap((element) => descendants(element))
    .filter((element) => isDsig(element, "X509Certificate"));
  if (elements.length > SIGNATURE_LIMITS.certificates) throw new Unsupported(`it brings more than ${SIGNATURE_LIMITS.certificates} certificates`);
  const chain = readChain(elements.map(textOf));
  if (typeof chain === "string") throw new Unsupported(chain);
  return chain;
}

function known<Value>(table: Readonly<Record<string, Value>>, element: XmlElement, what: string): Value {
  const algorithm = attributeOf(element, "Algorithm") ?? "";
  if (!Object.hasOwn(table, algorithm)) throw new Unsupported(`${what} ${algorithm.slice(0, 100)}`);
  return table[algorithm] as Value;
}

function only(parent: XmlElement, name: string): XmlElement {
  const found = elementsOf(parent).filter((element) => isDsig(element, name));
  const [element] = found;
  if (element === undefined || found.length > 1) throw new Unsupported(`it has not exactly one ${name}`);
  return element;
}

function isDsig(element: XmlElement, name: string): boolean {
  return element.uri === DSIG && element.local === name;
}
