import type { Severity } from "../issue.ts";
import type { RuleRows, RulesOf } from "../rule.ts";

/** What the readers say of a text (R4 json.html, xml.html). Its breach makes the text unreadable, or ambiguous: see docs/rules.md, Reading. */
export const READING_RULES = {
  encoding: { severity: "fatal", code: "structure", source: "json.html, xml.html", meaning: "The bytes are not UTF-8.", change: "Send UTF-8." },
  "too-deep": {
    severity: "fatal",
    code: "structure",
    source: "ours",
    meaning: "Elements lie more than 100 levels within each other.",
    change: "Flatten it; no real document is so deep.",
  },
  "string-too-long": {
    severity: "fatal",
    code: "structure",
    source: "ours",
    meaning: "One string is longer than 64 Mi characters.",
    change: "Send less, or send it apart.",
  },
  "too-many-values": {
    severity: "fatal",
    code: "too-costly",
    source: "ours",
    meaning: "More elements and values than are accepted, in all or for the size of the text.",
    change: "See [limits.md](limits.md); no real document has half as many.",
  },
  "too-many-items": {
    severity: "fatal",
    code: "too-costly",
    source: "ours",
    meaning: "An element repeats more often than is accepted.",
    change: "See [limits.md](limits.md).",
  },
  "too-many-properties": {
    severity: "fatal",
    code: "too-costly",
    source: "ours",
    meaning: "An object has more than 500 properties.",
    change: "Send R4's.",
  },
  "too-many-attributes": {
    severity: "fatal",
    code: "too-costly",
    source: "ours",
    meaning: "An element of XML has more than 100 attributes.",
    change: "Remove them.",
  },
  "text-too-long": {
    severity: "fatal",
    code: "too-costly",
    source: "ours",
    meaning: "A name, title, display or identifier has more than 10,000 characters; the name of a namespace more than 1,000.",
    change: "Shorten it.",
  },
  unreadable: {
    severity: "fatal",
    code: "structure",
    source: "json.html, xml.html",
    meaning: "No resource could be made of the content.",
    change: "Send one resource in JSON or XML.",
  },
  "json-bom": {
    severity: "warning",
    code: "structure",
    source: "RFC 8259, 8.1",
    meaning: "The text begins with a byte order mark.",
    change: "Leave it out.",
  },
  "json-syntax": {
    severity: ["error", "fatal"],
    code: "structure",
    source: "RFC 8259",
    meaning: "Not JSON: a comma too many or missing, a name without quotes, the end too early.",
    change: "Write it with a JSON library.",
  },
  "json-comment": { severity: ["error", "fatal"], code: "structure", source: "json.html", meaning: "A comment.", change: "Remove it." },
  "json-duplicate-name": {
    severity: "error",
    code: "structure",
    source: "json.html",
    meaning: "A property stands twice in one object; readers differ in which they take.",
    change: "Send it once.",
  },
  "json-control-character": {
    severity: "error",
    code: "structure",
    source: "RFC 8259, 7",
    meaning: "A control character stands bare in a string.",
    change: "Write it as an escape.",
  },
  "json-escape": {
    severity: "error",
    code: "structure",
    source: "RFC 8259, 7",
    meaning: "A backslash with something that JSON does not know.",
    change: "Write `\\\\` for a backslash.",
  },
  "json-lone-surrogate": {
    severity: "error",
    code: "structure",
    source: "RFC 8259, 8.2",
    meaning: "Half of a surrogate pair: no character.",
    change: "Send the whole character.",
  },
  "xml-syntax": { severity: "fatal", code: "structure", source: "XML 1.0", meaning: "Not well-formed.", change: "Write it with an XML library." },
  "xml-version": { severity: "fatal", code: "structure", source: "xml.html", meaning: "Another version than XML 1.0.", change: "Send XML 1.0." },
  "xml-doctype": {
    severity: "fatal",
    code: "structure",
    source: "xml.html",
    meaning: "A DOCTYPE, which can make readers fetch or invent content.",
    change: "Remove it, and its entities.",
  },
  "xml-encoding": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "The declaration names another encoding than UTF-8.",
    change: "Declare UTF-8.",
  },
  "xml-processing-instruction": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "A processing instruction.",
    change: "Remove it.",
  },
  "xml-namespace": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "An element is not in `http://hl7.org/fhir`.",
    change: "Declare the namespace on the root.",
  },
  "xml-element-order": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "An element stands behind one that must follow it.",
    change: "Keep the order of the definition.",
  },
  "xml-element-name": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "An element named as only JSON names things: `resourceType`, or with `_` before it.",
    change: "Remove it.",
  },
  "xml-attribute": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "An attribute that FHIR has not there, or an element where it has an attribute.",
    change: "Mend or remove it.",
  },
  "xml-text": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "Text where only elements stand.",
    change: "Put values in the attribute `value`.",
  },
  "xml-resource": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "An element that holds one resource holds several.",
    change: "One resource in each.",
  },
  "xml-schema-location": {
    severity: "error",
    code: "structure",
    source: "xml.html",
    meaning: "`xsi:schemaLocation` and its kin.",
    change: "Remove it.",
  },
  "xml-schema-instance": {
    severity: "warning",
    code: "structure",
    source: "xml.html",
    meaning: "The namespace of XML Schema instances is declared.",
    change: "Remove it.",
  },
} as const satisfies RuleRows;

/** What is said where there is too much to say. */
export const BOUND_RULES = {
  "too-many-issues": {
    severity: ["error", "warning"],
    code: "too-costly",
    source: "ours",
    meaning: "More than 1,000 errors or 1,000 other issues (500 of reading): the rest is counted. An error when one of those is.",
    change: "Mend what is listed, and send it again.",
  },
} as const satisfies RuleRows;

/** The ids of what readers say with one of the severities. */
export type ReadingRule<S extends Severity = Severity> = RulesOf<typeof READING_RULES, S>;
