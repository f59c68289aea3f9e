import { describe, expect, test } from "@jest/globals";
import { briefly, saidOf, saidOfText, type Plain } from "../a-document.ts";

const AT = "Basic.text.div";

function basic(div: string): Plain {
  return { resourceType: "Basic", text: { status: "additional", div }, code: { text: "note" } };
}

function xhtml(content: string): string {
  return `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;
}

describe("each rule of narratives", () => {
  test.each<[line: string, div: string]>([
    [`error xhtml-syntax ${AT}`, xhtml("<p>not closed")],
    [`error xhtml-syntax ${AT}`, "words only"],
    [`error xhtml-outside ${AT}`, `${xhtml("<p>Pulse 72</p>")}<!-- behind -->`],
    [`error xhtml-entity ${AT}`, xhtml("<p>Pulse&nbsp;72</p>")],
    [`error txt-1 ${AT}`, xhtml("<p>Pulse 72</p><script>alert(1)</script>")],
    [`error txt-1 ${AT}`, xhtml('<p onclick="alert(1)">Pulse 72</p>')],
    [`error txt-1 ${AT}`, xhtml('<a href="javascript:alert(1)">Pulse 72</a>')],
    [`error txt-1 ${AT}`, "<div><p>no namespace</p></div>"],
    [`error txt-2 ${AT}`, xhtml("<p> \n </p>")],
    [`error xhtml-misplaced ${AT}`, xhtml("<p>a<p>b</p></p>")],
    [`error narrative-link-unresolved ${AT}`, xhtml('<a href="#chart">x</a>')],
    [`error narrative-link-unresolved ${AT}`, xhtml('<img src="#chart" alt="x"/>')],
  ])("%s %#", (line, div) => {
    expect(briefly(saidOf(basic(div)))).toEqual([line]);
  });
});

test.each([
  xhtml("<p>Pulse 72</p>"),
  xhtml('<p id="chart">y</p><a href="#chart">x</a><img src="#chart" alt="chart"/>'),
  ` ${xhtml("<table><tr><td>72</td></tr></table>")}\n`,
])("%s keeps them", (div) => {
  expect(saidOf(basic(div))).toEqual([]);
});

test("links lead to ids of a narrative or of elements, as they are meant", () => {
  const link = xhtml(`<a href="#a%20b">x</a><a href="#c&#38;d">y</a><a href="#e">z</a><p id="a b">1</p><p id="c&amp;d">2</p>`);
  expect(briefly(saidOf({ ...basic(link), code: { id: "e", text: "note" } }))).toEqual([]);
  expect(briefly(saidOf(basic(xhtml(`<p title="href='#a'">Write &lt;a href="#b"></p><!-- <a href="#c">x</a> -->`))))).toEqual([]);
});

test("one issue tells of the first breach of txt-1 and how many more there are", () => {
  const [issue, ...others] = saidOf(basic(xhtml("<p>a</p>" + "<script>b</script>".repeat(12))));
  expect(others).toEqual([]);
  expect(issue?.text).toContain("and 11 more");
});

test("the place is that of the div, in JSON and in XML", () => {
  const json = `{"resourceType":"Basic","code":{"text":"n"},"text":{\n "status":"additional",\n "div":${JSON.stringify(xhtml("<b onload='x'>a</b>"))}}}`;
  expect(saidOfText(json, "application/fhir+json")).toMatchObject([{ rule: "txt-1", position: { line: 3, column: 2 } }]);
  const xml = `<Basic xmlns="http://hl7.org/fhir"><text><status value="additional"/>\n  ${xhtml("<b onload='x'>a</b>")}</text><code><text value="n"/></code></Basic>`;
  expect(saidOfText(xml, "application/fhir+xml")).toMatchObject([{ rule: "txt-1", position: { line: 2, column: 3 } }]);
});

test("a namespace of the sender's is repeated shortly, and with what can't be seen escaped", () => {
  const [issue] = saidOf(basic(`<div xmlns="\ufeff\u202e${"x".repeat(900)}">a</div>`));
  expect(issue?.rule).toBe("txt-1");
  expect(issue?.text).toContain("\\u202e");
  expect(issue?.text.length).toBeLessThan(420);
});

test("a narrative beyond a limit is told of by the limit's rule, however it is written", () => {
  const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
  const rulesOf = (inside: string): (string | undefined)[] => saidOf(basic(`<div ${XHTML}>${inside}</div>`)).map(({ rule }) => rule);
  expect(rulesOf("<b>a</b>".repeat(49_999))).toEqual([]);
  expect(rulesOf("<b>a</b>".repeat(50_000))).toEqual(["narrative-too-large"]);
  // A comment leaves it to the reader that knows all of XML.
  expect(rulesOf(`<!-- -->${"<b>a</b>".repeat(49_999)}`)).toEqual([]);
  expect(rulesOf(`<!-- -->${"<b>a</b>".repeat(50_000)}`)).toEqual(["narrative-too-large"]);
  const attributes = (count: number): string => Array.from({ length: count }, (_, at) => `xmlns:n${at}="urn:n"`).join(" ");
  expect(rulesOf(`<p ${attributes(100)}>a</p>`)).toEqual([]);
  expect(rulesOf(`<p ${attributes(101)}>a</p>`)).toEqual(["narrative-too-large"]);
});
