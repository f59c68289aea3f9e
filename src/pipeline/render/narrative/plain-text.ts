/** A narrative as plain text: every word of it, in order, whatever its markup is. What is left when markup cannot be trusted. */
import type { XhtmlElement } from "../../../core/fhir/xml/xhtml.ts";
import { BLOCKS } from "./content-model.ts";

/** Elements that begin a line of their own; cells are kept apart by a bar. */
const CELLS: ReadonlySet<string> = new Set(["td", "th"]);
const CELL_PARENTS: ReadonlySet<string> = new Set(["tr", "tbody", "thead", "tfoot", "table"]);
const LINES: ReadonlySet<string> = new Set([
  ...[...BLOCKS].filter((name) => !CELLS.has(name)),
  "br",
  "form",
  "script",
  "style",
  "iframe",
  "body",
  "head",
]);

/** The text of a tree: lines where blocks began and ended, ` | ` between cells, images as their description in brackets. */
export function plainText(root: XhtmlElement): string {
  let text = "";
  // A stack instead of recursion: no depth of nesting may exhaust it.
  const waiting: (XhtmlElement | string | { readonly mark: string })[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === "string") {
      text += next;
    } else if ("mark" in next) {
      text += next.mark;
    } else {
      if (LINES.has(next.localName)) text += "\n";
      if (next.localName === "img") text += ` [${(next.attributes.find(([name]) => name === "alt")?.[1] ?? "×").trim()}] `;
      if (LINES.has(next.localName) && next.localName !== "br") waiting.push({ mark: "\n" });
      // Cells are kept apart, and nothing else: a bar of the sender's own stays.
      const isCell = (child: XhtmlElement | string | undefined): boolean => typeof child === "object" && CELLS.has(child.localName);
      const children = next.children.filter((child) => typeof child !== "string" || child.trim() !== "" || !CELL_PARENTS.has(next.localName));
      children.toReversed().forEach((child, fromEnd) => {
        waiting.push(child);
        if (isCell(child) && isCell(children[children.length - fromEnd - 2])) waiting.push({ mark: " | " });
      });
    }
  }
  return text
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
