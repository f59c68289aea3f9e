import { createHash } from "node:crypto";

/** Longest text that a row holds as it is. What is longer keeps its beginning and is told apart by a digest, so that no key of an engine is ever too long. */
const LONGEST = 200;
const DIGEST_LENGTH = 32;

/** A text for comparing whole. */
export function boundedWhole(text: string): string {
  if (text.length <= LONGEST) return text;
  return `${cut(text)}#${createHash("sha256").update(text).digest("hex").slice(0, DIGEST_LENGTH)}`;
}

/** A text for comparing from its beginning: what is longer is compared as far as this goes. */
export function boundedStart(text: string): string {
  return text.length <= LONGEST ? text : cut(text);
}

/** Not in the middle of a character that takes two code units. */
function cut(text: string): string {
  const last = text.charCodeAt(LONGEST - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? LONGEST - 1 : LONGEST);
}
