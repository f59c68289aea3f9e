/** What an XHTML `src` leads to; attributes of that name stand on images only. */
const SOURCE = /\ssrc\s*=\s*["']([^"'<]+)["']/g;

/**
 * The sources of the images in a narrative's div, as text: `#id` of a contained Binary, or the address of one in the document (R4 narrative.html). They count as references:
 * dom-3's expression forgets them, HL7's validator does not.
 */
export function imageSources(div: string): string[] {
  if (!div.includes("src")) return [];
  return [...div.matchAll(SOURCE)].map((match) => match[1] as string);
}
