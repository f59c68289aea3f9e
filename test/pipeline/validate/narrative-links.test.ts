import { expect, test } from "@jest/globals";
import { narrativeLinks } from "../../../src/pipeline/validate/narrative-links.ts";

test("images, links and the places that links lead to, however they are written", () => {
  const div = `<div><img src="#a" alt="x"/><img alt='y' src = 'Binary/b'/><a href="#c" name="d">x</a><p id='e'>y</p><img\nsrc="urn:uuid:1"/></div>`;
  expect(narrativeLinks(div)).toEqual({ images: ["#a", "Binary/b", "urn:uuid:1"], links: ["#c"], places: ["e", "d"] });
});

test("what only looks like an attribute", () => {
  expect(narrativeLinks(`<div><p title="nosrc='x'">no id=1</p></div>`)).toEqual({ images: [], links: [], places: [] });
});
