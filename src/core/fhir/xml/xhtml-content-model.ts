/**
 * What may stand in what (HTML 4.0, the content models of chapters 7 to 11, as far as HL7's validator asks them of narratives). Readers of HTML move what stands elsewhere: text between rows
 * comes before its table, a list ends the paragraph that it is in.
 */
import type { XhtmlElement } from "./xhtml.ts";
import type { Breach } from "./xhtml-allow-list.ts";

function names(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** Elements that hold some elements only, and no text. */
const CHILDREN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["table", names("caption col colgroup thead tfoot tbody tr")],
  ["thead", names("tr td th")],
  ["tfoot", names("tr td th")],
  ["tbody", names("tr")],
  ["tr", names("td th")],
  ["colgroup", names("col")],
  ["ul", names("li")],
  ["ol", names("li")],
  ["dl", names("dt dd")],
]);

/** Elements that stand in some elements only. */
const PARENTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["caption", names("table")],
  ["colgroup", names("table")],
  ["col", names("table colgroup")],
  ["thead", names("table")],
  ["tfoot", names("table")],
  ["tbody", names("table")],
  ["tr", names("table thead tfoot tbody")],
  ["td", names("tr thead tfoot")],
  ["th", names("tr thead tfoot")],
  ["li", names("ul ol")],
  ["dt", names("dl")],
  ["dd", names("dl")],
]);

const EMPTY = names("br hr img");
/** Elements of running text. */
const OF_TEXT = names(
  "p h1 h2 h3 h4 h5 h6 pre address caption dt a abbr acronym b bdo big cite code dfn em i kbd q samp small span strong sub sup tt var",
);
/** What none of them may hold, at any depth. */
const BLOCKS = names("div pre table ul ol");
const BLOCKS_IN_PARAGRAPH = names("p blockquote");

/** Whatever stands where it must not, in order. Names that a narrative may not hold at all are the allow-list's matter. */
export function misplaced(root: XhtmlElement): Breach[] {
  const found: Breach[] = [];
  visit(root, undefined, NOTHING_AROUND, found);
  return found;
}

interface Around {
  /** The innermost element of running text around it. */
  readonly text: string | undefined;
  readonly isInParagraph: boolean;
  readonly isInLink: boolean;
}

const NOTHING_AROUND: Around = { text: undefined, isInParagraph: false, isInLink: false };

function visit(element: XhtmlElement, parent: string | undefined, around: Around, found: Breach[]): void {
  const name = element.localName;
  const fault = faultOf(element, parent, around);
  if (fault !== undefined) found.push({ text: fault, offset: element.offset });
  if (element.children.length === 0) return;
  const within = OF_TEXT.has(name)
    ? { text: name, isInParagraph: around.isInParagraph || name === "p", isInLink: around.isInLink || name === "a" }
    : around;
  for (const child of element.children) if (typeof child !== "string") visit(child, name, within, found);
}

function faultOf(
  { localName: name, children }: XhtmlElement,
  parent: string | undefined,
  { text, isInParagraph, isInLink }: Around,
): string | undefined {
  const parents = PARENTS.get(name);
  if (parents && (parent === undefined || !parents.has(parent)))
    return `The element '${name}' must stand in ${[...parents].join(", ")}, not in '${parent ?? ""}'.`;
  const allowed = parent === undefined ? undefined : CHILDREN.get(parent);
  if (allowed?.has(name) === false) return `The element '${name}' must not stand in '${parent ?? ""}', which holds ${[...allowed].join(", ")} only.`;
  if (text !== undefined && BLOCKS.has(name)) return `The element '${name}' must not stand within '${text}': close that before it.`;
  if (isInParagraph && BLOCKS_IN_PARAGRAPH.has(name)) return `The element '${name}' must not stand within 'p': close that before it.`;
  if (isInLink && name === "a") return "A link must not stand within another.";
  if (EMPTY.has(name) && children.length > 0) return `The element '${name}' is always empty.`;
  if (CHILDREN.has(name) && children.some((child) => typeof child === "string" && /[^ \t\r\n]/.test(child)))
    return `Text must not stand in '${name}' itself, which holds ${[...(CHILDREN.get(name) ?? [])].join(", ")} only.`;
  return undefined;
}
