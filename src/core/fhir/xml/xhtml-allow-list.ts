/**
 * What a narrative may hold (R4 narrative.html; invariants txt-1 and txt-2 of Narrative). The table is txt-1's own list, with the elements that its text allows
 * (HTML 4.0, chapters 7 to 11 without 9.4, and 15, nothing deprecated) and its list forgot: address, bdo, kbd. Attributes that HTML 4.0 describes for some elements are
 * allowed on those alone, and what leads somewhere only to where nothing runs.
 */
import { XHTML_NAMESPACE } from "./namespaces.ts";
import type { XhtmlElement } from "./xhtml.ts";

/** Something that a narrative must not hold. */
export interface Breach {
  readonly text: string;
  /** In UTF-16 units of the div's string. */
  readonly offset: number;
}

export const ALLOWED_ELEMENTS: ReadonlySet<string> = new Set(
  (
    "a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre q samp small span strong sub sup " +
    "table tbody td tfoot th thead tr tt ul var"
  ).split(" "),
);

/** On any of the elements. `idref` and `idrefs` are R4's way to link narrative and data; `xml:lang` is XHTML's way to say `lang`, `xml:space` its way to say that white space counts (in `pre`, where it does anyway). */
const ALLOWED_ATTRIBUTES: ReadonlySet<string> = new Set(
  "abbr accesskey align axis cellhalign cellvalign char charoff class colspan dir headers id idref idrefs lang rowspan scope span style tabindex title valign width xml:lang xml:space".split(
    " ",
  ),
);

/** Those that HTML 4.0 describes for some elements, and where they may stand. */
const ATTRIBUTE_PLACES: Readonly<Record<string, readonly string[]>> = {
  alt: ["img"],
  bgcolor: ["table", "tr", "td", "th"],
  border: ["table", "img"],
  cellpadding: ["table"],
  cellspacing: ["table"],
  charset: ["a"],
  compact: ["ol", "ul", "dl"],
  coords: ["a"],
  frame: ["table"],
  height: ["img", "td", "th"],
  hreflang: ["a"],
  hspace: ["img"],
  nowrap: ["td", "th"],
  rel: ["a"],
  rev: ["a"],
  rules: ["table"],
  shape: ["a"],
  start: ["ol"],
  summary: ["table"],
  type: ["a", "ol", "ul", "li"],
  value: ["li"],
  vspace: ["img"],
};

/** Those that lead somewhere or name a target, and where they may stand. */
export const LINK_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  href: ["a"],
  name: ["a"],
  src: ["img"],
  longdesc: ["img"],
  cite: ["blockquote", "q"],
};

/** Schemes of links that open something and run nothing. A link without a scheme is relative, or leads to a place in the same page. */
export const LINK_SCHEMES: ReadonlySet<string> = new Set(["http", "https", "mailto", "tel", "sms", "fax", "ftp", "ftps", "cid", "urn"]);

/** Whatever in a narrative txt-1 does not allow, in order; empty for a narrative that keeps it. */
export function breaches(root: XhtmlElement): Breach[] {
  const found: Breach[] = [];
  if (root.localName !== "div") found.push({ text: `The narrative's element is '${root.localName}'; it must be 'div'.`, offset: root.offset });
  walk(root, (element) => {
    if (element.namespace !== XHTML_NAMESPACE) {
      const what = element.namespace === "" ? "in no namespace" : `in the namespace '${element.namespace}'`;
      found.push({
        text: `The element '${element.localName}' is ${what}; a narrative is XHTML: xmlns="${XHTML_NAMESPACE}".`,
        offset: element.offset,
      });
      return false;
    }
    if (!ALLOWED_ELEMENTS.has(element.localName))
      found.push({ text: `The element '${element.localName}' must not stand in a narrative (txt-1).`, offset: element.offset });
    for (const [name, value] of element.attributes) {
      const text = attributeBreach(element.localName, name, value);
      if (text !== undefined) found.push({ text, offset: element.offset });
    }
    return true;
  });
  return found;
}

/** txt-2: whether there is something to be seen, a text that is not white space or an image. */
export function hasContent(root: XhtmlElement, isContent = (text: string): boolean => /[^ \t\r\n]/.test(text)): boolean {
  let has = false;
  walk(root, (element) => {
    has ||=
      (element.localName === "img" && element.attributes.some(([name]) => name === "src")) ||
      element.children.some((child) => typeof child === "string" && isContent(child));
    return !has;
  });
  return has;
}

/** The scheme of a link in lower case, as a browser finds it: it drops tabs and line breaks anywhere, and spaces and controls in front; undefined for a relative link. */
export function schemeOf(link: string): string | undefined {
  const plain = link.replace(/[\t\n\r]/g, "").replace(/^[\u0000-\u0020]+/, "");
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(plain)?.[1]?.toLowerCase();
}

/** True for a link (`href`, `cite`, `longdesc`) that runs nothing. */
export function isSafeLink(link: string): boolean {
  const scheme = schemeOf(link);
  return scheme === undefined || LINK_SCHEMES.has(scheme);
}

/** True for the source of an image that runs nothing: as a link, or an image within the text itself. */
export function isSafeImage(source: string): boolean {
  return schemeOf(source) === "data" ? /^[\s]*data:\s*image\/(?:png|gif|jpe?g|webp|bmp|tiff|svg\+xml)[;,]/i.test(source) : isSafeLink(source);
}

/** Whether an attribute that leads nowhere may stand on an element. */
function isPlain(element: string, name: string): boolean {
  return ALLOWED_ATTRIBUTES.has(name) || (Object.hasOwn(ATTRIBUTE_PLACES, name) && ATTRIBUTE_PLACES[name]?.includes(element) === true);
}

function attributeBreach(element: string, name: string, value: string): string | undefined {
  if (name === "xmlns" || name.startsWith("xmlns:") || isPlain(element, name)) return undefined;
  const places = Object.hasOwn(LINK_ATTRIBUTES, name) ? LINK_ATTRIBUTES[name] : undefined;
  if (places?.includes(element) !== true) return `The attribute '${name}' must not stand on '${element}' in a narrative (txt-1).`;
  if (name === "name") return undefined;
  const isSafe = name === "src" ? isSafeImage(value) : isSafeLink(value);
  return isSafe
    ? undefined
    : `The attribute '${name}' on '${element}' leads to '${(schemeOf(value) ?? "").slice(0, 20)}:', which a narrative must not: content may run there.`;
}

/** Every element in order; what is within one is passed over when `visit` says false. Depth is bounded by readXhtml. */
function walk(element: XhtmlElement, visit: (element: XhtmlElement) => boolean): void {
  if (!visit(element)) return;
  for (const child of element.children) if (typeof child !== "string") walk(child, visit);
}
