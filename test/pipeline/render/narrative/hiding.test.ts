import { describe, expect, test } from "@jest/globals";
import { hides } from "../../../../src/pipeline/render/narrative/hiding.ts";

describe("hides", () => {
  test.each([
    "display: none",
    "DISPLAY:NONE !important",
    "visibility: hidden",
    "opacity: 0",
    "opacity: .2",
    "font-size: 0",
    "font-size:1px",
    "font: 0/0 a",
    "color: transparent",
    "color: rgba(0, 0, 0, 0)",
    "position: absolute; left: -9999px",
    "text-indent: -9999px",
    "margin-left: -500px",
    "transform: scale(0)",
    "clip-path: inset(100%)",
    "height: 0; overflow: hidden",
    "color: red; max-height: 0px",
    "letter-spacing: -1em",
  ])("tells what would take words away: %s", (style) => expect(hides(style)).toBe(true));

  test.each([
    "",
    "display: block",
    "visibility: visible",
    "opacity: 0.9",
    "opacity: 1",
    "font-size: 0.8em",
    "font-size: 10px",
    "font-size: 12pt",
    "color: rgba(0, 0, 0, 0.8)",
    "position: relative",
    "text-indent: 2em",
    "margin-left: -4px",
    "height: 0.5em",
    "width: 100%",
    "max-width: 20em",
    "transform: none",
    "font: bold 10px Arial",
    "constructor: none",
  ])("passes over what does not: %s", (style) => expect(hides(style)).toBe(false));
});
