/** Names in certificates (RFC 5280 section 4.1.2.4), written and compared as OpenSSL does. */
import { DerError, identifierIn, readDer, TAG, valuesIn, type DerValue } from "../read-der.ts";

interface NameAttribute {
  /** OpenSSL's short name, or the object identifier. */
  readonly name: string;
  readonly value: string;
  /** What is compared. */
  readonly key: string;
}

/** A name: attributes in the sets in which they stand, most often one in each. */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

export function readName(value: DerValue | undefined): DistinguishedName {
  return valuesIn(value, TAG.sequence).map((set) =>
    valuesIn(set, TAG.set).map((attribute) => {
      const [type, text] = valuesIn(attribute, TAG.sequence);
      const identifier = identifierIn(type);
      if (text === undefined) throw new DerError("an attribute without a value");
      return { name: SHORT_NAMES[identifier] ?? identifier, value: textOf(text), key: `${identifier}=${comparable(text)}` };
    }),
  );
}

/** The subject of a certificate in DER; a name without attributes where it cannot be read. */
export function subjectIn(certificate: Uint8Array): DistinguishedName {
  try {
    const fields = valuesIn(valuesIn(readDer(certificate), TAG.sequence)[0], TAG.sequence);
    // Before serial number, algorithm, issuer and period there may stand the version.
    return readName(fields[fields[0]?.tag === VERSION ? 5 : 4]);
  } catch {
    return [];
  }
}

/** Tag of a certificate's version. */
export const VERSION = 0xa0;

/** Whether two names mean the same: case (of ASCII), and how much white space there is, make no difference (RFC 5280 section 7.1). */
export function isSameName(one: DistinguishedName, other: DistinguishedName): boolean {
  return keyOfName(one) === keyOfName(other);
}

/** The same for names that mean the same, and for no others. */
export function keyOfName(name: DistinguishedName): string {
  return JSON.stringify(name.map((set) => set.map((attribute) => attribute.key).sort()));
}

/** A line for each set: `CN=Dr A. Meyer`, with the escapes of RFC 2253 section 2.4, and control characters in hex. */
export function writeName(name: DistinguishedName): string {
  return name.map((set) => set.map((attribute) => `${attribute.name}=${escaped(attribute.value)}`).join(" + ")).join("\n");
}

function escaped(value: string): string {
  return value
    .replace(/[,+"\\<>;]|^[ #]| $/g, "\\$&")
    .replace(/[\0-\x1f\x7f]/g, (control) => `\\${control.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

/** The text of a string. */
function textOf({ tag, content }: DerValue): string {
  if (!TEXTS.has(tag) && tag !== TAG.numericString) throw new DerError("not a string");
  if (tag === TAG.utf8String) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  const width = tag === TAG.bmpString ? 2 : tag === TAG.universalString ? 4 : 1;
  if (content.length % width !== 0) throw new DerError("half a character");
  let text = "";
  for (let at = 0; at < content.length; at += width) {
    let code = 0;
    for (let byte = at; byte < at + width; byte += 1) code = code * 256 + (content[byte] ?? 0);
    // Throws for what is no character.
    text += String.fromCodePoint(code);
  }
  return text;
}

function comparable(value: DerValue): string {
  const text = textOf(value);
  if (!TEXTS.has(value.tag)) return `${value.tag}:${text}`;
  return `text:${text
    .replace(/[ \t\n\v\f\r]+/g, " ")
    .replace(/^ | $/g, "")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())}`;
}

/** Types whose values are compared as text. */
const TEXTS: ReadonlySet<number> = new Set([
  TAG.utf8String,
  TAG.printableString,
  TAG.teletexString,
  TAG.ia5String,
  TAG.visibleString,
  TAG.universalString,
  TAG.bmpString,
]);

const SHORT_NAMES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "street",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.13": "description",
  "2.5.4.15": "businessCategory",
  "2.5.4.16": "postalAddress",
  "2.5.4.17": "postalCode",
  "2.5.4.20": "telephoneNumber",
  "2.5.4.41": "name",
  "2.5.4.42": "GN",
  "2.5.4.43": "initials",
  "2.5.4.44": "generationQualifier",
  "2.5.4.45": "x500UniqueIdentifier",
  "2.5.4.46": "dnQualifier",
  "2.5.4.65": "pseudonym",
  "2.5.4.97": "organizationIdentifier",
  "1.2.840.113549.1.9.1": "emailAddress",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
};
