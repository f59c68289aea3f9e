/**
 * Puts a style sheet before all others of a page, so that the page's own rules win over it.
 *
 * @param css must not hold `</style`: ours is made of escaped strings and base64 only
 */
export function withStyle(html: string, css: string): string {
  const style = `<style>${css}</style>`;
  const place = /<head\b[^>]*>/i.exec(html) ?? /<html\b[^>]*>/i.exec(html) ?? /^\s*<!doctype[^>]*>/i.exec(html);
  const at = place === null ? 0 : place.index + place[0].length;
  return `${html.slice(0, at)}${style}${html.slice(at)}`;
}

/** Text with what stands for each of these characters in their places. */
export function withStandIns(text: string, standIns: ReadonlyMap<number, string>): string {
  if (standIns.size === 0) return text;
  const characters = [...standIns.keys()].map((character) => `\\u{${character.toString(16)}}`).join("");
  return text.replace(new RegExp(`[${characters}]`, "gu"), (character) => standIns.get(character.codePointAt(0) ?? 0) ?? character);
}
