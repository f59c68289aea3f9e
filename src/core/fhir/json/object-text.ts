import { stringEnd } from "./string-end.ts";

const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * The text of one object of a JSON text that was read without faults, exactly as it stands there.
 * @param start where its brace stands, in UTF-16 units
 */
export function objectText(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at + 1);
      if (at < 0) break;
    } else if (code === OPEN) depth++;
    else if (code === CLOSE && --depth === 0) return text.slice(start, at + 1);
  }
  return text.slice(start);
}
