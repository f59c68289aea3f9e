/** Images that lie in the document itself. Whatever lies elsewhere is never fetched. */
import type { DocumentBundle, BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { containedIn } from "../../../core/fhir/party.ts";

/** Image types that browsers show; SVG too, for in an `img` it runs no script and fetches nothing (HTML, SVG integration, secure static mode). */
const DATA_URL = /^data:image\/(?:png|jpe?g|gif|webp|bmp|svg\+xml)(?:;[\w=.-]+)*,\s*\S/i;
const IMAGE_TYPE = /^image\/(?:png|jpe?g|gif|webp|bmp|svg\+xml)$/i;

/**
 * Resolves the `src` of an image in the narrative of `entry`: a `data:` URL, `#id` of a contained Binary or Media (R4 narrative.html, Image References), or a
 * Binary or Media in the document. Undefined for anything else.
 * @param room shared by all narratives of a page
 */
export function imagesOf(document: DocumentBundle, entry: BundleEntry, budget: ImageBudget): (source: string) => string | undefined {
  return (source) => {
    const wanted = source.trim();
    if (/^data:/i.test(wanted)) return DATA_URL.test(wanted) ? dataUrl(wanted) : undefined;
    const holder = wanted.startsWith("#")
      ? containedIn(entry.resource, wanted)
      : wanted === ""
        ? undefined
        : document.resolve(wanted, entry)?.resource;
    if (holder === undefined) return undefined;
    // A picture stands in the document once, but in the page each time that it is shown.
    const known = budget.shown.get(holder);
    if (known !== undefined) return (budget.left -= known.length) < 0 ? undefined : known;
    const url = dataUrlOf(holder);
    if (url !== undefined) budget.shown.set(holder, url);
    return url;
  };
}

/** What is known of the pictures of one page, and how many characters of them may still be written again. Beyond it their description stands in their place. */
export interface ImageBudget {
  left: number;
  readonly shown: Map<JsonObject, string>;
}

/** Characters of a page that pictures may take which stand in it already. */
export const MOST_REPEATED = 4_000_000;

export function imageBudget(): ImageBudget {
  return { left: MOST_REPEATED, shown: new Map() };
}

/** White space is no part of base64, though senders break its lines; elsewhere it is written as URLs have it. */
function dataUrl(url: string): string {
  return /^[^,]*;base64,/i.test(url) ? url.replace(/\s+/g, "") : url.replace(/\s/g, "%20");
}

function dataUrlOf(resource: JsonObject): string | undefined {
  const type = resource.string("resourceType");
  const held = type === "Binary" ? resource : type === "Media" ? resource.object("content") : undefined;
  const contentType = held?.string("contentType")?.trim();
  const data = held?.string("data")?.replace(/\s+/g, "");
  if (contentType === undefined || data === undefined || !IMAGE_TYPE.test(contentType)) return undefined;
  const url = `data:${contentType.toLowerCase()};base64,${data}`;
  return DATA_URL.test(url) ? url : undefined;
}
