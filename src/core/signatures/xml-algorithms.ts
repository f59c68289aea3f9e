/** The algorithms of XML signatures (XML-DSig 1.1; RFC 9231, which replaced RFC 6931), by what their elements say. */
import type { CanonicalXmlOptions } from "../crypto/canonical-xml.ts";
import { fromBase64 } from "../crypto/base64.ts";
import type { Digest, PublicKey, SignatureMethod } from "../crypto/platform/platform.ts";
import { readEcdsaValue } from "../crypto/read-der.ts";
import { ECDSA_LENGTHS, fullNumbers } from "../crypto/signature-algorithms.ts";
import { attributeOf, elementsOf, textOf, type XmlElement } from "../crypto/xml-tree.ts";

export const DSIG = "http://www.w3.org/2000/09/xmldsig#";
export const MORE_2001 = "http://www.w3.org/2001/04/xmldsig-more#";
export const MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#";
export const MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#";
export const ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#";
export const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
export const C14N_11 = "http://www.w3.org/2006/12/xml-c14n11";

/** Something that is not known or not accepted: nothing is said of what depends on it. The message is a clause about *it*. */
export class Unsupported extends Error {}

const CANONICALISATIONS: Readonly<Record<string, CanonicalXmlOptions>> = {
  [C14N]: { isExclusive: false },
  [`${C14N}#WithComments`]: { isExclusive: false, hasComments: true },
  [C14N_11]: { isExclusive: false, isVersion11: true },
  [`${C14N_11}#WithComments`]: { isExclusive: false, isVersion11: true, hasComments: true },
  [EXCLUSIVE]: { isExclusive: true },
  [`${EXCLUSIVE}WithComments`]: { isExclusive: true, hasComments: true },
};

/** What XML-DSig takes where nothing is said (section 4.4.3.2): Canonical XML 1.0 without comments. */
export const DEFAULT_CANONICALISATION: CanonicalXmlOptions = { isExclusive: false };

const DIGESTS: Readonly<Record<string, Digest>> = {
  [`${ENCRYPTION}sha256`]: "sha256",
  [`${MORE_2001}sha384`]: "sha384",
  [`${ENCRYPTION}sha512`]: "sha512",
  [`${MORE_2007}sha3-256`]: "sha3-256",
  [`${MORE_2007}sha3-384`]: "sha3-384",
  [`${MORE_2007}sha3-512`]: "sha3-512",
};

const SIGNATURE_METHODS: Readonly<Record<string, SignatureMethod>> = {
  [`${MORE_2001}rsa-sha256`]: { hash: "sha256", keyType: "rsa" },
  [`${MORE_2001}rsa-sha384`]: { hash: "sha384", keyType: "rsa" },
  [`${MORE_2001}rsa-sha512`]: { hash: "sha512", keyType: "rsa" },
  [`${MORE_2007}sha256-rsa-MGF1`]: { hash: "sha256", keyType: "rsa", isPss: true },
  [`${MORE_2007}sha384-rsa-MGF1`]: { hash: "sha384", keyType: "rsa", isPss: true },
  [`${MORE_2007}sha512-rsa-MGF1`]: { hash: "sha512", keyType: "rsa", isPss: true },
  [`${MORE_2001}ecdsa-sha256`]: { hash: "sha256", keyType: "ec" },
  [`${MORE_2001}ecdsa-sha384`]: { hash: "sha384", keyType: "ec" },
  [`${MORE_2001}ecdsa-sha512`]: { hash: "sha512", keyType: "ec" },
  [`${MORE_2021}eddsa-ed25519`]: { hash: "sha512", keyType: "ed25519" },
  [`${MORE_2021}eddsa-ed448`]: { hash: "sha512", keyType: "ed448" },
};
const PSS = `${MORE_2007}rsa-pss`;

/** Algorithms by which nobody can prove anything any more. */
const WEAK = new Set([
  `${DSIG}sha1`,
  `${DSIG}rsa-sha1`,
  `${DSIG}dsa-sha1`,
  `${MORE_2001}ecdsa-sha1`,
  `${MORE_2007}sha1-rsa-MGF1`,
  `${MORE_2001}md5`,
  `${MORE_2001}rsa-md5`,
  `${MORE_2001}rsa-ripemd160`,
]);

/** How an element (CanonicalizationMethod, or a Transform of that kind) has another one written. Unsupported for an algorithm or parameters that are not known. */
export function canonicalisationOf(element: XmlElement): CanonicalXmlOptions {
  const options = known(CANONICALISATIONS, element, "canonicalisation");
  const [list, ...more] = elementsOf(element);
  if (list === undefined) return options;
  if (!options.isExclusive || more.length > 0 || list.uri !== EXCLUSIVE || list.local !== "InclusiveNamespaces")
    throw new Unsupported("it names a canonicalisation with parameters that are not known");
  const prefixes = (attributeOf(list, "PrefixList") ?? "").split(/[ \t\r\n]+/).filter((prefix) => prefix !== "");
  return { ...options, inclusivePrefixes: prefixes.map((prefix) => (prefix === "#default" ? "" : prefix)) };
}

export function isCanonicalisation(element: XmlElement): boolean {
  return Object.hasOwn(CANONICALISATIONS, algorithmOf(element));
}

/** The hash that the DigestMethod of an element names. */
export function digestOf(holder: XmlElement): Digest {
  return known(DIGESTS, only(holder, "DigestMethod"), "digest");
}

