import { describe, expect, test } from "@jest/globals";
import { html, trusted } from "../../../src/pipeline/render/html.ts";

describe("html", () => {
  test("escapes text and attribute values", () => {
    const text = `<b onclick="x">'&`;
    expect(html`<p title="${text}">${text}</p>`.text).toBe(
      '<p title="&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;">&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;</p>',
    );
  });

  test("takes templates, lists and numbers as they are, and nothing for what is absent", () => {
    const absent: string | undefined = undefined;
    expect(html`<p>${html`<b>${1}</b>`}${["<", trusted("<i></i>")]}${absent}${null}${false}</p>`.text).toBe("<p><b>1</b>&lt;<i></i></p>");
  });

  test("keeps characters that HTML's parser would drop or change", () => {
    expect(html`${"a\rb\0"}`.text).toBe("a&#13;b\uFFFD");
  });
});
