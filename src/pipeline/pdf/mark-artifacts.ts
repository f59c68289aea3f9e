/**
 * Marks what is painted outside of marked content as an artifact (ISO 32000-1 section 14.8.2.2.2; PDF/UA-1 section 7.1): running heads, grounds and lines, which the
 * browser leaves without a mark.
 */
import { skipLiteral, skipRegular, skipWhite } from "../../core/pdf/characters.ts";
import { latin1 } from "../../core/pdf/latin1.ts";
import { malformed } from "../../core/pdf/read-value.ts";

const PATHS = new Set(["m", "l", "c", "v", "y", "h", "re"]);
const PATH_PAINTS = new Set(["S", "s", "f", "F", "f*", "B", "B*", "b", "b*"]);
/** Paint at once: text, pictures and forms, shadings. */
const PAINTS = new Set(["Tj", "TJ", "'", '"', "Do", "sh"]);

const BEGIN = Buffer.from("/Artifact BMC\n", "latin1");
const END = Buffer.from("\nEMC", "latin1");

/** A content stream (section 7.8.2), deflation apart, with its unmarked paint marked. AppError `malformed` when it cannot be followed. */
export function markArtifacts(content: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let copied = 0;
  let depth = 0;
  /** Where the operands of the operator to come begin, and where the path that is being made does. */
  let operands = -1;
  let path = -1;
  /** Where a sequence begins that has a mark but no place in the structure, such as the letters that a glyph stands for; -1 within any other. */
  let loose = -1;
  const mark = (from: number, to: number): void => {
    parts.push(content.subarray(copied, from), BEGIN, content.subarray(from, to), END);
    copied = to;
  };

  for (let at = skipWhite(content, 0); at < content.length; at = skipWhite(content, at)) {
    const start = at;
    at = skipToken(content, start);
    if (operands < 0) operands = start;
    const operator = isOperator(content[start]) ? latin1(content, start, at) : undefined;
    if (operator === undefined || WORDS.has(operator)) continue;
    if (operator === "BI") throw malformed("it holds a picture within its content");
    if (operator === "BMC" || operator === "BDC") {
      const isPlaced = /\/MCID\b|^\/Artifact\b/.test(latin1(content, operands, start));
      if (depth === 0) loose = isPlaced ? -1 : operands;
      else if (isPlaced) loose = -1;
      depth += 1;
    } else if (operator === "EMC") {
      depth -= 1;
      if (depth === 0 && loose >= 0) mark(loose, at);
    } else if (depth === 0) {
      if (PATHS.has(operator) && path < 0) path = operands;
      else if (PATH_PAINTS.has(operator) && path >= 0) mark(path, at);
      else if (PAINTS.has(operator)) mark(operands, at);
    }
    if (PATH_PAINTS.has(operator) || operator === "n") path = -1;
    operands = -1;
  }
  if (depth !== 0) throw malformed("its marked content does not end");
  return parts.length === 0 ? content : new Uint8Array(Buffer.concat([...parts, content.subarray(copied)]));
}

/** Operands that look like operators. */
const WORDS = new Set(["true", "false", "null"]);

/** Operators begin with a letter or a quote; numbers, names, strings and the brackets of arrays and dictionaries do not. */
function isOperator(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x27 || byte === 0x22);
}

/** The place behind a token; brackets count one by one. */
function skipToken(content: Uint8Array, from: number): number {
  switch (content[from]) {
    case 0x28:
      return skipLiteral(content, from);
    case 0x3c: {
      if (content[from + 1] === 0x3c) return from + 2;
      const end = content.indexOf(0x3e, from);
      return end < 0 ? content.length : end + 1;
    }
    case 0x2f:
      return skipRegular(content, from + 1);
    default:
      return Math.max(skipRegular(content, from), from + 1);
  }
}
