import { describe, expect, test } from "@jest/globals";
import { readXhtml, type XhtmlElement } from "../../../../src/core/fhir/xml/xhtml.ts";
import { sidewaysLines, sidewaysTable } from "../../../../src/pipeline/render/narrative/sideways.ts";

function element(source: string): XhtmlElement {
  const { root } = readXhtml(source.replace(">", ' xmlns="http://www.w3.org/1999/xhtml">'));
  if (!root) throw new Error("no root");
  return root;
}

describe("sidewaysTable", () => {
  test("names the columns: the last row of the head, or a first row of headings", () => {
    const head = "<thead><tr><th>A</th></tr><tr><th>Dose</th><th/><th> When <b>stopped</b></th></tr></thead>";
    expect(sidewaysTable(element(`<table>${head}<tbody><tr><td>1</td><td>2</td><td>3</td></tr></tbody></table>`), false)).toMatchObject({
      heads: ["Dose", "When stopped"],
      columns: 3,
    });
    expect(sidewaysTable(element("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>"), false).heads).toEqual(["A", "B"]);
    expect(sidewaysTable(element("<table><tr><th>A</th><td>B</td></tr></table>"), false).heads).toEqual([]);
  });

  test("needs room for its longest words, for lines that do not break, and for the widths that it asks for", () => {
    const need = (cell: string): number => sidewaysTable(element(`<table><tr>${cell}</tr></table>`), false).need;
    expect(need("<td>two words and more</td>")).toBeLessThan(80);
    expect(need('<td><span style="white-space:nowrap">two words and more</span></td>')).toBeGreaterThan(180);
    expect(need('<td style="width: 500px">x</td>')).toBeGreaterThan(500);
    expect(need('<td width="500">x</td>')).toBeGreaterThan(500);
  });
});

test("sidewaysLines takes the longest line", () => {
  expect(sidewaysLines(element(`<pre>short\n${"x".repeat(100)}</pre>`)).need).toBeGreaterThan(800);
});
