/** What can be repeated in a narrative. */
import type { Dimension } from "./dimension.ts";
import { documentWith, entryOf, repeated, urlOf, xmlDocumentWith } from "./document.ts";

function narrative(make: (count: number) => string): (count: number) => string {
  return (count) => documentWith({ narrative: make(count) });
}

/** Tables in the cells of tables. */
const TABLE = ["<table><tr><td>", "</td></tr></table>"] as const;

function levels(count: number, depth: number, [open, close]: readonly [string, string], inner: string): string {
  return repeated(Math.max(1, Math.ceil(count / depth)), () => open.repeat(depth) + inner + close.repeat(depth), "");
}

export const NARRATIVE_DIMENSIONS: readonly Dimension[] = [
  { name: "bytes of a narrative", make: narrative((count) => `<p>${"word ".repeat(count)}</p>`) },
  { name: "blanks of a narrative", make: narrative((count) => `<p>a${" ".repeat(count)}b</p>`) },
  { name: "one long word", make: narrative((count) => `<p>${"x".repeat(count)}</p>`) },
  { name: "Chinese characters", make: narrative((count) => `<p>${"病".repeat(count)}</p>`) },
  { name: "paragraphs", make: narrative((count) => "<p>a</p>".repeat(count)) },
  { name: "line breaks of a narrative", make: narrative((count) => `<p>${"a<br/>".repeat(count)}</p>`) },
  {
    name: "table cells",
    make: narrative((count) => `<table>${repeated(Math.ceil(count / 10), () => `<tr>${"<td>a</td>".repeat(10)}</tr>`, "")}</table>`),
  },
  { name: "rows of a table", make: narrative((count) => `<table>${"<tr><td>a</td></tr>".repeat(count)}</table>`) },
  { name: "columns of a table", make: narrative((count) => `<table><tr>${"<td>a</td>".repeat(count)}</tr></table>`) },
  { name: "columns that span", make: narrative((count) => `<table><tr>${'<td colspan="999">a</td>'.repeat(count)}</tr></table>`) },
  { name: "columns (col)", make: narrative((count) => `<table>${'<col span="999"/>'.repeat(count)}<tr><td>a</td></tr></table>`) },
  { name: "tables", make: narrative((count) => "<table><tr><td>a</td></tr></table>".repeat(count)) },
  { name: "tables in tables", make: narrative((count) => levels(count, 30, TABLE, "word ".repeat(1000))) },
  { name: "strays in a table", make: narrative((count) => `<table><tr>${"a<td>b</td>".repeat(count)}</tr></table>`) },
  { name: "lists of a narrative", make: narrative((count) => `<ul>${"<li>a</li>".repeat(count)}</ul>`) },
  { name: "elements in elements", make: narrative((count) => levels(count, 90, ["<b>", "</b>"], "a")) },
  { name: "divs in divs", make: narrative((count) => levels(count, 90, ["<div>", "</div>"], "a")) },
  { name: "paragraphs in lists", make: narrative((count) => levels(count, 40, ["<ul><li>", "</li></ul>"], "<p>a</p>")) },
  { name: "attributes of an element", make: narrative((count) => `<p ${repeated(count, (at) => `a${at}="1"`, " ")}>b</p>`) },
  { name: "one attribute twice", make: narrative((count) => `<p ${repeated(count, () => 'title="1"', " ")}>b</p>`) },
  { name: "attributes with a prefix", make: narrative((count) => `<p xmlns:x="urn:x" ${repeated(count, (at) => `x:a${at}="1"`, " ")}>b</p>`) },
  { name: "namespaces of an element", make: narrative((count) => `<p ${repeated(count, (at) => `xmlns:x${at}="urn:x"`, " ")}>b</p>`) },
  { name: "ids", make: narrative((count) => repeated(count, (at) => `<p id="i${at}">a</p>`, "")) },
  { name: "one id again", make: narrative((count) => repeated(count, () => `<p id="i">a</p>`, "")) },
  {
    name: "links",
    make: narrative((count) => `<p id="i">${'<a href="#i">a</a>'.repeat(count)}</p>`),
    known: { judge: "22 times: the page, and the copies of it that go to the judge" },
  },
  { name: "links to nothing", make: narrative((count) => `<p>${repeated(count, (at) => `<a href="#i${at}">a</a>`, "")}</p>`) },
  { name: "links outwards", make: narrative((count) => `<p>${'<a href="https://a.org">a</a>'.repeat(count)}</p>`) },
  { name: "classes", make: narrative((count) => `<p class="${repeated(count, (at) => `c${at}`, " ")}">a</p>`) },
  { name: "headers of a cell", make: narrative((count) => `<table><tr><td headers="${repeated(count, (at) => `c${at}`, " ")}">a</td></tr></table>`) },
  { name: "bytes of a title attribute", make: narrative((count) => `<p title="${"word ".repeat(count)}">a</p>`) },
  { name: "styles", make: narrative((count) => '<p style="color:red">a</p>'.repeat(count)) },
  { name: "declarations of a style", make: narrative((count) => `<p style="${"color:red;".repeat(count)}">a</p>`) },
  { name: "empty declarations of a style", make: narrative((count) => `<p style="${";".repeat(count)}">a</p>`) },
  { name: "blanks in a value", make: narrative((count) => `<p style="color:red${" ".repeat(count)}x">a</p>`) },
  { name: "blanks before a name", make: narrative((count) => `<p style="${" ".repeat(count)}x">a</p>`) },
  { name: "blanks behind a name", make: narrative((count) => `<p style="color${" ".repeat(count)}x">a</p>`) },
  { name: "blanks before !important", make: narrative((count) => `<p style="color:red!${" ".repeat(count)}x">a</p>`) },
  { name: "blanks around commas", make: narrative((count) => `<p style="font-family:a${" ".repeat(count)}b,c${" ".repeat(count)}d">a</p>`) },
  { name: "commas in a value", make: narrative((count) => `<p style="font-family:a${",a".repeat(count)}">a</p>`) },
  { name: "parts of a value", make: narrative((count) => `<p style="padding:1px${" 1px".repeat(count)}">a</p>`) },
  { name: "functions in a value", make: narrative((count) => `<p style="color:${"rgb(".repeat(count)}">a</p>`) },
  { name: "figures in a function", make: narrative((count) => `<p style="color:rgb(${"1 ".repeat(count)}">a</p>`) },
  { name: "names of a style", make: narrative((count) => `<p style="${"a-".repeat(count)}:b">a</p>`) },
  { name: "images without a picture", make: narrative((count) => `<p>a${'<img src="#a" alt="b"/>'.repeat(count)}</p>`) },
  {
    name: "images of one picture",
    make: (count) =>
      documentWith({
        narrative: `<p>a${`<img src="${urlOf(1)}" alt="b"/>`.repeat(count)}</p>`,
        entries: entryOf(urlOf(1), `"resourceType":"Binary","contentType":"image/png","data":"${"AAAA".repeat(count * 4)}"`),
      }),
  },
  { name: "images in the text", make: narrative((count) => `<p>a${'<img src="data:image/png;base64,AAAA" alt="b"/>'.repeat(count)}</p>`) },
  { name: "bytes of an image", make: narrative((count) => `<p>a<img src="data:image/png;base64,${"AAAA".repeat(count)}" alt="b"/></p>`) },
  { name: "blanks of an image", make: narrative((count) => `<p>a<img src="data:image/png${" ".repeat(count)};base64,AAAA" alt="b"/></p>`) },
  { name: "entities", make: narrative((count) => `<p>${"&amp;".repeat(count)}</p>`) },
  { name: "entities of HTML", make: narrative((count) => `<p>${"&nbsp;".repeat(count)}</p>`) },
  { name: "references of a narrative", make: narrative((count) => `<p>${"&#65;".repeat(count)}</p>`) },
  { name: "comments of a narrative", make: narrative((count) => `<p>a${"<!---->".repeat(count)}</p>`) },
  { name: "comments that do not end", make: narrative((count) => `<p>a${"<!--".repeat(count)}</p>`) },
  { name: "CDATA of a narrative", make: narrative((count) => `<p>a${"<![CDATA[b]]>".repeat(count)}</p>`) },
  { name: "elements of no narrative", make: narrative((count) => "<video>a</video>".repeat(count)) },
  { name: "tags that do not close", make: narrative((count) => "<p>".repeat(count)) },
  { name: "less-than signs", make: narrative((count) => "<".repeat(count)) },
  { name: "blanks before a div", make: (count) => documentWith({ narrative: "a" }).replace('"<div', `"${" ".repeat(count)}<div`) },
  {
    name: "a div with comments in XML",
    mediaType: "application/fhir+xml",
    make: (count) => xmlDocumentWith("", "", `<p>a</p>${"<!--b-->".repeat(count)}`),
  },
  {
    name: "a div with prefixes in XML",
    mediaType: "application/fhir+xml",
    make: (count) => xmlDocumentWith("", ' xmlns:x="http://www.w3.org/1999/xhtml"', "<x:p>a</x:p>".repeat(count)),
  },
  { name: "carriage returns in XML", mediaType: "application/fhir+xml", make: (count) => xmlDocumentWith("", "", `<p>${"a\r\n".repeat(count)}</p>`) },
  {
    name: "kept references in XML",
    mediaType: "application/fhir+xml",
    make: (count) => xmlDocumentWith("", "", `<p>${"&#x0000D;".repeat(count)}</p>`),
  },
];
