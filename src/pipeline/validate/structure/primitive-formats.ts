/**
 * What the text of each primitive type must be (R4 datatypes.html, Primitive Types). The patterns are those of the definitions, except where theirs repeat a group (base64Binary,
 * code, oid: time that grows faster than the text, or a matcher that runs out of stack), or where prose says more than a pattern can (dates that exist, lengths, control characters).
 */
import { withSeconds } from "../../../core/fhir/dates.ts";
import { isRuleId, type RuleId } from "../catalogue/catalogue.ts";

export type JsonKind = "boolean" | "number" | "string";

/** Why a text is no value of a type, as the end of a sentence ("… is not a valid date: …"); undefined when it is one. */
export type Format = (text: string) => string | undefined;

/** How a primitive stands in JSON (R4 json.html). */
export function jsonKindOf(type: string): JsonKind {
  if (type === "boolean") return "boolean";
  return NUMBERS.has(type) ? "number" : "string";
}

/**
 * The format of a primitive type, which its definition's pattern is a part of. That of xhtml is the narrative's own check, and JSON tells what is a boolean.
 */
export function formatOf(type: string, pattern: RegExp | undefined): Format {
  if (type === "xhtml" || type === "boolean") return () => undefined;
  const plain = PLAIN[type];
  if (!plain) return (text) => formatFault(type, text, pattern);
  // Nearly every text of a document is short and plain.
  return (text) => (text.length <= SHORT && plain.test(text) ? undefined : formatFault(type, text, pattern));
}

/** Whether a text that has not the format of a dateTime or instant lacks nothing but its seconds: a moment that everybody reads alike. */
export function lacksSecondsAlone(text: string, format: Format): boolean {
  const filled = withSeconds(text);
  return filled !== text && format(filled) === undefined;
}

export type FormatRuleId = Extract<RuleId, `format-${string}`>;

/** The rule about texts of a primitive type. One that the catalogue does not know is judged as the string that it is in JSON. */
export function formatRuleOf(type: string): FormatRuleId {
  const id = `format-${type}` as const;
  return isRuleId(id) ? id : "format-string";
}

const NUMBERS: ReadonlySet<string> = new Set(["integer", "positiveInt", "unsignedInt", "decimal"]);
const INTEGERS: ReadonlySet<string> = new Set(["integer", "positiveInt", "unsignedInt"]);
const DATES: ReadonlySet<string> = new Set(["date", "dateTime", "instant"]);
const TEXTS: ReadonlySet<string> = new Set(["string", "markdown"]);
const ADDRESSES: ReadonlySet<string> = new Set(["uri", "url", "canonical", "oid", "uuid"]);
/** R4 datatypes: "Strings SHALL NOT exceed 1MB (1024*1024 characters)". */
const MAX_STRING = 1024 * 1024;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:#.*)?$/;
const OID = "urn:oid:";

/** R4 datatypes, string; with the two code points that XML cannot carry either, so that every document can be served in both forms. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** R4 datatypes, id. */
const LONGEST_ID = 64;
const SHORT = 1000;
/** ASCII without white space at its beginning. */
const PLAIN_TEXT = /^[!-~][ -~]*$/;
/** UUIDs and OIDs have more rules. */
const PLAIN_ADDRESS = /^(?!urn:|oid:|uuid:)[!-~]+$/;

/** A quick look that many values pass. Whatever passes it has no fault; the rest is looked at closely. */
const PLAIN: Readonly<Record<string, RegExp>> = {
  string: PLAIN_TEXT,
  markdown: PLAIN_TEXT,
  code: /^[!-~]+(?: [!-~]+)*$/,
  uri: PLAIN_ADDRESS,
  url: PLAIN_ADDRESS,
  canonical: PLAIN_ADDRESS,
  date: /^[1-9]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|1\d|2[0-8]))?)?$/,
  dateTime:
    /^[1-9]\d{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|1\d|2[0-8])(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d))?)?)?$/,
  instant: /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)$/,
};

