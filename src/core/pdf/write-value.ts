/** Writes objects of a PDF (ISO 32000-1 section 7.3), the same value always in the same bytes. */
import { PdfReference, PdfStream, PdfString, type PdfDictionary, type PdfName, type PdfValue } from "./values.ts";

/** A value as its text, one character a byte. A stream only stands as an object of its own: `writeObject`. */
export function writeValue(value: Exclude<PdfValue, PdfStream>): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return nameText(value);
  if (value instanceof PdfString) return stringText(value.bytes);
  if (value instanceof PdfReference) return `${value.number} 0 R`;
  if (value instanceof Map) return dictionaryText(value as PdfDictionary);
  return `[${(value as readonly PdfValue[]).map(inner).join(" ")}]`;
}

/** An indirect object, from its number to `endobj` and a line feed. */
export function writeObject(number: number, value: PdfValue): Uint8Array {
  if (!(value instanceof PdfStream)) return Buffer.from(`${number} 0 obj\n${writeValue(value)}\nendobj\n`, "latin1");
  const dictionary = new Map(value.dictionary).set("/Length", value.bytes.length);
  return Buffer.concat([
    Buffer.from(`${number} 0 obj\n${writeValue(dictionary)} stream\n`, "latin1"),
    value.bytes,
    Buffer.from("\nendstream\nendobj\n", "latin1"),
  ]);
}

function dictionaryText(dictionary: PdfDictionary): string {
  const entries = [...dictionary].map(([key, value]) => `${nameText(key)} ${inner(value)}`);
  return `<<${entries.join("\n")}>>`;
}

function inner(value: PdfValue): string {
  if (value instanceof PdfStream) throw new TypeError("a stream within another object");
  return writeValue(value);
}

function numberText(value: number): string {
  const text = String(value);
  return /^-?\d+(\.\d+)?$/.test(text) ? text : value.toFixed(10);
}

function nameText(name: PdfName): string {
  return `/${name.slice(1).replace(/[^!-~]|[#()<>[\]{}/%]/g, (character) => `#${character.charCodeAt(0).toString(16).padStart(2, "0")}`)}`;
}

function stringText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  return /^[\x20-\x7e]*$/.test(text) ? `(${text.replace(/[\\()]/g, "\\$&")})` : `<${Buffer.from(bytes).toString("hex")}>`;
}
