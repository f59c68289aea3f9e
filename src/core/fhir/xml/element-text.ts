/**
 * The text of one element of an XML text that was read without faults, exactly as it stands there, from its start tag to its end tag. Comments, character data and instructions within it are passed
 * over; FHIR's XML has no document type, so that nothing else can hold a bracket.
 * @param start where its start tag begins, in UTF-16 units
 */
export function elementText(text: string, start: number): string {
  let depth = 0;
  for (let at = nextTag(text, start); at >= 0;) {
    const end = endOfTag(text, at);
    if (text.startsWith("</", at)) depth--;
    else if (text[end - 2] !== "/") depth++;
    if (depth === 0) return text.slice(start, end);
    at = nextTag(text, end);
  }
  return text.slice(start);
}

/** Where the next tag begins; comments, character data and instructions are passed over. Below 0: there is none. */
export function nextTag(text: string, from: number): number {
  let at = text.indexOf("<", from);
  for (;;) {
    const skipped = at < 0 ? undefined : SKIPPED.find(([begin]) => text.startsWith(begin, at));
    if (!skipped) return at;
    at = text.indexOf("<", behind(text, skipped[1], at));
  }
}

const SKIPPED: readonly (readonly [begin: string, end: string])[] = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
];

function behind(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at < 0 ? text.length : at + end.length;
}

/** Behind the bracket that closes a tag: one within an attribute's quotes does not. */
export function endOfTag(text: string, start: number): number {
  let quote = "";
  for (let at = start; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (quote !== "") quote = sign === quote ? "" : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === ">") return at + 1;
  }
  return text.length;
}