/** The close look, by the name of the type. */
export function formatFault(type: string, text: string, pattern: RegExp | undefined): string | undefined {
  if (CONTROL.test(text)) return "it holds a control character, which FHIR strings may not";
  if (TEXTS.has(type)) return textFault(text);
  if (type === "base64Binary") return base64Fault(text);
  if (text !== text.trim()) return "white space stands before or behind it";
  if (type === "code") return /\s\s|[^\S ]/.test(text) ? EXPECTED["code"] : undefined;
  if (type === "id") return idFault(text);
  const demanded = type === "oid" ? /^urn:oid:/ : pattern;
  if (demanded && !demanded.test(text)) return EXPECTED[type] ?? "its format is another";
  if (DATES.has(type)) return dateFault(text);
  if (INTEGERS.has(type)) return Number(text) > 2147483647 || Number(text) < -2147483648 ? "it does not fit into 32 bits" : undefined;
  if (ADDRESSES.has(type)) return addressFault(type === "canonical" ? withoutVersion(text) : text);
  return undefined;
}

/** What else it could be called: the sender changes it in two places, or keeps it as an identifier. */
function idFault(text: string): string | undefined {
  const strange = /[^A-Za-z0-9.-]/u.exec(text)?.[0];
  if (text === "") return "it is empty";
  if (strange === undefined && text.length <= LONGEST_ID) return undefined;
  const why =
    strange === undefined ? `it has ${text.length} characters, and an id ${LONGEST_ID} at most` : `"${strange}" is none of A-Z, a-z, 0-9, - and .`;
  return `${why}; write another id here, and wherever something refers to it (the old one may stand in an identifier)`;
}

function textFault(text: string): string | undefined {
  return text.length > MAX_STRING ? `it is longer than ${MAX_STRING} characters` : undefined;
}

/** RFC 4648 in groups of four, white space allowed between; in one pass. */
function base64Fault(text: string): string | undefined {
  const plain = /\s/.test(text) ? text.replace(/\s+/g, "") : text;
  if (plain.length % 4 !== 0) return "its length is not a multiple of four characters";
  return /^[A-Za-z0-9+/]*={0,2}$/.test(plain) ? undefined : "a character in it is not of the base64 alphabet";
}

function dateFault(text: string): string | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const last = new Date(Date.UTC(Number(year) + 400, Number(month), 0)).getUTCDate(); // + 400: Date takes years below 100 for 19xx
  return Number(day) > last ? `${year}-${month} has only ${last} days` : undefined;
}

function addressFault(text: string): string | undefined {
  if (/^(?:oid|uuid):/.test(text)) return "an OID or UUID begins with urn: (urn:oid:…, urn:uuid:…)";
  if (text.startsWith("urn:uuid:") && !UUID.test(text)) return "a UUID is urn:uuid: and 8-4-4-4-12 lower-case hexadecimal digits";
  if (text.startsWith(OID) && !isOid(text.slice(OID.length))) return "an OID is urn:oid: and numbers parted by dots, without leading zeros";
  return undefined;
}

function isOid(text: string): boolean {
  const [first = "", ...others] = text.split(".");
  return /^[0-2]$/.test(first) && others.length > 0 && others.every((number) => /^(?:0|[1-9][0-9]*)$/.test(number));
}

/** `http://example.org/profile|1.0`: a canonical names a version behind a bar. */
function withoutVersion(canonical: string): string {
  const bar = canonical.indexOf("|");
  return bar < 0 ? canonical : canonical.slice(0, bar);
}

const EXPECTED: Readonly<Record<string, string>> = {
  boolean: "it must be true or false",
  integer: "it must be a whole number without leading zeros",
  positiveInt: "it must be a whole number greater than 0",
  unsignedInt: "it must be a whole number, 0 or greater",
  decimal: "it must be a decimal number",
  date: "it must be YYYY, YYYY-MM or YYYY-MM-DD",
  dateTime: "it must be YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz (with seconds and zone)",
  instant: "it must be YYYY-MM-DDThh:mm:ss.sss+zz:zz (with seconds and zone)",
  time: "it must be hh:mm:ss",
  code: "it must hold no white space but single spaces within",
  uri: "it must hold no white space",
  url: "it must hold no white space",
  canonical: "it must hold no white space",
  oid: "it must be urn:oid: and numbers parted by dots",
  uuid: "it must be urn:uuid: and lower-case hexadecimal digits",
};
