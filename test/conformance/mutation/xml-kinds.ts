/**
 * Damage that only XML can have (R4 xml.html). The text is made by our writer with a mark in place of one value: where the mark stands, the element is found and damaged, and the
 * value put back.
 */
import { escapeAttribute } from "../../../src/core/fhir/xml/div-text.ts";
import { whileChanged, type Damage, type Kind, type Sample } from "./damage.ts";
import type { PropertySite } from "./sites.ts";
import { writeXml } from "../../r4.ts";

const MARK = "MARK-4f1c";
const ELEMENT = new RegExp(`<(\\w+)((?: [a-z]+="[^"<]*")*) value="${MARK}"/?>`);

export const XML_KINDS: readonly Kind[] = [
  ofElements("XML: elements in another order", ["xml-element-order"], "first", (element, site) =>
    hasElementBefore(site) ? { moved: element } : undefined,
  ),
  ofElements("XML: an attribute that FHIR has not", ["xml-attribute"], "itself", (element) => element.replace(" value=", ' colour="red" value=')),
  ofElements("XML: another namespace", ["xml-namespace"], "itself", (element) => element.replace(" ", ' xmlns="urn:example:other" ')),
  ofElements("XML: text between elements", ["xml-text"], "owner", (element) => `${element}stray`),
  ofElements("XML: a processing instruction", ["xml-processing-instruction"], "owner", (element) => `<?word x?>${element}`),
  ofElements("XML: an unknown element", ["unknown-element"], "owner", (element) => `${element}<colour value="red"/>`),
  ofElements("XML: an empty value", ["empty-string"], "itself", (element) => element.replace(/ value="[^"]*"/, ' value=""')),
  ofElements("XML: an element without value", ["empty-object"], "itself", (element) => element.replace(/ value="[^"]*"/, "")),
  ofElements("XML: an element that stands twice", ["element-repeated"], "owner", (element, { property }) =>
    property.element.max === 1 ? element + element : undefined,
  ),
  ofElements("XML: an element that is not closed", ["xml-syntax"], undefined, (element) => element.replace("/>", ">")),
  ofElements("XML: an end tag of another name", ["xml-syntax"], undefined, (element) => element.replace("/>", "></other>")),
  ofElements("XML: an attribute that stands twice", ["xml-syntax"], undefined, (element) => element.replace(" value=", ' value="x" value=')),
  ofElements("XML: an attribute without quotes", ["xml-syntax"], undefined, (element) => element.replace(/ value="[^"]*"/, " value=x")),
  ofElements("XML: a prefix that is not declared", ["xml-syntax"], undefined, (element) => element.replace(/^<(\w+)/, "<f:$1")),
  ofTexts("XML: a DOCTYPE", "xml-doctype", undefined, (text) => text.replace("<Bundle", '<!DOCTYPE Bundle [<!ENTITY x "y">]><Bundle')),
  ofTexts("XML: a place of a schema", "xml-schema-location", "Bundle", (text) =>
    text.replace("<Bundle", '<Bundle xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir x.xsd"'),
  ),
  ofTexts("XML: another encoding", "xml-encoding", undefined, (text) => text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')),
  ofTexts("XML: no namespace", "xml-namespace", undefined, (text) => text.replace(' xmlns="http://hl7.org/fhir"', "")),
  ofTexts("XML: the end is missing", "xml-syntax", undefined, (text) => text.slice(0, -20)),
];

type Replacement = string | undefined | { readonly moved: string };

/** Elements of single primitives whose value is a string. `place`: whose FHIRPath is told, the element's, that of what holds it, or of the first element there, which others must not precede. */
function ofElements(
  name: string,
  rules: readonly string[],
  place: "owner" | "itself" | "first" | undefined,
  damaged: (element: string, site: PropertySite) => Replacement,
): Kind {
  return {
    name,
    damages: (sample) =>
      sample.properties.filter(isPlain).flatMap((site): Damage[] => {
        if (damaged('<a value="x"/>', site) === undefined) return [];
        const at = place === "owner" ? site.owner.path : place === "itself" ? site.path : place === "first" ? firstElement(site) : undefined;
        return [{ rules, at, mediaType: "application/fhir+xml", make: () => damagedText(sample, site, damaged) }];
      }),
  };
}

function ofTexts(name: string, rule: string, at: string | undefined, damaged: (text: string) => string): Kind {
  return {
    name,
    damages: (sample) => [{ rules: [rule], at, mediaType: "application/fhir+xml", make: () => damaged(writeXml(sample.bundle)) }],
  };
}

function isPlain({ value, property, owner }: PropertySite): boolean {
  return (
    typeof value === "string" &&
    property.isPrimitive &&
    property.type !== "xhtml" &&
    !property.element.isAttribute &&
    !owner.object.has(`_${property.name}`)
  );
}

function firstElement({ owner }: PropertySite): string {
  const elements = owner.object.names
    .flatMap((name) => owner.definition.properties.get(name)?.element ?? [])
    .filter((element) => !element.isAttribute);
  const [first] = elements.sort((one, other) => one.order - other.order);
  return `${owner.path}.${first?.name ?? ""}${(first?.max ?? 1) > 1 ? "[0]" : ""}`;
}

function hasElementBefore({ owner, property }: PropertySite): boolean {
  return owner.object.names.some((name) => {
    const other = owner.definition.properties.get(name)?.element;
    return other !== undefined && !other.isAttribute && other.order < property.element.order;
  });
}

function damagedText(sample: Sample, site: PropertySite, damaged: (element: string, site: PropertySite) => Replacement): string {
  const marked = whileChanged(
    [site.container],
    () => site.replace(MARK),
    () => writeXml(sample.bundle),
  );
  const match = ELEMENT.exec(marked);
  if (match === null) throw new Error(`no element of ${site.path} in the XML`);
  const element = match[0].replace(MARK, () => escapeAttribute(site.value as string));
  const [before, after] = [marked.slice(0, match.index), marked.slice(match.index + match[0].length)];
  const replacement = damaged(element, site);
  if (replacement === undefined) return before + element + after;
  if (typeof replacement === "string") return before + replacement + after;
  return moveToFront(before, replacement.moved, after, site);
}

/** The element as the first child of what holds it: its place comes later, or it would not be out of order. */
function moveToFront(before: string, element: string, after: string, { owner }: PropertySite): string {
  let depth = 0;
  for (let at = before.length; at > 0;) {
    at = before.lastIndexOf("<", at - 1);
    const tag = before.slice(at, before.indexOf(">", at) + 1);
    if (tag.startsWith("</")) depth++;
    else if (!tag.endsWith("/>") && !tag.startsWith("<!") && --depth < 0) {
      const inner = at + tag.length;
      return before.slice(0, inner) + element + before.slice(inner) + after;
    }
  }
  throw new Error(`no element around ${owner.path}`);
}
