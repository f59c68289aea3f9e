/** A page as it is kept in fixtures/renderings: what changes without being seen is left out, and every element begins a line, so that a difference can be read. */

/** Elements within a line of words: they begin none. */
const INLINE = /^<\/?(?:a|abbr|b|bdi|br|cite|code|em|i|kbd|q|s|small|span|strong|sub|sup|u|var)\b/;

export function normalised(page: string): string {
  const plain = page
    // Names of style sheets and fonts hold the digest of what is in them.
    .replace(/("\/assets\/)[0-9a-f]{16}(\.\w+")/g, "$1DIGEST$2")
    .replace(/("data:[\w/+.-]+;base64,)[A-Za-z0-9+/=]{60,}/g, (_, start: string) => `${start}…`);
  const lines = plain
    .split(/(?=<)/)
    .reduce<string[]>((all, piece) => {
      const last = all.at(-1);
      if (last !== undefined && INLINE.test(piece)) all[all.length - 1] = last + piece;
      else all.push(piece);
      return all;
    }, [])
    .flatMap((line) => line.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return `${lines.join("\n")}\n`;
}