/** The same, with SHA-1, by which a name may be compared where nothing rests on it; undefined for one that is not known. */
export function nameDigestOf(holder: XmlElement): Digest | undefined {
  const algorithm = algorithmOf(only(holder, "DigestMethod"));
  return algorithm === `${DSIG}sha1` ? "sha1" : Object.hasOwn(DIGESTS, algorithm) ? DIGESTS[algorithm] : undefined;
}

/** How an XML signature was made. */
export interface XmlSignatureMethod extends SignatureMethod {
  /** It leaves the mask of RSASSA-PSS unsaid, which some take for that of its hash (as here), others for that of SHA-256: a value that does not fit proves nothing. */
  readonly isOpen?: boolean;
}

/** How SignatureMethod says that it was signed. Unsupported for what is not known, or proves nothing any more. */
export function signatureMethodOf(element: XmlElement): XmlSignatureMethod {
  if (algorithmOf(element) === PSS) return pssMethod(element);
  const method = known(SIGNATURE_METHODS, element, "signature algorithm");
  if (elementsOf(element).length > 0) throw new Unsupported("it names a signature algorithm with parameters that are not known");
  return method;
}

const HASHES_OF_PSS: Readonly<Record<string, { readonly hash: SignatureMethod["hash"]; readonly length: number }>> = {
  [`${ENCRYPTION}sha256`]: { hash: "sha256", length: 32 },
  [`${MORE_2001}sha384`]: { hash: "sha384", length: 48 },
  [`${ENCRYPTION}sha512`]: { hash: "sha512", length: 64 },
};
const MASK = `${MORE_2007}MGF1`;

/** RFC 9231 section 2.3.9: SHA-256, and a salt as long as the hash, where nothing else is said. A mask of another hash is not checked. */
function pssMethod(element: XmlElement): XmlSignatureMethod {
  const [parameters, ...more] = elementsOf(element);
  const parts = new Map((parameters ? elementsOf(parameters) : []).map((part) => [part.local, part]));
  const digest = parts.get("DigestMethod");
  const { hash, length } = digest ? known(HASHES_OF_PSS, digest, "digest") : { hash: "sha256" as const, length: 32 };
  const mask = parts.get("MaskGenerationFunction");
  const [maskDigest] = mask ? elementsOf(mask) : [];
  const maskHash = maskDigest ? known(HASHES_OF_PSS, maskDigest, "digest").hash : hash;
  const isKnown = more.length === 0 && (parameters === undefined || parameters.local === "RSAPSSParams") && maskHash === hash;
  if (!isKnown || (mask && algorithmOf(mask) !== MASK) || !isOnlyTrailer(parts.get("TrailerField")))
    throw new Unsupported("it names RSASSA-PSS with parameters that are not checked");
  const salt = parts.get("SaltLength");
  const saltLength = salt ? Number(valueOf(salt)) : length;
  if (!Number.isInteger(saltLength) || saltLength < 0 || saltLength > 1000)
    throw new Unsupported("it names RSASSA-PSS with a salt that is not checked");
  return { hash, keyType: "rsa", isPss: true, saltLength, ...(!maskDigest && hash !== "sha256" && { isOpen: true }) };
}

/** Whether the trailer is the one that there is. */
function isOnlyTrailer(trailer: XmlElement | undefined): boolean {
  return trailer === undefined || valueOf(trailer) === "1";
}

/**
 * The value of a signature as it is checked: of ECDSA, both numbers in their full length. Unsupported where they are written in DER, as other messages have them.
 */
export function plainValue(value: Uint8Array, { keyType }: SignatureMethod, { curve = "" }: PublicKey): Uint8Array {
  const length = keyType === "ec" ? ECDSA_LENGTHS[curve] : undefined;
  if (length === undefined || value.length === 2 * length) return value;
  if (readEcdsaValue(value, length)) throw new Unsupported("its value is written in DER, not as XML signatures have it");
  return fullNumbers(value, curve);
}

/** What an element's Algorithm means by a table. Unsupported where it is not in it. */
export function known<Value>(table: Readonly<Record<string, Value>>, element: XmlElement, what: string): Value {
  const algorithm = algorithmOf(element);
  if (WEAK.has(algorithm)) throw new Unsupported(`it rests on ${algorithm.replace(/^.*#/, "")}, which proves nothing any more`);
  if (!Object.hasOwn(table, algorithm)) throw new Unsupported(`its ${what} ${algorithm.slice(0, 100)} is not one that is checked`);
  return table[algorithm] as Value;
}

export function algorithmOf(element: XmlElement): string {
  return attributeOf(element, "Algorithm") ?? "";
}

/** The one child of this name in the namespace of signatures. */
export function only(parent: XmlElement, name: string): XmlElement {
  const found = elementsOf(parent).filter((element) => isDsig(element, name));
  const [element] = found;
  if (element === undefined || found.length > 1) throw new Unsupported(`it has not exactly one ${name}`);
  return element;
}

export function isDsig(element: XmlElement, name: string): boolean {
  return element.uri === DSIG && element.local === name;
}

/** The text of an element that has nothing else. A comment or an element within a value is what readers take differently, and no honest signature has it. */
export function valueOf(element: XmlElement): string {
  if (element.children.some((child) => typeof child !== "string")) throw new Unsupported(`its ${element.local} holds more than a value`);
  return textOf(element);
}

/** The bytes of an element's base64, white space apart; undefined when it is none. */
export function bytesOf(element: XmlElement): Uint8Array | undefined {
  return fromBase64(valueOf(element).replace(/\s/g, ""));
}
