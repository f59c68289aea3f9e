/** Reading of a Signature element (R4 datatypes): what its data is, and what it says of itself. */
import type { JsonObject } from "../fhir/tree/tree.ts";
import { fromBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { isCompact } from "./jws.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

/** Signature.data as text: it is base64 of the JWS or XML (R4), though some write the JWS itself. Undefined when there is none, it is not text, or it is too long. */
export function signatureText(signature: JsonObject | undefined): string | undefined {
  const given = signature?.string("data");
  if (given === undefined || given.length > SIGNATURE_LIMITS.data) return undefined;
  const data = given.replace(/[ \t\r\n]/g, "");
  if (data === "") return undefined;
  if (data.includes(".") && isCompact(data)) return data;
  const bytes = fromBase64(data);
  return bytes && utf8Text(bytes);
}

/** The canonical form that Signature.targetFormat names, if it names one. */
export function namedForm(signature: JsonObject | undefined): string | undefined {
  return /;\s*canonicalization=([^\s;]+)/.exec(signature?.string("targetFormat")?.slice(0, 1000) ?? "")?.[1];
}

/** Which form a signature is of, by its data and what it says. Nothing is checked. */
export function formOf(signature: JsonObject, text: string | undefined): "jws" | "xml-dsig" | "other" {
  if (text !== undefined && isCompact(text)) return "jws";
  if (text !== undefined && isXml(text)) return "xml-dsig";
  return /jose|jws/i.test(signature.string("sigFormat")?.slice(0, 100) ?? "") ? "jws" : "other";
}

export function isXml(text: string): boolean {
  return /^\uFEFF?\s*<[?A-Za-z]/.test(text);
}
