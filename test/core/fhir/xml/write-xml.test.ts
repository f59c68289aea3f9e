import { describe, expect, test } from "@jest/globals";
import type { AppError } from "../../../../src/core/errors.ts";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { readXml, writeXml } from "../../../r4.ts";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

function tree(content: object): JsonObject {
  return treeOf({ resourceType: "Patient", ...content }) as JsonObject;
}

function back(xml: string): string {
  const { resource, issues } = readXml(new SourceText(xml), DEFAULT_READ_LIMITS);
  expect(issues).toEqual([]);
  return writeJson(resource as JsonObject);
}

test("elements stand in the order of the definitions, ids and urls are attributes", () => {
  const resource = tree({
    gender: "male",
    _gender: { extension: [{ valueString: "x", url: "u", id: "e" }], id: "g" },
    name: [{ given: ["A", null], _given: [null, { id: "i" }], id: "n" }],
    id: "p",
  });
  expect(writeXml(resource)).toBe(
    `${HEAD}<Patient xmlns="http://hl7.org/fhir"><id value="p"/><name id="n"><given value="A"/><given id="i"/></name>` +
      '<gender value="male" id="g"><extension id="e" url="u"><valueString value="x"/></extension></gender></Patient>',
  );
});

test("pretty: two spaces, and nothing within a narrative", () => {
  const div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p>\n</div>';
  expect(writeXml(tree({ contained: [{ resourceType: "Basic" }], text: { status: "generated", div } }), { pretty: true })).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir">
  <text>
    <status value="generated"/>
    ${div}
  </text>
  <contained>
    <Basic/>
  </contained>
</Patient>
`,
  );
});

test.each([{}, { pretty: true }])("every character comes back as it was", (options) => {
  const resource = tree({ language: " \t\n\r\r\n\"'<>&]]>\u0085\u2028é😀\uFFFD ", id: "&amp;" });
  expect(JSON.parse(back(writeXml(resource, options)))).toEqual(JSON.parse(writeJson(resource)));
});

describe("a narrative's string comes back to the letter", () => {
  const root = '<div xmlns="http://www.w3.org/1999/xhtml"';
  test.each([
    `${root}>a\r\nb\rc</div>`,
    `${root}>a&nbsp;b &eacute;&lt;&euro;&apos;</div>`,
    `${root} title="a\r\n&quot;&ouml;">&#x0000D;&#x00000D;&#x0000A0;&#xD;&#13;&#x0000ABCDE;</div>`,
    `${root}><!-- a\r\n &nbsp; &#x0000D; --><![CDATA[ \r &nbsp; &#x0000D; ]]></div>`,
    `\n  ${root}>x</div>\r\n\t`,
    `<h:div xmlns:h="http://www.w3.org/1999/xhtml"/>`,
  ])("%j", (div) => {
    for (const pretty of [false, true]) {
      expect(JSON.parse(back(writeXml(tree({ text: { div } }), { pretty })))).toEqual({ resourceType: "Patient", text: { div } });
    }
  });

  test("another reader of XML sees the characters that the names stand for", () => {
    const xml = writeXml(tree({ text: { div: `${root}>a&nbsp;\r\nb</div>` } }));
    expect(xml).toContain("a&#x0000A0;&#x0000D;\nb");
  });
});

describe("what has no XML", () => {
  const code = (content: object): string => {
    try {
      return writeXml(tree(content));
    } catch (error) {
      return (error as AppError).code;
    }
  };

  test.each([{ name: [{ given: [null], _given: [{ id: "x" }] }] }, { name: [{ given: ["A"], _given: [null] }] }, { name: [{ given: [null] }] }])(
    "null alone: %j",
    (content) => {
      expect(code(content)).toBe("not-acceptable");
    },
  );

  test.each(["\u0001", "\u0000", "\uFFFE", "\uD800"])("the character %j", (character) => {
    expect(code({ language: `a${character}` })).toBe("not-acceptable");
    expect(code({ text: { div: `<div xmlns="http://www.w3.org/1999/xhtml">${character}</div>` } })).toBe("not-acceptable");
  });

  test.each([
    "",
    "x",
    "<div>x</div>",
    '<p xmlns="http://www.w3.org/1999/xhtml"/>',
    '<div xmlns="http://www.w3.org/1999/xhtml">',
    '<div xmlns="http://www.w3.org/1999/xhtml"/><evil/>',
    '<div xmlns="http://www.w3.org/1999/xhtml"/></text><active value="true"/><text>',
    '<div xmlns="http://www.w3.org/1999/xhtml">&unknown;</div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><a:b/></div>',
    '<div xmlns="http://www.w3.org/1999/xhtml"><?php x?></div>',
    '<!DOCTYPE div><div xmlns="http://www.w3.org/1999/xhtml"/>',
    '<!-- x --><div xmlns="http://www.w3.org/1999/xhtml"/>',
    '<div xmlns="http://www.w3.org/1999/xhtml"/><!-- x -->',
    '<div xmlns="http://www.w3.org/1999/xhtml"><b\r>x</b></div>',
  ])("the narrative %j", (div) => {
    expect(code({ text: { div } })).toBe("not-acceptable");
  });

  test.each([
    { unknown: "x" },
    { name: { family: "A" } },
    { gender: ["male"] },
    { gender: { a: "b" } },
    { name: ["A"] },
    { name: [null] },
    { gender: null },
    { _name: [{ id: "x" }] },
    { active: "true" },
    { gender: true },
    { multipleBirthInteger: "2" },
    { birthDate: 1980 },
    { name: [] },
    { name: [{ given: ["a", null] }] },
    { name: [{ given: ["a", "b"], _given: [{ id: "x" }] }] },
    { gender: "male", _gender: {} },
    { valueQuantity: {} },
    { contained: [{ resourceType: "Resource" }] },
  ])("a tree that is not R4: %j", (content) => {
    expect(code(content)).toBe("internal");
  });
});
