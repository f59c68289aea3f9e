import { describe, expect, test } from "@jest/globals";
import { SHEET_ADDRESS, styledContent } from "./styled.ts";

const P = '<p id="x">word</p>';
const CSS = "p { font-style: italic }";
const isApplied = (html: string): boolean => html.includes('style="font-style: italic"');

describe("where a stylesheet is looked for", () => {
  test.each([
    ["by its address", SHEET_ADDRESS],
    ["with white space around", ` ${SHEET_ADDRESS} `],
  ])("%s", async (_, url) => {
    const { html, styles } = await styledContent(CSS, P, { links: [{ relation: "stylesheet", url }] });
    expect(isApplied(html.text)).toBe(true);
    expect(styles).toEqual({ external: [], unreadable: [], leftOut: [], isCut: false });
  });

  test("a relative one counts from where the document's entries come from", async () => {
    const { html } = await styledContent(CSS, P, { links: [{ relation: "stylesheet", url: "Binary/sheet" }] });
    expect(html.text).toContain('style="font-weight: bold"');
  });

  test("one that leads to several, to nothing, or to what is no stylesheet is named", async () => {
    for (const url of ["#sheet", "#none", "Binary/none", "urn:uuid:patient", "urn:uuid:none", "style.css"]) {
      const { html, styles } = await styledContent(CSS, P, { links: [{ relation: "stylesheet", url }] });
      expect([url, html.text.includes("style="), styles.unreadable]).toEqual([url, false, [url]]);
    }
    expect((await styledContent(CSS, P, { contentType: "text/html" })).styles.unreadable).toEqual([SHEET_ADDRESS]);
    expect((await styledContent(CSS, P, { contentType: "text/css; charset=nonsense" })).styles.unreadable).toEqual([SHEET_ADDRESS]);
  });

  test("one that lies elsewhere is named and not fetched", async () => {
    for (const url of [
      "https://evil.example/x.css",
      "http://127.0.0.1/x",
      "//evil.example/x",
      "data:text/css,p{color:red}",
      "javascript:alert(1)",
      "file:///etc/passwd",
    ]) {
      const { html, styles } = await styledContent(CSS, P, { links: [{ relation: "stylesheet", url }] });
      expect([url, html.text.includes("style="), styles.external]).toEqual([url, false, [url]]);
    }
  });

  test("several are applied in order, other links not at all", async () => {
    const links = [
      { relation: "self", url: "https://sender.example/fhir/Bundle/1" },
      { relation: "stylesheet", url: "Binary/sheet" },
      { relation: "stylesheet", url: SHEET_ADDRESS },
      { relation: "stylesheet", url: SHEET_ADDRESS },
    ];
    const { html, styles } = await styledContent("p { font-weight: normal }", P, { links });
    expect(html.text).toContain('style="font-weight: normal"');
    expect(styles.unreadable).toEqual([]);
  });

  test("in the characters that it says it is written in", async () => {
    const css = new Uint8Array([...Buffer.from(".gr"), 0xf6, ...Buffer.from("n { font-style: italic }")]);
    const { html } = await styledContent(css, '<p class="grön">word</p>', { contentType: "text/css; charset=iso-8859-1" });
    expect(isApplied(html.text)).toBe(true);
  });
});
