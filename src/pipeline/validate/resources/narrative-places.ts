import type { ElementBudget } from "../../../core/fhir/xml/xhtml.ts";
import type { Findings } from "../findings.ts";
import type { NarrativeLinks } from "../narrative-links.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/** Elements of all narratives of a resource or document: what a page and its PDF can be made of in a few seconds. */
export const MOST_NARRATIVE_ELEMENTS = 50_000;

/**
 * Links within narratives: `#id` leads to an element of a narrative, of the same resource or of another entry, to an element of a resource, or to a contained resource (R4 narrative.html,
 * Internal Id References). Judged when all narratives are known.
 */
export class NarrativePlaces {
  /** How many more elements the narratives may have. */
  readonly budget: ElementBudget = { left: MOST_NARRATIVE_ELEMENTS };
  readonly #known = new Set<string>();
  readonly #wanted: { readonly id: string; readonly isImage: boolean; readonly expression: string; readonly offset: number }[] = [];

  /** The id of a resource or of an element in it. */
  know(id: string | undefined): void {
    if (id !== undefined) this.#known.add(id);
  }

  narrative({ images, links, places }: NarrativeLinks, place: Place, offset: number): void {
    for (const id of places) this.#known.add(id);
    if (links.length === 0 && images.length === 0) return;
    // One text for them all: a narrative may have thousands.
    const expression = `${place.expression()}.div`;
    for (const link of links) if (link.startsWith("#") && link !== "#") this.#want(link.slice(1), false, expression, offset);
    for (const image of images) if (image.startsWith("#")) this.#want(image.slice(1), true, expression, offset);
  }

  tell(findings: Findings): void {
    for (const { id, isImage, expression, offset } of this.#wanted) {
      if (this.#known.has(id) || this.#known.has(decoded(id))) continue;
      const text = `The ${isImage ? "image" : "link"} #${shown(id)} leads to nothing that has this id: mend or remove it.`;
      findings.add({ rule: "narrative-link-unresolved", text, expression, offset });
    }
  }

  #want(id: string, isImage: boolean, expression: string, offset: number): void {
    if (!this.#known.has(id)) this.#wanted.push({ id, isImage, expression, offset });
  }
}

/** A fragment as it is meant: `a%20b` is `a b` (RFC 3986, 2.1). */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
