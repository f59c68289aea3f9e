/** What HTML's parser expects where (HTML, 13.2.6), so that the elements of a narrative come out of a browser as they were nested, and in order. */

/** Elements that end a paragraph when they begin inside one. */
export const BLOCKS: ReadonlySet<string> = new Set(
  "address blockquote center dd dir div dl dt h1 h2 h3 h4 h5 h6 hr li menu ol p pre table ul caption colgroup col thead tbody tfoot tr td th".split(
    " ",
  ),
);

export const VOID_ELEMENTS: ReadonlySet<string> = new Set(["br", "col", "hr", "img"]);

/** Everything that may be written; the allow-list of txt-1 says what may come in. */
export const ELEMENTS: ReadonlySet<string> = new Set([
  ...BLOCKS,
  ...VOID_ELEMENTS,
  ..."a abbr acronym b bdo big cite code del dfn em i ins kbd q s samp small span strike strong sub sup tt u var font".split(" "),
]);

/** Where an element stands: anywhere, or right inside a part of a table, where only certain parts have a place. */
export type TablePart = "flow" | "table" | "row-group" | "row";

/** The parts that have a place there. Anything else, text too, a browser would move in front of the table. */
export const PARTS: Readonly<Record<Exclude<TablePart, "flow">, ReadonlySet<string>>> = {
  table: new Set(["caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th"]),
  "row-group": new Set(["tr", "td", "th"]),
  row: new Set(["td", "th"]),
};

/** What wraps anything else, so that it stays where it is. */
export const WRAPPERS: Readonly<Record<Exclude<TablePart, "flow">, readonly string[]>> = {
  table: ["tr", "td"],
  "row-group": ["tr", "td"],
  row: ["td"],
};

/** What the children of an element find themselves in. */
export const INSIDES: Readonly<Record<string, TablePart>> = { table: "table", thead: "row-group", tbody: "row-group", tfoot: "row-group", tr: "row" };

export const TABLE_PARTS: ReadonlySet<string> = new Set(["caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th"]);
