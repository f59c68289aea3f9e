import { describe, expect, test } from "@jest/globals";
import { attributeOf, elementsOf, readXmlTree, textOf } from "../../../src/core/crypto/xml-tree.ts";

describe("readXmlTree", () => {
  test("gives elements with their namespaces, attributes and text", () => {
    const root = readXmlTree('<?xml version="1.0" encoding="UTF-8"?>\n<z:a xmlns:z="u:z" b="1" z:b="2"> x<c>y<d/></c> z </z:a>');
    expect(root).toMatchObject({ prefix: "z", local: "a", uri: "u:z" });
    expect(attributeOf(root, "b")).toBe("1");
    expect(elementsOf(root).map(({ local, uri }) => [local, uri])).toEqual([["c", ""]]);
    expect(textOf(root)).toBe("xy z");
  });

  test.each([
    ["a document type", "<!DOCTYPE a><a/>"],
    ["an entity that grows", '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'],
    ["XML 1.1", '<?xml version="1.1"?><a/>'],
    ["XML 1.1, where lines may end with other characters", "<?xml version='1.1'?><r><a>x\u0085y\u2028z</a></r>"],
    ["an unknown entity", "<a>&nbsp;</a>"],
    ["a processing instruction", "<a><?b c?></a>"],
    ["an undeclared prefix", "<z:a/>"],
    ["an attribute twice", '<a b="1" b="2"/>'],
    ["an attribute twice by namespace", '<a xmlns:x="u" xmlns:y="u" x:b="1" y:b="2"/>'],
    ["no end", "<a>"],
    ["two roots", "<a/><a/>"],
    ["nothing", ""],
    ["text", "a"],
    ["a control character", "<a>\u0001</a>"],
    ["too many levels", "<a>".repeat(300) + "</a>".repeat(300)],
  ])("refuses %s", (_, text) => {
    expect(() => readXmlTree(text)).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
