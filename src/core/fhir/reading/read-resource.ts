import type { Issue } from "../issue.ts";
import { readJson } from "../json/read-json.ts";
import { NOWHERE, type JsonObject } from "../tree/tree.ts";
import type { ReadingRule } from "./reading-rules.ts";
import type { Definitions } from "../r4/definitions.ts";
import type { ReadLimits } from "./read-limits.ts";
import { fhirMediaTypeOf, SIGNED_MESSAGE, type DocumentMediaType } from "./fhir-media-type.ts";
import { openMessage, withMessage } from "./message-within.ts";
import { SourceText } from "./source-text.ts";
import { readXml } from "../xml/read-xml.ts";

/** What bytes hold: `resource` is undefined when they are not well-formed; `source` gives the lines and columns of the issues' offsets. */
export interface ResourceReading {
  readonly source: SourceText;
  readonly resource: JsonObject | undefined;
  readonly issues: readonly Issue[];
}

/** Readers of text. */
const READERS = { "application/fhir+json": readJson, "application/fhir+xml": readXml } as const;

/**
 * Reads bytes as a resource. A document within a signed message is read as what it is there, with the message as its signature. They must be UTF-8 (R4 json.html and xml.html): anything else is fatal, because a reader that guesses shows other words than were
 * sent. A byte order mark stays in the text, so that offsets are those of the file; it is legal in XML and a warning in JSON.
 */
export function readResource(bytes: Uint8Array, mediaType: DocumentMediaType, limits: ReadLimits, definitions: Definitions): ResourceReading {
  if (mediaType === SIGNED_MESSAGE) {
    const message = openMessage(bytes);
    if (typeof message === "string") return { source: new SourceText(""), resource: undefined, issues: [messageIssue(message)] };
    const { source, resource, issues } = readResource(message, textTypeOf(message), limits, definitions);
    if (resource?.has("signature") === true) return { source, resource: undefined, issues: [messageIssue(SIGNED_TWICE)] };
    return { source, resource: resource && withMessage(resource, bytes), issues };
  }
  const text = utf8Text(bytes);
  if (text === undefined) {
    const source = new SourceText(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    return { source, resource: undefined, issues: [encodingIssue(bytes)] };
  }
  const source = new SourceText(text, true);
  const { resource, issues } = READERS[mediaType](source, limits, definitions);
  return { source, resource, issues };
}

const SIGNED_TWICE = "the document within has a signature of its own: send it as it is within";

function messageIssue(reason: string): Issue {
  const text = `The signed message (CMS) cannot be taken as a document: ${reason}.`;
  return { severity: "fatal", code: "structure", rule: "unreadable" satisfies ReadingRule<"fatal">, text, offset: NOWHERE };
}

/** What is within is text: another message is none. */
function textTypeOf(bytes: Uint8Array): keyof typeof READERS {
  const mediaType = fhirMediaTypeOf(bytes);
  return mediaType === SIGNED_MESSAGE ? "application/fhir+json" : mediaType;
}

function encodingIssue(bytes: Uint8Array): Issue {
  const at = firstFault(bytes);
  const byte = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, "0");
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const text = isUtf16
    ? "The content is UTF-16; FHIR is sent in UTF-8."
    : `The content is not UTF-8, in which FHIR is sent: byte ${at} (hexadecimal ${byte}) begins no character. It may be in another encoding, such as ISO 8859-1.`;
  const offset = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, at)).length;
  return { severity: "fatal", code: "structure", rule: "encoding" satisfies ReadingRule<"fatal">, text, offset };
}

/** The text of UTF-8; undefined when it is none. */
function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  return utf8Text(bytes) !== undefined;
}

/** Bytes that are looked at together: halving then goes over few of them, however large the file. */
const STRETCH = 65_536;

/** Where the first byte stands that is not part of a character: the longest beginning that is UTF-8, found stretch by stretch, then by halving. */
function firstFault(bytes: Uint8Array): number {
  let start = 0;
  while (start < bytes.length) {
    const end = start + STRETCH < bytes.length ? startOfCharacter(bytes, start + STRETCH) : bytes.length;
    if (end <= start || !isUtf8(bytes.subarray(start, end))) break;
    start = end;
  }
  return start + firstFaultIn(bytes.subarray(start, start + STRETCH));
}

function firstFaultIn(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, middle)) || isUtf8(bytes.subarray(0, startOfCharacter(bytes, middle)))) low = middle;
    else high = middle - 1;
  }
  return isUtf8(bytes.subarray(0, low)) ? low : startOfCharacter(bytes, low);
}

/** The place before the character that a cut at `at` may have cut through: at most three bytes earlier. */
function startOfCharacter(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && start > at - 3 && ((bytes[start - 1] ?? 0) & 0xc0) === 0x80) start--;
  return start > 0 && (bytes[start - 1] ?? 0) >= 0xc0 ? start - 1 : at;
}
