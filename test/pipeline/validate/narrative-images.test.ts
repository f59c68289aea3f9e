import { expect, test } from "@jest/globals";
import { imageSources } from "../../../src/pipeline/validate/narrative-images.ts";

test("the sources of images, however they are written", () => {
  expect(imageSources(`<div><img src="#a" alt="x"/><img alt='y' src = 'Binary/b'/><img\nsrc="urn:uuid:1"/></div>`)).toEqual([
    "#a",
    "Binary/b",
    "urn:uuid:1",
  ]);
  expect(imageSources(`<div><p title="nosrc='x'">no image</p><a href="#a">x</a></div>`)).toEqual([]);
});
