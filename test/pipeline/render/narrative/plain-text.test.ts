import { describe, expect, test } from "@jest/globals";
import { readXhtml } from "../../../../src/core/fhir/xml/xhtml.ts";
import { plainText } from "../../../../src/pipeline/render/narrative/plain-text.ts";

function textOf(content: string): string {
  const { root } = readXhtml(`<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`);
  return root ? plainText(root) : "";
}

describe("plainText", () => {
  test("keeps blocks, lines and cells apart", () => {
    expect(textOf("<p>a<b>b</b></p><p>c<br/>d</p><ul><li>e</li><li>f</li></ul>")).toBe("ab\n\nc\nd\n\ne\n\nf");
    expect(textOf("<table><tr><th>x</th> <td>1 | 2</td></tr><tr><td>y</td></tr></table>")).toBe("x | 1 | 2\n\ny");
  });

  test("loses no word, whatever stands around it", () => {
    expect(textOf('<script>alert(1)</script><form><input/>a</form><img alt="ECG"/><object>b</object>')).toBe(
      "alert(1)\n\na\n [ECG] b".replace("\n ", "\n"),
    );
  });
});
