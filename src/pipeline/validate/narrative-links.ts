/** What an XHTML `src` or `href` leads to, and what a link in the narrative can lead to. */
const ATTRIBUTE = /\s(src|href|id|name)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

/** The links of a narrative's div, as text, and the places in it that links may lead to. */
export interface NarrativeLinks {
  /** Sources of images: `#id` of a contained resource or of another place, or the address of an entry (R4 narrative.html). */
  readonly images: readonly string[];
  /** Hyperlinks. */
  readonly links: readonly string[];
  /** Ids of elements, and names of anchors. */
  readonly places: readonly string[];
}

/** Links to `#id` of a contained resource count as references to it: dom-3's expression forgets them, HL7's validator does not. */
export function narrativeLinks(div: string): NarrativeLinks {
  const found: Record<"src" | "href" | "id" | "name", string[]> = { src: [], href: [], id: [], name: [] };
  for (const [, name, quoted, single] of div.matchAll(ATTRIBUTE)) found[name as keyof typeof found].push(quoted ?? single ?? "");
  return { images: found.src, links: found.href, places: [...found.id, ...found.name] };
}
