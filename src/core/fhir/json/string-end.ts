const BACKSLASH = 0x5c;

/**
 * Where the quote stands that ends a string of a JSON text, in UTF-16 units; -1 when none does.
 * @param from behind the quote that begins it
 */
export function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (end - 1 - escapes >= from && text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return -1;
}
