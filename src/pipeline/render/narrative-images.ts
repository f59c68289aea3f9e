/** Images that lie in the document itself. Whatever lies elsewhere is never fetched. */
import type { DocumentBundle, DocumentEntry } from "../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { containedIn } from "./party.ts";

/** Image types that browsers show; SVG too, for in an `img` it runs no script and fetches nothing (HTML, SVG integration, secure static mode). */
const DATA_URL = /^data:image\/(?:png|jpe?g|gif|webp|bmp|svg\+xml)(?:;[\w=.-]+)*,\s*\S/i;
const IMAGE_TYPE = /^image\/(?:png|jpe?g|gif|webp|bmp|svg\+xml)$/i;

/**
 * Resolves the `src` of an image in the narrative of `entry`: a `data:` URL, `#id` of a contained Binary or Media (R4 narrative.html, Image References), or a
 * Binary or Media in the document. Undefined for anything else.
 */
export function imagesOf(document: DocumentBundle, entry: DocumentEntry): (source: string) => string | undefined {
  return (source) => {
    const wanted = source.trim();
    if (/^data:/i.test(wanted)) return DATA_URL.test(wanted) ? dataUrl(wanted) : undefined;
    const holder = wanted.startsWith("#")
      ? containedIn(entry.resource, wanted)
      : wanted === ""
        ? undefined
        : document.resolve(wanted, entry)?.resource;
    return holder && dataUrlOf(holder);
  };
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
