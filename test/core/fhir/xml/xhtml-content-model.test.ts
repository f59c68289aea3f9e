import { expect, test } from "@jest/globals";
import { misplaced } from "../../../../src/core/fhir/xml/xhtml-content-model.ts";
import { readXhtml, type XhtmlElement } from "../../../../src/core/fhir/xml/xhtml.ts";

function said(content: string): string[] {
  const { root } = readXhtml(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`);
  return misplaced(root as XhtmlElement).map(({ text }) => text);
}

test.each([
  ["<p>a<b><p>x</p></b></p>", "The element 'p' must not stand within 'p'"],
  ["<p><blockquote>x</blockquote></p>", "The element 'blockquote' must not stand within 'p'"],
  ["<h1><table><tr><td>x</td></tr></table></h1>", "The element 'table' must not stand within 'h1'"],
  ["<span><div>x</div></span>", "The element 'div' must not stand within 'span'"],
  ["<b><i><ul><li>x</li></ul></i></b>", "The element 'ul' must not stand within 'i'"],
  ["<dl><dt><div>x</div></dt></dl>", "The element 'div' must not stand within 'dt'"],
  ["<td>x</td>", "The element 'td' must stand in tr"],
  ["<li>x</li>", "The element 'li' must stand in ul, ol"],
  ["<table><td>x</td></table>", "The element 'td' must stand in tr"],
  ["<ul><p>x</p></ul>", "The element 'p' must not stand in 'ul'"],
  ["<table><tbody><tbody><tr><td>x</td></tr></tbody></tbody></table>", "The element 'tbody' must stand in table"],
  ["<table><tr>x<td>y</td></tr></table>", "Text must not stand in 'tr'"],
  ["<ol>x</ol>", "Text must not stand in 'ol'"],
  ["<br>x</br>", "The element 'br' is always empty"],
  ['<a href="#a">x<b><a href="#b">y</a></b></a>', "A link must not stand within another"],
])("%s", (content, text) => {
  expect(said(content)[0]).toContain(text);
});

test.each([
  "<div><p>y</p></div><blockquote><p>x</p></blockquote>",
  "<table> <caption>c</caption><colgroup><col/></colgroup><thead><tr><th>h</th></tr></thead><tfoot><tr><td/></tr></tfoot><tbody><tr><td><p>z</p><ul><li>a<ol><li>b</li></ol></li></ul></td></tr></tbody> </table>",
  "<dl><dt>a</dt><dd><p>b</p></dd></dl>",
  "<p>a<br/><b>c</b><img src='#x' alt=''/></p>",
])("what stands where it may: %s", (content) => {
  expect(said(content)).toEqual([]);
});
