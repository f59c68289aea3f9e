import { expect, test } from "@jest/globals";
import { readXhtml, type XhtmlElement } from "../../../src/core/fhir/xml/xhtml.ts";
import { narrativeLinks } from "../../../src/pipeline/validate/narrative-links.ts";

function linksOf(content: string): ReturnType<typeof narrativeLinks> {
  return narrativeLinks(readXhtml(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`).root as XhtmlElement);
}

test("images, links and the places that links lead to, however they are written", () => {
  const content = `<img src="#a" alt="x"/><img alt='y' src = 'Binary/b'/><a href="#c&#38;c" name="d">x</a><p id='e'>y</p><img\nsrc="urn:uuid:1"/>`;
  expect(linksOf(content)).toEqual({ images: ["#a", "Binary/b", "urn:uuid:1"], links: ["#c&c"], places: ["d", "e"] });
});

test("what only looks like an attribute", () => {
  const content = `<p title="see href='#x'">Write &lt;a href="#y"> with the id="z" of it</p><!-- <a href="#old">x</a> -->`;
  expect(linksOf(content)).toEqual({ images: [], links: [], places: [] });
});
