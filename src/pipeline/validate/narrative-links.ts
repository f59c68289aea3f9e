import type { XhtmlElement } from "../../core/fhir/xml/xhtml.ts";

/** The links of a narrative's div, and the places in it that links may lead to. */
export interface NarrativeLinks {
  /** Sources of images: `#id` of a contained resource or of another place, or the address of an entry (R4 narrative.html). */
  readonly images: readonly string[];
  /** Hyperlinks. */
  readonly links: readonly string[];
  /** Ids of elements, and names of anchors. */
  readonly places: readonly string[];
}

/** Links to `#id` of a contained resource count as references to it: dom-3's expression forgets them, HL7's validator does not. */
export function narrativeLinks(root: XhtmlElement): NarrativeLinks {
  const found = { images: [] as string[], links: [] as string[], places: [] as string[] };
  gather(root, found);
  return found;
}

function gather(element: XhtmlElement, found: Record<keyof NarrativeLinks, string[]>): void {
  for (const [name, value] of element.attributes) {
    if (name === "id" || (name === "name" && element.localName === "a")) found.places.push(value);
    else if (name === "href") found.links.push(value);
    else if (name === "src") found.images.push(value);
  }
  for (const child of element.children) if (typeof child !== "string") gather(child, found);
}
