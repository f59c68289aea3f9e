import type { DocumentBundle, DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import { imageSources } from "../narrative-images.ts";
import { Place } from "../place.ts";
import { walkResource } from "../walk.ts";

/** One link out of an entry, as it was written. */
export interface Link {
  readonly from: DocumentEntry;
  /** A Reference, or an address in a uri, url, canonical or image of a narrative: the latter make an entry reachable, but need not lead anywhere. */
  readonly kind: "reference" | "address";
  readonly text: string;
  /** The last element's name: `subject`. */
  readonly name: string;
  /** The path in the definition: `Composition.section.entry`. */
  readonly path: string;
  /** The types that the Reference may lead to; empty: any. */
  readonly targets: readonly string[];
  /** Made when something is to be said: most links are sound. */
  readonly expression: () => string;
  readonly offset: number;
}

const ADDRESSES: ReadonlySet<string> = new Set(["uri", "url", "canonical"]);

/** Every link of every entry, contained resources' included, in the order of the document. Local ones (`#…`) are left out: they stay in their resource; so are addresses that lead to no entry. */
export function linksOf(document: DocumentBundle): Link[] {
  const links: Link[] = [];
  const place = new Place();
  place.enter("Bundle");
  place.enter("entry");
  for (const from of document.entries) {
    place.enter(from.index);
    place.enter("resource");
    walkResource(
      from.resource,
      {
        object: (object, property, at, offset) => {
          const text = object.string("reference");
          if (property.type !== "Reference" || text === undefined || text.startsWith("#")) return;
          const targets = property.element.types.find((type) => type.code === "Reference")?.targets ?? [];
          links.push({
            from,
            kind: "reference",
            text,
            name: property.element.name,
            path: property.element.path,
            targets,
            expression: at.later(),
            offset,
          });
        },
        text: (text, property, _, offset) => {
          const isAddress = ADDRESSES.has(property.type) && property.element.path !== "Meta.profile";
          const addresses = property.type === "xhtml" ? imageSources(text) : isAddress ? [text] : [];
          for (const address of addresses) {
            // Most are the names of code systems, and lead nowhere.
            if (address.startsWith("#") || address.startsWith("data:") || !document.resolve(address, from)) continue;
            links.push({
              from,
              kind: "address",
              text: address,
              name: property.element.name,
              path: property.element.path,
              targets: [],
              expression: () => "",
              offset,
            });
          }
        },
      },
      place,
    );
    place.leave();
    place.leave();
  }
  return links;
}
