/** Reading of a Signature element (R4 datatypes): what its data is, and what it says of itself. */
import type { JsonObject } from "../fhir/tree/tree.ts";
import { isSignedMessage } from "../cms/signed-message.ts";
import { fromBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { isCompact, isJsonSerialised } from "./jws.ts";
import type { SignatureCheck } from "./signature-check.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

/** Signature.data as text: it is base64 of the JWS or XML (R4), though some write the JWS itself. Undefined when there is none, it is not text, or it is too long. */
export function signatureText(signature: JsonObject | undefined): string | undefined {
  const data = dataOf(signature);
  if (data === undefined) return undefined;
  if (data.includes(".") && isCompact(data)) return data;
  const bytes = fromBase64(data);
  return bytes && plainText(utf8Text(bytes));
}

/** A JWS without the line ends that broke it, and what is in base64 once more. Anything else as it is. */
function plainText(text: string): string {
  if (!/^[\w+/=.\s-]*$/.test(text)) return text;
  const joined = text.replace(/\s/g, "");
  if (isCompact(joined)) return joined;
  const again = fromBase64(joined);
  const inner = again && utf8Text(again);
  return inner !== undefined && (isCompact(inner) || isJsonSerialised(inner) || isXml(inner)) ? inner : text;
}

/** Signature.data without white space. */
function dataOf(signature: JsonObject | undefined): string | undefined {
  const given = signature?.string("data");
  if (given === undefined || given.length > SIGNATURE_LIMITS.data) return undefined;
  const data = given.replace(/[ \t\r\n]/g, "");
  return data === "" ? undefined : data;
}

/** Signature.data as a signed message (CMS): base64 of its encoding, of its PEM (RFC 7468), or of that base64 once more. Undefined when it is none. */
export function signedMessageIn(signature: JsonObject | undefined): Uint8Array | undefined {
  const data = dataOf(signature);
  // Other forms are told by their first bytes, before all of it is read.
  const start = data === undefined ? undefined : fromBase64(data.slice(0, 32));
  if (data === undefined || start === undefined) return undefined;
  if (isSignedMessage(start)) return fromBase64(data);
  if (!MAY_BE_BASE64.test(utf8Text(start))) return undefined;
  const text = utf8Text(fromBase64(data) ?? new Uint8Array());
  const [, pem] = /^\s*-----BEGIN (?:CMS|PKCS7|PKCS #7 SIGNED DATA)-----([A-Za-z0-9+/=\s]+)-----END [A-Z0-9 #]+-----\s*$/.exec(text) ?? [];
  const bytes = fromBase64((pem ?? text).replace(/\s/g, ""));
  return bytes && isSignedMessage(bytes) ? bytes : undefined;
}

/** Base64 of a sequence, or a beginning of PEM. */
const MAY_BE_BASE64 = /^\s*(?:MI|-----BEGIN )/;

/** The canonical form that Signature.targetFormat names, if it names one. */
export function namedForm(signature: JsonObject | undefined): string | undefined {
  return /;\s*canonicalization=([^\s;]+)/.exec(signature?.string("targetFormat")?.slice(0, 1000) ?? "")?.[1];
}

/** Which form a signature is of, by its data and what it says. Nothing is checked. */
export function formOf(signature: JsonObject, text: string | undefined): SignatureCheck["form"] {
  const format = signature.string("sigFormat")?.slice(0, 100) ?? "";
  if (text !== undefined && (isCompact(text) || isJsonSerialised(text))) return "jws";
  if (isPicture(signature)) return "picture";
  if (text !== undefined && isXml(text)) return "xml-dsig";
  if (signedMessageIn(signature) || /pkcs-?7|\bcms\b/i.test(format)) return "cms";
  return /jose|jws/i.test(format) ? "jws" : "other";
}

/** Whether the data is a picture or a page, by its first bytes, or, where these are no other form's, by what the Signature says. */
export function isPicture(signature: JsonObject): boolean {
  const format = signature.string("sigFormat")?.slice(0, 100) ?? "";
  const start = fromBase64(dataOf(signature)?.slice(0, 64) ?? "") ?? new Uint8Array();
  if (PICTURES.some((magic) => magic.every((byte, at) => start[at] === byte))) return true;
  if (!/^\s*(?:image\/|application\/pdf\b)/i.test(format)) return false;
  return !isSignedMessage(start) && !/^\uFEFF?\s*<(?:\?xml|(?:\w+:)?Signature)\b/.test(utf8Text(start));
}

/** PNG, JPEG, GIF, PDF, WebP (RIFF), TIFF of both orders. */
const PICTURES: readonly (readonly number[])[] = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x47, 0x49, 0x46, 0x38],
  [0x25, 0x50, 0x44, 0x46],
  [0x52, 0x49, 0x46, 0x46],
  [0x49, 0x49, 0x2a, 0x00],
  [0x4d, 0x4d, 0x00, 0x2a],
];

export function isXml(text: string): boolean {
  return /^\uFEFF?\s*<[?A-Za-z]/.test(text);
}
