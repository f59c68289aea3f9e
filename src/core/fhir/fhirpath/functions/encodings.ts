import { FhirPathError } from "../errors.ts";

const BUFFER_ENCODINGS: Readonly<Record<string, BufferEncoding>> = { hex: "hex", base64: "base64", urlbase64: "base64url" };

/** `encode` (FHIRPath 2.1): `hex`, `base64`, `urlbase64` with its padding. */
export function encoded(text: string, format: string): string {
  const code = Buffer.from(text, "utf8").toString(encodingOf(format));
  return format === "urlbase64" ? code.padEnd(Math.ceil(code.length / 4) * 4, "=") : code;
}

export function decoded(text: string, format: string): string {
  return Buffer.from(text, encodingOf(format)).toString("utf8");
}

function encodingOf(format: string): BufferEncoding {
  return BUFFER_ENCODINGS[format] ?? refuse(format);
}

const HTML_ENTITIES = [
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
] as const;

/** `escape` (FHIRPath 2.1) for `html` and `json`. */
export function escaped(text: string, target: string): string {
  if (target === "json") return JSON.stringify(text).slice(1, -1);
  if (target !== "html") return refuse(target);
  return HTML_ENTITIES.reduce((result, [character, entity]) => result.replaceAll(character, entity), text);
}

export function unescaped(text: string, target: string): string {
  if (target === "html") return HTML_ENTITIES.reduceRight((result, [character, entity]) => result.replaceAll(entity, character), text);
  if (target !== "json") return refuse(target);
  return text.replace(/\\(u[0-9A-Fa-f]{4}|["\\/bfnrt])/g, (escape) => String(JSON.parse(`"${escape}"`)));
}

function refuse(format: string): never {
  throw new FhirPathError(`'${format}' is not a known encoding.`);
}
