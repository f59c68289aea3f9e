import { describe, expect, test } from "@jest/globals";
import { readXhtml } from "../../../../src/core/fhir/xml/xhtml.ts";

const ROOT = '<div xmlns="http://www.w3.org/1999/xhtml"';
const kinds = (div: string): string[] => readXhtml(div).issues.map((issue) => `${issue.kind} @${issue.offset}`);

test("elements, attributes and text, with their places", () => {
  const { root, issues } = readXhtml(`${ROOT}>a<b title="x&amp;y">1 &lt; <![CDATA[2]]></b><!-- c -->d<br/></div>`);
  expect(issues).toEqual([]);
  expect(root?.attributes).toEqual([["xmlns", "http://www.w3.org/1999/xhtml"]]);
  expect(root?.children).toMatchObject([
    "a",
    {
      name: "b",
      localName: "b",
      namespace: "http://www.w3.org/1999/xhtml",
      attributes: [["title", "x&y"]],
      children: ["1 < 2"],
      offset: ROOT.length + 2,
    },
    "d",
    { name: "br", children: [] },
  ]);
});

test("named entities of HTML are read as their characters, and told of once each", () => {
  const { root, issues } = readXhtml(`${ROOT} title="&auml;">&nbsp;&nbsp;&euro;&amp;<!-- &copy; --></div>`);
  expect(root?.children).toEqual(["\u00A0\u00A0€&"]);
  expect(issues.map((issue) => issue.kind)).toEqual(["entity", "entity", "entity"]);
  expect(issues.map((issue) => issue.text.slice(0, 17))).toEqual(["The entity &auml;", "The entity &nbsp;", "The entity &euro;"]);
});

test("white space around it is no fault; comments, instructions and declarations are", () => {
  expect(kinds(`\n ${ROOT}/>\n`)).toEqual([]);
  expect(kinds(` <?xml version="1.0"?>${ROOT}/>`)).toEqual(["instruction @1"]);
  expect(kinds(`${ROOT}><?x y?></div>`)).toEqual([`instruction @${ROOT.length + 1}`]);
  expect(kinds(`<!-- a -->${ROOT}/>`)).toEqual(["outside @0"]);
});

describe("what is not well-formed has no tree", () => {
  test.each([
    "",
    "text",
    `${ROOT}>`,
    `${ROOT}><p></div>`,
    `${ROOT}/>x`,
    `${ROOT}/><p/>`,
    `${ROOT}>&foo;</div>`,
    `${ROOT}>&constructor;</div>`,
    `${ROOT} a=b/>`,
    `${ROOT}><a:b/></div>`,
  ])("%s", (div) => {
    const { root, issues } = readXhtml(div);
    expect(root).toBeUndefined();
    expect(issues.at(-1)?.kind).toBe("syntax");
  });

  test("a DOCTYPE, and entities of its own", () => {
    expect(readXhtml(`<!DOCTYPE div [<!ENTITY a "b">]>${ROOT}>&a;</div>`)).toMatchObject({ issues: [{ kind: "syntax", offset: 0 }] });
    expect(readXhtml(`${ROOT}><!DOCTYPE foo></div>`).root).toBeUndefined();
  });

  test("more than a hundred levels", () => {
    expect(readXhtml(`${ROOT}>${"<b>".repeat(99)}${"</b>".repeat(99)}</div>`).root).toBeDefined();
    expect(readXhtml(`${ROOT}>${"<b>".repeat(1_000_000)}`).issues[0]?.text).toContain("levels");
  });
});
